import { constants, createGzip } from 'node:zlib'
import { AppError } from '@shared/error'

export interface DeflatedBlock {
  /** Deflate blocks that end on a byte and do not end the stream. */
  bytes: Buffer
  crc: number
  /** Bytes before compression. */
  size: number
}

const headerBytes = 10
/** CRC-32 and size (RFC 1952), behind an empty last block: of fixed codes, or a stored one at level 0. */
const trailerBytes = 8
const lastBlocks = [Buffer.of(0x03, 0x00), Buffer.of(0x01, 0x00, 0x00, 0xff, 0xff)]

/**
 * Compresses one block by itself in the thread pool. It is made as a whole gzip member and taken out of that again, so that
 * the CRC comes from there too (zlib.crc32 is newer than our Node).
 */
export function deflateBlock(raw: Buffer, level: number): Promise<DeflatedBlock> {
  return new Promise((done, fail) => {
    const gzip = createGzip({
      level,
      memLevel: 9,
      // After the block, and before the end that takes its turn behind it.
      flush: constants.Z_SYNC_FLUSH,
      chunkSize: 256 * 1024,
    })
    const parts: Buffer[] = []
    gzip.on('data', (part: Buffer) => parts.push(part))
    gzip.on('error', fail)
    gzip.on('end', () => {
      try {
        done(takeOut(Buffer.concat(parts), raw.length))
      } catch (error) {
        fail(error as Error)
      }
    })
    gzip.write(raw)
    gzip.end()
  })
}

function takeOut(member: Buffer, size: number): DeflatedBlock {
  const trailer = member.length - trailerBytes
  const last = lastBlocks.find((block) => member.subarray(trailer - block.length, trailer).equals(block))
  const bytes = last ? member.subarray(headerBytes, trailer - last.length) : Buffer.alloc(0)
  const isFlushed = bytes.length >= 4 && bytes.readUInt32LE(bytes.length - 4) === 0xffff0000
  if (!isFlushed || member.readUInt32LE(trailer + 4) !== size)
    throw new AppError('INTERNAL', { side: 'archive' }, { detail: 'zlib did not flush as it has to' })
  return { bytes, crc: member.readUInt32LE(trailer), size }
}
