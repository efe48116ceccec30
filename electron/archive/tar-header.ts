/** Headers of tar: POSIX.1-2017 "pax" (ustar with extended headers), and GNU's base-256 numbers. */
import { invalid } from './error'

export const blockBytes = 512

export interface TarHeader {
  name: string
  /** Bytes of content. */
  size: number
  /** The type flag; `0` for the old NUL. */
  type: string
  link: string
}

const text = (field: Buffer): string => {
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? field.length : end)
}

/** A number field: octal digits, or base 256 when its first bit is set. Whole and not below 0, else ARCHIVE_INVALID. */
export function tarNumber(field: Buffer): number {
  const first = field[0] ?? 0
  if (first & 0x80) {
    if (first & 0x40) throw invalid('a negative number in a tar header')
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, first & 0x3f)
    if (!Number.isSafeInteger(value)) throw invalid('a number in a tar header that is too large')
    return value
  }
  const digits = text(field).trim()
  if (!/^[0-7]*$/.test(digits)) throw invalid('a number in a tar header that is none')
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

/** Whether a block's checksum is right; the sum of signed bytes counts too, as old writers made it. */
export function hasTarChecksum(block: Buffer): boolean {
  if (block.length !== blockBytes) return false
  const digits = text(block.subarray(148, 156)).trim()
  if (!/^[0-7]+$/.test(digits)) return false
  let unsigned = 8 * 0x20
  let signed = unsigned
  for (let at = 0; at < blockBytes; at += 1) {
    if (at >= 148 && at < 156) continue
    const byte = block[at] ?? 0
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  const sum = Number.parseInt(digits, 8)
  return sum === unsigned || sum === signed
}

/** Reads a header block; null for a block of zeros, which ends a tar. ARCHIVE_INVALID when it is no header. */
export function parseTarHeader(block: Buffer): TarHeader | null {
  if (block.every((byte) => byte === 0)) return null
  if (!hasTarChecksum(block)) throw invalid('a tar header with a wrong checksum')
  const type = String.fromCharCode(block[156] || 0x30)
  const name = text(block.subarray(0, 100))
  // GNU's own format ("ustar  ") keeps times where POSIX has the prefix.
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = isPosix ? text(block.subarray(345, 500)) : ''
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: tarNumber(block.subarray(124, 136)),
    type,
    link: text(block.subarray(157, 257)),
  }
}

/** The records `LENGTH KEY=VALUE\n` of a pax extended header; the last of a key counts. ARCHIVE_INVALID when broken. */
export function parsePax(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at)
    const digits = space < 0 ? '' : bytes.toString('latin1', at, Math.min(space, at + 12))
    const length = /^[0-9]{1,10}$/.test(digits) ? Number(digits) : 0
    const end = at + length
    const equals = bytes.indexOf(0x3d, space)
    const isWhole =
      length > 0 && end <= bytes.length && equals > space && equals < end && bytes[end - 1] === 0x0a
    if (!isWhole) throw invalid('a broken pax header')
    records.set(bytes.toString('utf8', space + 1, equals), bytes.toString('utf8', equals + 1, end - 1))
    at = end
  }
  return records
}
