import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { ArchiveLayer } from '../archive/archive'
import { BlockPool } from '../archive/block-pool'
import { type CompressedLayer, compressLayer, compressorVersion, defaultLevel } from '../archive/compress'
import { streamOf } from '../archive/layer'
import type { BlobSource } from '../registry/client'
import type { SentBlob } from './upload-journal'

/** By what the digest of a compressed layer is remembered: the same content comes out as the same bytes under this name. */
export const compressorName = `gzip ${compressorVersion}/${defaultLevel}`

/** A layer's blob that is sent as it lies in the archive. */
export function plainSource(layer: ArchiveLayer, { digest, size }: SentBlob): BlobSource {
  return { digest, size, open: (from) => layer.open(from) }
}

/**
 * A layer's blob that is compressed while it is sent. To go on from a byte it is compressed from its beginning again, which
 * costs time and no network; its bytes are the same every time.
 */
export class CompressedSource implements BlobSource {
  private latest: CompressedLayer | null = null
  private blocks: BlockPool | null = null
  private taken = 0
  private given = 0

  constructor(
    private readonly layer: ArchiveLayer,
    /** What it came out as before; null where it is compressed for the first time. */
    private readonly known: SentBlob | null,
    private readonly signal: AbortSignal,
  ) {}

  get digest(): string | null {
    return this.known?.digest ?? null
  }

  get size(): number | null {
    return this.known?.size ?? null
  }

  /** Bytes that it is going to have, as far as it was compressed; of the uncompressed layer before that. */
  get expected(): number {
    if (this.known) return this.known.size
    const share = this.taken === 0 ? 1 : this.given / this.taken
    return Math.max(this.given, Math.round(this.layer.rawSize * share))
  }

  async open(from: number): Promise<Readable> {
    this.latest?.stream.destroy()
    this.taken = 0
    this.given = 0
    const blocks = new BlockPool()
    const raw = async (): Promise<Readable> => streamOf(this.counted(await this.layer.open(0, blocks)))
    const compressed = compressLayer(raw, { signal: this.signal, blocks })
    this.blocks = blocks
    this.latest = compressed
    return Promise.resolve(streamOf(this.from(compressed.stream, from)))
  }

  release(piece: Buffer): void {
    this.blocks?.give(piece)
  }

  async finished(): Promise<SentBlob> {
    if (!this.latest) throw new Error('not read yet')
    const { digest, size } = await this.latest.done
    return { digest, size }
  }

  private async *counted(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      this.taken += chunk.length
      yield chunk
    }
  }

  private async *from(source: AsyncIterable<Buffer>, start: number): AsyncGenerator<Buffer> {
    let at = 0
    for await (const chunk of source) {
      const rest = chunk.subarray(Math.max(0, start - at))
      at += chunk.length
      this.given = at
      if (rest.length > 0) yield rest
    }
  }
}

/** The digest of a layer's bytes as they lie in the archive; they are read once for it. */
export async function hashLayer(layer: ArchiveLayer, signal: AbortSignal): Promise<SentBlob> {
  const hash = createHash('sha256')
  let size = 0
  const stream = await layer.open()
  const stop = (): void => void stream.destroy()
  signal.addEventListener('abort', stop)
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      hash.update(chunk)
      size += chunk.length
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
  return { digest: `sha256:${hash.digest('hex')}`, size }
}
