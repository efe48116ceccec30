import type { ErrorInfo } from '@shared/error'
import { useAppStore } from '../stores/app'

/** What looks like a credential in a far side's words is not copied on, wherever it came from. */
const secrets: [RegExp, string][] = [
  [/(authorization["']?\s*[:=]\s*["']?)[^\r\n"']+/gi, '$1[removed]'],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 [removed]'],
  [/((?:password|passwd|secret|token)["']?\s*[:=]\s*["']?)[^\s"',&}]+/gi, '$1[removed]'],
  [/(:\/\/)[^\s/@]+@/g, '$1[removed]@'],
]

/** The details of an error as text to read and to copy: code, context, the far side's words, versions; never a secret. */
export function useErrorDetails() {
  const app = useAppStore()

  function textOf({ code, context, detail }: ErrorInfo): string {
    const lines: string[] = [code]
    for (const [key, value] of Object.entries(context)) {
      if (value !== undefined) lines.push(`${key}: ${value}`)
    }
    if (detail) lines.push('', detail)
    const info = app.info
    if (info) lines.push('', `Slipway ${info.version}, Electron ${info.electron}, ${info.platform}`)
    return secrets.reduce((text, [pattern, words]) => text.replace(pattern, words), lines.join('\n'))
  }

  return { textOf }
}
