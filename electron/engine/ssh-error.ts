import { AppError, type ErrorCode } from '@shared/error'
import { fromText } from './error'

/** What OpenSSH says and what it means, the first match counts. It is never translated. */
const meanings: readonly (readonly [RegExp, ErrorCode])[] = [
  [/REMOTE HOST IDENTIFICATION HAS CHANGED|host key .*has changed|marked as revoked/i, 'SSH_HOST_CHANGED'],
  [/Host key verification failed|No .*host key is known/i, 'SSH_HOST_UNKNOWN'],
  [/Permission denied \(|Too many authentication failures|Authentication failed/i, 'SSH_DENIED'],
]

/** What the docker and podman programs on the far side say when their engine is not there for them. */
const farMeanings: readonly (readonly [RegExp, ErrorCode])[] = [
  [/dial .*permission denied|permission denied while trying to connect/i, 'ENGINE_DENIED'],
  [
    /dial .*(no such file|connection refused)|cannot connect to (the docker daemon|podman)|is the docker daemon running/i,
    'ENGINE_STOPPED',
  ],
]

/** How an ssh process ended; `text`: its stderr. */
export interface SshEnd {
  host: string
  exitCode: number | null
  text: string
}

/** Whether the far side has no such program: the shell's own exit code, or what Windows says. */
export const isProgramMissing = ({ exitCode, text }: SshEnd): boolean =>
  exitCode === 127 || /is not recognized as (an internal|the name)|command not found/i.test(text)

/** The way to the engine broke: SSH_HOST_UNKNOWN, SSH_HOST_CHANGED, SSH_DENIED, SSH_FAILED, or the engine's own trouble. */
export function toSshError(end: SshEnd): AppError {
  const detail = readable(end.text)
  const context = { side: 'engine' as const, host: end.host }
  // 255 is ssh's own; any other code is that of the program on the far side.
  const known = end.exitCode === 255 || end.exitCode === null ? meanings : farMeanings
  const code = known.find(([pattern]) => pattern.test(detail))?.[1]
  if (code) return new AppError(code, context, { detail })
  if (known === farMeanings && !isProgramMissing(end) && detail !== '') {
    const told = fromText(detail, null, context)
    if (told.code !== 'ENGINE_FAILED') return told
  }
  return new AppError('SSH_FAILED', context, { detail: detail || 'ssh ended without a word.' })
}

/** ssh or its shell could not be started here. */
export function toSpawnError(thrown: unknown, host: string): AppError {
  const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
  const detail = thrown instanceof Error ? thrown.message : String(thrown)
  return new AppError(missing ? 'SSH_MISSING' : 'SSH_FAILED', { side: 'engine', host }, { detail })
}

/** The far side's words without control characters, at most 4,000 of them: the last ones, where the reason stands. */
function readable(text: string): string {
  return text
    .replace(/\r/g, '')
    .replace(/[^\n\P{Cc}]/gu, '')
    .trim()
    .slice(-4000)
}
