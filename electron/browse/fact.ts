import {
  isAttestation,
  kindOfManifest,
  type Config,
  type Descriptor,
  type Index,
  type Manifest,
  type Platform,
} from '@shared/oci'
import type { ImageFact } from '../cache/content-table'
import { parseDate } from './date'
import { describe } from './description'
import { configPlatform } from './image-config'

/** An image's manifest with its config; the config is null for what is no image. */
export interface ReadImage {
  manifest: Manifest
  config: Config | null
}

const createdAnnotation = 'org.opencontainers.image.created'
const mostPlatforms = 100

/** Whether an index's entry is one platform's image; buildkit gives its attestations `unknown/unknown`. */
const isPlatform = (entry: Descriptor): boolean =>
  !isAttestation(entry) && entry.platform?.os !== 'unknown' && entry.platform?.architecture !== 'unknown'

/** The entry that stands for an index in a list: linux/amd64, else linux, else the first real platform; or null. */
export function representative(index: Index): Descriptor | null {
  const entries = index.manifests.filter(isPlatform)
  return (
    entries.find(({ platform }) => platform?.os === 'linux' && platform.architecture === 'amd64') ??
    entries.find(({ platform }) => platform?.os === 'linux') ??
    entries[0] ??
    null
  )
}

/** Compressed bytes of a manifest's config and layers. */
export function sizeOf(manifest: Manifest): number {
  const sum = manifest.layers.reduce((bytes, layer) => bytes + layer.size, manifest.config.size)
  return Math.min(sum, Number.MAX_SAFE_INTEGER)
}

function platformsOf(index: Index, image: ReadImage | null): Platform[] {
  const platforms = index.manifests.filter(isPlatform).flatMap(({ platform }) => (platform ? [platform] : []))
  const own = platforms.length === 0 && image?.config ? configPlatform(image.config) : null
  return own ? [own] : platforms.slice(0, mostPlatforms)
}

/** What a list tells of a manifest. */
export function factOfManifest({ manifest, config }: ReadImage): ImageFact {
  const platform = config && configPlatform(config)
  return {
    kind: kindOfManifest(manifest),
    created: parseDate(config?.created) ?? parseDate(manifest.annotations?.[createdAnnotation]),
    size: sizeOf(manifest),
    platforms: platform ? [platform] : [],
    description: describe(config?.config?.Labels, manifest.annotations),
  }
}

/** What a list tells of an index, with the image of its representative where it has one. */
export function factOfIndex(index: Index, image: ReadImage | null): ImageFact {
  const inner = image && factOfManifest(image)
  return {
    kind: 'index',
    created: inner?.created ?? parseDate(index.annotations?.[createdAnnotation]),
    size: inner?.size ?? null,
    platforms: platformsOf(index, image),
    description: describe(image?.config?.config?.Labels, image?.manifest.annotations, index.annotations),
  }
}
