/** CRC-32 (RFC 1952), and the joining of two pieces' sums by arithmetic over GF(2), as in zlib's crc32.c. */
import * as zlib from 'node:zlib'

const polynomial = 0xedb88320

/** Four tables in a row: the sum of each byte, then of each byte with one to three zeros behind it. */
const table = new Int32Array(4 * 256)
for (let entry = 0; entry < table.length; entry += 1) {
  let sum = entry < 256 ? entry : (table[entry - 256] ?? 0)
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1
  table[entry] = sum
}

/** Four bytes at a time, for a Node without zlib.crc32 (older than 20.15). */
export function crcByTable(bytes: Buffer): number {
  const whole = bytes.length - (bytes.length % 4)
  let sum = -1
  for (let at = 0; at < whole; at += 4) {
    // The indexes are below 1,024 by their masks: a check of each would take longer than all the rest.
    sum ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    sum =
      (table[768 | (sum & 0xff)] as number) ^
      (table[512 | ((sum >>> 8) & 0xff)] as number) ^
      (table[256 | ((sum >>> 16) & 0xff)] as number) ^
      (table[sum >>> 24] as number)
  }
  for (let at = whole; at < bytes.length; at += 1) {
    sum = (sum >>> 8) ^ (table[(sum ^ (bytes[at] as number)) & 0xff] as number)
  }
  return ~sum >>> 0
}

/** The CRC-32 of bytes. */
export const crcOf: (bytes: Buffer) => number = 'crc32' in zlib ? (bytes) => zlib.crc32(bytes) : crcByTable

/** a times b modulo the polynomial, bit-reversed. */
function multiply(a: number, b: number): number {
  let product = 0
  let factor = b
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= factor
    factor = factor & 1 ? (factor >>> 1) ^ polynomial : factor >>> 1
  }
  return product >>> 0
}

/** x to the power of 2^n, for n from 0 to 31; they repeat from there on. */
const powers: number[] = []
for (let power = 0x40000000; powers.length < 32; power = multiply(power, power)) powers.push(power)

/** The CRC-32 of `A` followed by `B`, of which `lengthB` bytes make `crcB`. */
export function joinCrc(crcA: number, crcB: number, lengthB: number): number {
  // x to the power of the number of bits in B.
  let shift = 0x80000000
  for (let length = lengthB, index = 3; length > 0; length = Math.floor(length / 2), index += 1) {
    if (length % 2 === 1) shift = multiply(powers[index % 32] ?? 0, shift)
  }
  return (multiply(shift, crcA) ^ crcB) >>> 0
}
