import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AppError } from '@shared/error'
import { invalid } from './error'
import { unzstd } from './zstd'

export type Compression = 'none' | 'gzip' | 'zstd'

/** How content is compressed, by its first bytes; null for forms that are not read here (xz, bzip2). */
export function compressionOf(start: Buffer): Compression | null {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip'
  const four = start.length >= 4 ? start.readUInt32LE() : 0
  if (four === 0xfd2fb528 || four >>> 4 === 0x184d2a5) return 'zstd'
  if (start.toString('latin1', 0, 6) === '\xfd7zXZ\0' || start.toString('latin1', 0, 3) === 'BZh') return null
  return 'none'
}

/** Images are not all zeros: beyond the first GiB a whole archive that unpacks 200-fold is a bomb. */
const freeBytes = 1024 ** 3
const largestRatio = 200

/** Decompresses as a stream. ARCHIVE_INVALID for what is broken, cut short, or unpacks beyond reason. */
export async function* decompress(
  source: AsyncIterable<Buffer>,
  compression: Compression,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  if (compression === 'none') return yield* source
  let taken = 0
  let given = 0
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      taken += chunk.length
      yield chunk
    }
  }
  for await (const chunk of compression === 'gzip' ? gunzip(counted()) : unzstd(counted(), signal)) {
    given += chunk.length
    if (given > freeBytes && given > taken * largestRatio)
      throw invalid('unpacks to far more than an image has')
    yield chunk
  }
}

async function* gunzip(source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 })
  // What goes wrong on either side comes out below, where it is read.
  pipeline(Readable.from(source), gunzip, () => {})
  try {
    for await (const chunk of gunzip) yield chunk as Buffer
  } catch (error) {
    if (error instanceof AppError) throw error
    throw invalid(error instanceof Error ? `broken (gzip): ${error.message}` : 'broken (gzip)', {}, error)
  }
}
