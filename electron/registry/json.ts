import { AppError, type ErrorContext } from '@shared/error'

const maximumDepth = 64
/** Lists and objects, and values in them: a long list of names stays far below, and 32 MB of `{},` would fill the memory. */
const most = { containers: 200_000, values: 1_000_000 } as const
/** A byte order mark is left where it is, and so no JSON: RFC 8259, 8.1, and what was stored is read again without this. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Why it is no honest document: asked before parsing, which takes seconds and hundreds of megabytes for such a one. */
function excessOf(bytes: Buffer): string | null {
  let depth = 0
  let containers = 0
  let values = 0
  let inText = false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (inText) {
      if (byte === 0x5c) at += 1
      else if (byte === 0x22) inText = false
    } else if (byte === 0x22) inText = true
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1
      containers += 1
      if (depth > maximumDepth) return 'nested too deeply'
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1
    else if (byte === 0x2c) values += 1
  }
  return containers > most.containers || values > most.values ? 'too many values' : null
}

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
