import { constants, deflateRaw } from 'node:zlib'
import type { BlockPool } from './block-pool'
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
 * block and level make the same bytes. They may lie in a buffer of the pool, where whoever takes them gives it back.
 */
export async function deflateBlock(raw: Buffer, level: number, blocks: BlockPool): Promise<DeflatedBlock> {
  const packed = await Promise.all(
    segmentsOf(raw).map(async ({ bytes, dense }) =>
      dense ? { bytes, dense } : { bytes: await deflated(bytes, level), dense },
    ),
  )
  const crc = crcOf(raw)
  const [first] = packed
  if (packed.length === 1 && first && !first.dense) return { bytes: first.bytes, crc, size: raw.length }
  const sizes = packed.map(({ bytes, dense }) => (dense ? storedSize(bytes.length) : bytes.length))
  const out = blocks.take(sizes.reduce((sum, size) => sum + size, 0))
  let at = 0
  for (const { bytes, dense } of packed) at = dense ? store(bytes, out, at) : at + bytes.copy(out, at)
  return { bytes: out, crc, size: raw.length }
}

function deflated(raw: Buffer, level: number): Promise<Buffer> {
  return new Promise((done, fail) => {
    deflateRaw(
      raw,
      {
        level,
        memLevel: 9,
        finishFlush: constants.Z_SYNC_FLUSH,
        // What is text or program comes out as less than that, by one way to the pool and back; all else takes two.
        chunkSize: (raw.length >> 1) + 8192,
      },
      (error, bytes) => (error ? fail(error) : done(bytes)),
    )
  })
}

const longestStored = 0xffff
const storedHeader = 5

const storedSize = (length: number): number => length + Math.ceil(length / longestStored) * storedHeader

/** RFC 1951, 3.2.4: a byte of flags (not the last, stored), the length, its complement, the bytes. Answers where it ends. */
function store(raw: Buffer, out: Buffer, from: number): number {
  let at = from
  for (let start = 0; start < raw.length; start += longestStored) {
    const length = Math.min(longestStored, raw.length - start)
    at = out.writeUInt8(0, at)
    at = out.writeUInt16LE(length, at)
    at = out.writeUInt16LE(length ^ 0xffff, at)
    at += raw.copy(out, at, start, start + length)
  }
  return at
}
