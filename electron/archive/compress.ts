import { createHash } from 'node:crypto'
import { cpus } from 'node:os'
import type { Readable } from 'node:stream'
import { AppError } from '@shared/error'
import { BlockPool } from './block-pool'
import { joinCrc } from './crc'
import { deflateBlock, type DeflatedBlock } from './deflate-block'
import { checkSignal } from './error'
import { chunkBytes } from './file'
import { streamOf } from './layer'

export interface CompressOptions {
  signal?: AbortSignal
  /** 1 to 6; a layer that was begun with one has to go on with it. */
  level?: number
  /** Where the source's blocks come from, given back here, and where the gzip bytes go, for the reader to give back. */
  blocks?: BlockPool
}

export interface CompressedSummary {
  digest: string
  /** Bytes as sent. */
  size: number
  /** Bytes before compression. */
  rawSize: number
}

export interface CompressedLayer {
  /** The gzip bytes. */
  stream: Readable
  /** Settles when the stream has closed: fails with its error, and with CANCELLED when it was left early. */
  done: Promise<CompressedSummary>
}

/**
 * Measured on a root file system, a core: level 1 packs 100 MB/s to 0.388, level 3 80 MB/s to 0.375, level 6 40 MB/s to 0.357.
 * Level 6 is worth its time only where the network takes less than some 10 MB/s, and then wins a twelfth.
 */
export const defaultLevel = 1

/**
 * Changes whenever the same layer may come out as other bytes: an upload that was begun under another one is begun anew.
 */
export const compressorVersion = `3/zlib-${process.versions.zlib}`

const blockBytes = chunkBytes
/** Not compressed, a time of 0, an unknown system: nothing in it tells when or where it was made (RFC 1952, 2.3). */
const gzipHeader = Buffer.of(0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff)

/**
 * Compresses a raw layer to one gzip member. Blocks of 1 MiB are deflated apart, on all cores at once (zlib in the thread
 * pool), and joined; the bytes depend on nothing but the content and the level, so that an upload can go on after a restart.
 * Holds a few blocks at a time. The source's errors come out of the stream.
 */
export function compressLayer(
  source: () => Promise<Readable>,
  options: CompressOptions = {},
): CompressedLayer {
  const summary: { value: CompressedSummary | null } = { value: null }
  const stream = streamOf(compress(source, options, (value) => (summary.value = value)))
  const done = new Promise<CompressedSummary>((resolve, reject) => {
    stream.once('close', () => {
      if (summary.value !== null && stream.readableEnded) resolve(summary.value)
      else reject(stream.errored ?? new AppError('CANCELLED', { side: 'archive' }))
    })
  })
  // Who only reads the stream gets its error there.
  done.catch(() => {})
  return { stream, done }
}

async function* compress(
  source: () => Promise<Readable>,
  { signal, level = defaultLevel, blocks = new BlockPool() }: CompressOptions,
  onEnd: (summary: CompressedSummary) => void,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let size = 0
  let rawSize = 0
  let crc = 0
  const counted = (bytes: Buffer): Buffer => {
    hash.update(bytes)
    size += bytes.length
    return bytes
  }
  yield counted(gzipHeader)
  for await (const block of deflated(blocksOf(await source()), level, blocks, signal)) {
    crc = joinCrc(crc, block.crc, block.size)
    rawSize += block.size
    yield counted(block.bytes)
  }
  const trailer = Buffer.alloc(10)
  trailer[0] = 0x03 // An empty last block.
  trailer.writeUInt32LE(crc, 2)
  trailer.writeUInt32LE(rawSize % 2 ** 32, 6)
  yield counted(trailer)
  onEnd({ digest: `sha256:${hash.digest('hex')}`, size, rawSize })
}

/** The blocks in order, several of them in work; one more than cores, so that none waits for the reader. */
async function* deflated(
  source: AsyncIterable<Buffer>,
  level: number,
  blocks: BlockPool,
  signal?: AbortSignal,
): AsyncGenerator<DeflatedBlock> {
  const lanes = Math.min(cpus().length, 8) + 1
  const queue: Promise<DeflatedBlock>[] = []
  for await (const block of source) {
    checkSignal(signal)
    const work = deflateBlock(block, level, blocks).finally(() => blocks.give(block))
    work.catch(() => {}) // It is awaited in its turn, if that comes.
    queue.push(work)
    const first = queue.length >= lanes ? queue.shift() : undefined
    if (first) yield await first
  }
  for (const work of queue) {
    checkSignal(signal)
    yield await work
  }
}

/** Blocks of exactly 1 MiB (the last is shorter), whatever pieces they come in. */
async function* blocksOf(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = []
  let length = 0
  for await (let chunk of source) {
    while (chunk.length > 0) {
      const part = chunk.subarray(0, blockBytes - length)
      chunk = chunk.subarray(part.length)
      parts.push(part)
      length += part.length
      if (length < blockBytes) break
      yield parts.length === 1 ? part : Buffer.concat(parts)
      parts = []
      length = 0
    }
  }
  if (length > 0) yield Buffer.concat(parts)
}
