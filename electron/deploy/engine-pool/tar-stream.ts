/** Tar members that are written as they come, for archives with short names. POSIX.1-2017, ustar. */

const block = 512

/** The header of a file of `size` bytes; `name` has at most 100 bytes. Sizes over 8 GiB are written as GNU tar does, in base 256. */
export function header(name: string, size: number): Buffer {
  const bytes = Buffer.alloc(block)
  const octal = (value: number, at: number, width: number): void => {
    bytes.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at)
  }
  bytes.write(name, 0, 100)
  octal(0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  if (size < 8 ** 11) octal(size, 124, 12)
  else {
    bytes.writeUInt8(0x80, 124)
    bytes.writeBigUInt64BE(BigInt(size), 128)
  }
  octal(0, 136, 12)
  bytes.write('0', 156)
  bytes.write('ustar\u000000', 257)
  bytes.fill(' ', 148, 156)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}

/** What follows a member of `size` bytes. */
export const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block)

/** The end of an archive. */
export const end = Buffer.alloc(2 * block)
