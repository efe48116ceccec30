import { mediaTypes } from '@shared/oci'
import type { Compression } from './decompress'
import type { ArchiveDocument } from './image'
import { digestOf } from './verify'

export interface SentLayer {
  digest: string
  /** Bytes as sent. */
  size: number
  compression: Compression
}

const dockerLayer: Record<Exclude<Compression, 'zstd'>, string> = {
  gzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  none: 'application/vnd.docker.image.rootfs.diff.tar',
}
const ociLayer: Record<Compression, string> = {
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  none: 'application/vnd.oci.image.layer.v1.tar',
}

/**
 * The manifest of an image of a docker archive, once its layers' blobs are known; always the same bytes for the same blobs.
 * Docker's schema 2, which every registry takes; OCI's where a layer is zstd, which schema 2 has no name for.
 */
export function assembleManifest(
  { descriptor }: ArchiveDocument,
  layers: readonly SentLayer[],
): ArchiveDocument {
  const isOci = layers.some(({ compression }) => compression === 'zstd')
  const typeOf = ({ compression }: SentLayer): string =>
    isOci || compression === 'zstd' ? ociLayer[compression] : dockerLayer[compression]
  const mediaType = isOci ? mediaTypes.ociManifest : mediaTypes.dockerManifest
  const config = {
    mediaType: isOci ? mediaTypes.ociConfig : mediaTypes.dockerConfig,
    size: descriptor.size,
    digest: descriptor.digest,
  }
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config,
    layers: layers.map((layer) => ({ mediaType: typeOf(layer), size: layer.size, digest: layer.digest })),
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes }
}
