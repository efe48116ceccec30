import { AppError, type ErrorContext } from '@shared/error'

const maximumDepth = 64
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Whether brackets nest deeper than any honest document; asked before parsing, which takes seconds for such a one. */
function isTooDeep(bytes: Buffer): boolean {
  let depth = 0
  let inText = false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (inText) {
      if (byte === 0x5c) at += 1
      else if (byte === 0x22) inText = false
    } else if (byte === 0x22) inText = true
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1
      if (depth > maximumDepth) return true
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1
  }
  return false
}

function hasPrototypeKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Object.prototype.hasOwnProperty.call(value, '__proto__')) return true
  return (Array.isArray(value) ? value : Object.values(value)).some(hasPrototypeKey)
}

/**
 * Parses hostile JSON: strict UTF-8, at most 64 levels, no `__proto__`. RESPONSE_INVALID otherwise; of a syntax error
 * only that it is one is told, since the text itself might be a token.
 */
export function parseJson(bytes: Buffer, context: ErrorContext): unknown {
  const invalid = (detail: string): AppError =>
    new AppError('RESPONSE_INVALID', { side: 'registry', ...context }, { detail })
  if (isTooDeep(bytes)) throw invalid('nested too deeply')
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    throw invalid('not UTF-8')
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid(text.trimStart().startsWith('<') ? 'a web page, not JSON' : 'broken JSON')
  }
  if (hasPrototypeKey(value)) throw invalid('a key __proto__')
  return value
}
