import type { ImageKey, ImageSnapshot, ImageVariant } from '@shared/browse'
import type { ErrorInfo } from '@shared/error'
import { isDigest } from '@shared/reference'
import type { Descriptor, Index } from '@shared/oci'
import type { Cache } from '../cache/cache'
import type { StoredManifest } from '../cache/content-table'
import { boundedRecord } from './image-config'
import { parseContent } from './parse-stored'
import { ByteBudget, entryVariant, ownVariant } from './variants'

/** Entries of an index that are read and shown; real ones have some dozens. */
const mostVariants = 100

export const variantEntries = (index: Index): Descriptor[] => index.manifests.slice(0, mostVariants)

/** The digest that a reference stood for when the repository was last asked, and when that was. */
export function resolveCached(
  cache: Cache,
  { registryId, repository, reference }: ImageKey,
): { digest: string; fetchedAt: number | null } | null {
  if (isDigest(reference)) {
    if (!cache.content.isPlaced(registryId, repository, reference)) return null
    return { digest: reference, fetchedAt: null }
  }
  const tag = cache.tags.tag(registryId, repository, reference)
  return tag?.digest ? { digest: tag.digest, fetchedAt: tag.checkedAt } : null
}

/** Whether all was read that a variant can show, or is known not to be readable. */
const isWhole = (variant: ImageVariant): boolean =>
  variant.error !== null ||
  (variant.size !== null && (variant.kind !== 'image' || variant.image !== null)) ||
  variant.kind === 'index'

type Content = Omit<ImageSnapshot, 'source' | 'refreshing' | 'error' | 'revision'>

/** What the cache knows of a reference; `failed` holds why manifests or configs under it could not be read. */
export function imageContent(cache: Cache, key: ImageKey, failed: ReadonlyMap<string, ErrorInfo>): Content {
  const { registryId, repository, reference } = key
  const found = resolveCached(cache, key)
  const stored = found && cache.content.manifest(found.digest)
  const empty: Content = {
    registryId,
    repository,
    reference,
    digest: null,
    mediaType: null,
    kind: null,
    annotations: {},
    rawManifest: null,
    variants: [],
    fetchedAt: null,
    complete: false,
  }
  return stored
    ? { ...empty, ...shown(cache, stored, failed), fetchedAt: found.fetchedAt ?? stored.storedAt }
    : empty
}

function shown(
  cache: Cache,
  stored: StoredManifest,
  failed: ReadonlyMap<string, ErrorInfo>,
): Pick<Content, 'digest' | 'mediaType' | 'kind' | 'annotations' | 'rawManifest' | 'variants' | 'complete'> {
  const budget = new ByteBudget()
  const content = parseContent(stored)
  const error = (digest: string): ErrorInfo | null => failed.get(digest) ?? null
  const variants =
    content.kind === 'index'
      ? variantEntries(content.index).map((entry) => entryVariant(cache, entry, error(entry.digest), budget))
      : [ownVariant(cache, stored, content.manifest, error(stored.digest), budget)]
  return {
    digest: stored.digest,
    mediaType: stored.mediaType,
    kind: stored.kind,
    annotations: boundedRecord((content.kind === 'index' ? content.index : content.manifest).annotations),
    rawManifest: stored.bytes.toString('utf8'),
    variants,
    complete: variants.every(isWhole),
  }
}
