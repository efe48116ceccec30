import type { ArchiveListing } from '@shared/archive'
import { formatPlatform } from '@shared/oci'
import type { Archive, ArchiveImage, ArchiveLayer, ArchiveRoot } from '../archive/archive'

/** What pins an image: the digest of its root, or of its config where its manifest is only made when it is sent. */
export const digestOfImage = ({ root }: ArchiveImage): string =>
  root.kind === 'docker-image' ? root.config.descriptor.digest : root.descriptor.digest

/** What tells a layer from others: its blob's digest, or that of its content. */
export const keyOfLayer = ({ descriptor, diffId }: ArchiveLayer): string => descriptor?.digest ?? diffId ?? ''

/** Every layer below a root, each once. */
export function layersOf(
  root: ArchiveRoot,
  found = new Map<string, ArchiveLayer>(),
): Map<string, ArchiveLayer> {
  if (root.kind === 'index') for (const child of root.children) layersOf(child, found)
  else for (const layer of root.layers) found.set(keyOfLayer(layer), layer)
  return found
}

/** An archive as the window shows it. */
export function listingOf(path: string, { kind, size, images }: Archive): ArchiveListing {
  return {
    path,
    kind,
    size,
    images: images.map((image, index) => ({
      image: index,
      references: image.references,
      digest: digestOfImage(image),
      platforms: [...new Set(image.platforms.map(formatPlatform))],
      layers: layersOf(image.root).size,
      bytes: image.bytes,
    })),
  }
}
