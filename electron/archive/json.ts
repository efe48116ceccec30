import { isUtf8 } from 'node:buffer'
import { excessOf } from '@shared/json-excess'
import { invalid, quote } from './error'

/** Parses a document of an archive: strict UTF-8, at most 64 levels and a million values, no key `__proto__`; ARCHIVE_INVALID otherwise. */
export function parseDocument(bytes: Buffer, name: string): unknown {
  const broken = (why: string): Error => invalid(`${quote(name)}: ${why}`)
  if (!isUtf8(bytes)) throw broken('not UTF-8')
  const excess = excessOf(bytes)
  if (excess !== null) throw broken(excess)
  try {
    return JSON.parse(bytes.toString(), (key, value: unknown) => {
      if (key === '__proto__') throw broken('a key __proto__')
      return value
    }) as unknown
  } catch (error) {
    throw error instanceof SyntaxError ? broken('broken JSON') : error
  }
}
