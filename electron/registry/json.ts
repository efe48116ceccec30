import { AppError, type ErrorContext } from '@shared/error'
import { excessOf } from '@shared/json-excess'

/** A byte order mark is left where it is, and so no JSON: RFC 8259, 8.1, and what was stored is read again without this. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function hasPrototypeKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Object.prototype.hasOwnProperty.call(value, '__proto__')) return true
  return (Array.isArray(value) ? value : Object.values(value)).some(hasPrototypeKey)
}

/**
 * Parses hostile JSON: strict UTF-8, at most 64 levels and a million values, no `__proto__`. RESPONSE_INVALID otherwise; of a syntax error
 * only that it is one is told, since the text itself might be a token.
 */
export function parseJson(bytes: Buffer, context: ErrorContext): unknown {
  const invalid = (detail: string): AppError =>
    new AppError('RESPONSE_INVALID', { side: 'registry', ...context }, { detail })
  const excess = excessOf(bytes)
  if (excess !== null) throw invalid(excess)
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
