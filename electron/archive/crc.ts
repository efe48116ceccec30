/** CRC-32 (RFC 1952), and the joining of two pieces' sums by arithmetic over GF(2), as in zlib's crc32.c. */
import * as zlib from 'node:zlib'

const polynomial = 0xedb88320

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1
  return sum
})

/** Byte by byte: for a Node without zlib.crc32 (older than 20.15). */
export function crcByTable(bytes: Uint8Array): number {
  let sum = 0xffffffff
  for (const byte of bytes) sum = (sum >>> 8) ^ (table[(sum ^ byte) & 0xff] ?? 0)
  return ~sum >>> 0
}

/** The CRC-32 of bytes. */
export const crcOf: (bytes: Uint8Array) => number =
  'crc32' in zlib ? (bytes) => zlib.crc32(bytes) : crcByTable

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
