/** CRC-32 of two pieces put together, from those of each: arithmetic of polynomials over GF(2), as in zlib's crc32.c. */

const polynomial = 0xedb88320

/** a times b modulo the polynomial; bit-reversed, `a` is not 0. */
function multiply(a: number, b: number): number {
  let product = 0
  let factor = b
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= factor
    factor = factor & 1 ? (factor >>> 1) ^ polynomial : factor >>> 1
  }
  return product >>> 0
}

/** x to the power of 2^n, for n from 0 to 31; the powers repeat from there on. */
const powers = Array.from({ length: 32 }, () => 0)
powers.reduce((power, _, index) => {
  powers[index] = power
  return multiply(power, power)
}, 0x40000000)

/** CRC-32 of `A` followed by `B`, of which `lengthB` bytes make `crcB`. */
export function joinCrc(crcA: number, crcB: number, lengthB: number): number {
  // x to the power of the number of bits in B.
  let shift = 0x80000000
  for (let length = lengthB, index = 3; length > 0; length = Math.floor(length / 2), index += 1) {
    if (length % 2 === 1) shift = multiply(powers[index % 32] ?? 0, shift)
  }
  return (multiply(shift, crcA) ^ crcB) >>> 0
}
