import { isUtf8 } from 'node:buffer'
import { invalid, quote } from './error'

const deepest = 64

/** Whether brackets nest deeper than in any honest document; asked before parsing. */
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
      if (depth > deepest) return true
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1
  }
  return false
}

/** Parses a document of an archive: strict UTF-8, at most 64 levels, no key `__proto__`; ARCHIVE_INVALID otherwise. */
export function parseDocument(bytes: Buffer, name: string): unknown {
  const broken = (why: string): Error => invalid(`${quote(name)}: ${why}`)
  if (!isUtf8(bytes)) throw broken('not UTF-8')
  if (isTooDeep(bytes)) throw broken('nested too deeply')
  try {
    return JSON.parse(bytes.toString(), (key, value: unknown) => {
      if (key === '__proto__') throw broken('a key __proto__')
      return value
    }) as unknown
  } catch (error) {
    throw error instanceof SyntaxError ? broken('broken JSON') : error
  }
}
