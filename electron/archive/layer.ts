import { Readable } from 'node:stream'
import type { Descriptor } from '@shared/oci'
import { invalid } from './error'
import type { ArchiveLayer } from './image'
import type { Members } from './members'
import { verified } from './verify'

/** A layer that lies in a member. `digest` is what its bytes are held against; null where nothing is known of them. */
export function memberLayer(
  members: Members,
  name: string,
  digest: string | null,
  layer: Omit<ArchiveLayer, 'open' | 'present'>,
): ArchiveLayer {
  return {
    ...layer,
    present: true,
    async open(from = 0, blocks) {
      if (from < 0 || from > layer.rawSize) throw invalid(`no byte ${from} in a layer of ${layer.rawSize}`)
      const chunks = members.chunks(name, from, blocks)
      const isWhole = from === 0 && digest !== null
      return streamOf(isWhole ? verified(chunks, { digest, size: layer.rawSize }) : chunks)
    },
  }
}

/** A foreign layer that is kept elsewhere. */
export function foreignLayer(descriptor: Descriptor, diffId: string | null): ArchiveLayer {
  return {
    descriptor,
    diffId,
    compression: 'none',
    rawSize: 0,
    present: false,
    open: () => Promise.reject(invalid('a layer that the archive leaves out', { digest: descriptor.digest })),
  }
}

/** A byte stream that reads one chunk ahead; chunks pass as they are, none is copied to be joined with the next. */
export const streamOf = (chunks: AsyncIterable<Buffer>): Readable =>
  Readable.from(chunks, { objectMode: true, highWaterMark: 1 })
