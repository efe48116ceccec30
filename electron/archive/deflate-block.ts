import { constants, deflateRaw } from 'node:zlib'
import { crcOf } from './crc'
import { segmentsOf } from './density'

export interface DeflatedBlock {
  /** Deflate blocks (RFC 1951) that end on a byte and do not end the stream. */
  bytes: Buffer
  crc: number
  /** Bytes before compression. */
  size: number
}

/**
 * Compresses one block by itself in the thread pool, at a level of 1 to 6; what of it would not shrink is stored. The same
 * block and level make the same bytes.
 */
export async function deflateBlock(raw: Buffer, level: number): Promise<DeflatedBlock> {
  const packed = segmentsOf(raw).map(({ bytes, dense }) => (dense ? stored(bytes) : deflated(bytes, level)))
  const [first, ...others] = await Promise.all(packed)
  const bytes = first && others.length === 0 ? first : Buffer.concat(first ? [first, ...others] : [])
  return { bytes, crc: crcOf(raw), size: raw.length }
}

function deflated(raw: Buffer, level: number): Promise<Buffer> {
  return new Promise((done, fail) => {
    deflateRaw(
      raw,
      {
        level,
        memLevel: 9,
        finishFlush: constants.Z_SYNC_FLUSH,
        // Room for all of it: one way to the pool and back, and nothing to put together.
        chunkSize: raw.length + (raw.length >> 10) + 1024,
      },
      (error, bytes) => (error ? fail(error) : done(bytes)),
    )
  })
}

const longestStored = 0xffff

/** RFC 1951, 3.2.4: a byte of flags (not the last, stored), the length, its complement, the bytes. */
function stored(raw: Buffer): Buffer {
  const count = Math.ceil(raw.length / longestStored)
  const out = Buffer.allocUnsafeSlow(raw.length + count * 5)
  let at = 0
  for (let start = 0; start < raw.length; start += longestStored) {
    const length = Math.min(longestStored, raw.length - start)
    at = out.writeUInt8(0, at)
    at = out.writeUInt16LE(length, at)
    at = out.writeUInt16LE(length ^ 0xffff, at)
    at += raw.copy(out, at, start, start + length)
  }
  return out
}
