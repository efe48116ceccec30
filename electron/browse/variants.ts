import type { ImageVariant } from '@shared/browse'
import { isAttestation, isIndexMediaType, kindOfManifest, type Descriptor, type Manifest } from '@shared/oci'
import { AppError, type ErrorInfo } from '@shared/error'
import type { Cache } from '../cache/cache'
import type { StoredManifest } from '../cache/content-table'
import { sizeOf } from './fact'
import { boundedText } from './hostile-text'
import { boundedRecord, configPlatform, imageDetail } from './image-config'
import { parseConfig, parseContent } from './parse-stored'

const mostContents = 1000
const titleAnnotation = 'org.opencontainers.image.title'

/**
 * Bytes of manifests and configs that one snapshot may still carry. Real ones have some kilobytes each; a hostile index
 * names a hundred of 4 MiB, which would hold up the program at each snapshot.
 */
export class ByteBudget {
  constructor(private left = 8 * 1024 * 1024) {}

  get spent(): boolean {
    return this.left <= 0
  }

  /** Whether there was still place for them; once there was none, there is none any more. */
  take(bytes: Buffer): boolean {
    this.left = bytes.length <= this.left ? this.left - bytes.length : 0
    return this.left > 0
  }
}

const tooLarge = (digest: string): ErrorInfo =>
  new AppError('RESPONSE_TOO_LARGE', { side: 'program', digest }).toInfo()

type Contents = ImageVariant['contents']

const contentsOf = (descriptors: readonly Descriptor[]): Contents =>
  descriptors.slice(0, mostContents).map(({ mediaType, digest, size, annotations }) => ({
    mediaType,
    digest,
    size,
    title: annotations?.[titleAnnotation] ? boundedText(annotations[titleAnnotation], 500) : null,
  }))

/** What is told of an index's entry before (or without) its manifest. */
function bareVariant(entry: Descriptor, error: ErrorInfo | null): ImageVariant {
  return {
    digest: entry.digest,
    mediaType: entry.mediaType,
    kind: isAttestation(entry) ? 'attestation' : isIndexMediaType(entry.mediaType) ? 'index' : 'unknown',
    artifactType: entry.artifactType ?? null,
    platform: entry.platform ?? null,
    size: null,
    annotations: boundedRecord(entry.annotations),
    contents: [],
    rawManifest: null,
    image: null,
    error,
  }
}

function imageVariant(
  cache: Cache,
  stored: StoredManifest,
  manifest: Manifest,
  entry: Descriptor | null,
  error: ErrorInfo | null,
  budget: ByteBudget,
): ImageVariant {
  const kind = entry && isAttestation(entry) ? 'attestation' : kindOfManifest(manifest)
  const bytes = kind === 'image' ? cache.content.config(manifest.config.digest) : null
  const isShown = bytes !== null && budget.take(bytes)
  const config = isShown ? parseConfig(manifest.config.digest, bytes) : null
  return {
    digest: stored.digest,
    mediaType: stored.mediaType,
    kind,
    // Without an artifact type the config's media type says what it is (image-spec, "Guidelines for Artifact Usage").
    artifactType: manifest.artifactType ?? (kind === 'artifact' ? manifest.config.mediaType : null),
    platform: entry?.platform ?? (config && configPlatform(config)),
    size: sizeOf(manifest),
    annotations: boundedRecord({ ...entry?.annotations, ...manifest.annotations }),
    contents: kind === 'image' ? [] : contentsOf(manifest.layers),
    rawManifest: stored.bytes.toString('utf8'),
    image: isShown && config ? imageDetail(manifest, config, bytes.toString('utf8')) : null,
    error: bytes && !isShown ? tooLarge(manifest.config.digest) : error,
  }
}

/** An index's entry as the cache knows it. */
export function entryVariant(
  cache: Cache,
  entry: Descriptor,
  error: ErrorInfo | null,
  budget: ByteBudget,
): ImageVariant {
  const stored = budget.spent ? null : cache.content.manifest(entry.digest)
  if (!stored) return bareVariant(entry, budget.spent ? tooLarge(entry.digest) : error)
  if (!budget.take(stored.bytes)) return bareVariant(entry, tooLarge(entry.digest))
  const content = parseContent(stored)
  if (content.kind === 'manifest') return imageVariant(cache, stored, content.manifest, entry, error, budget)
  return {
    ...bareVariant(entry, error),
    kind: 'index',
    contents: contentsOf(content.index.manifests),
    rawManifest: stored.bytes.toString('utf8'),
  }
}

/** The one variant of a reference that names a manifest itself. */
export const ownVariant = (
  cache: Cache,
  stored: StoredManifest,
  manifest: Manifest,
  error: ErrorInfo | null,
  budget: ByteBudget,
): ImageVariant => imageVariant(cache, stored, manifest, null, error, budget)
