import { kindOfManifest, type Config, type Descriptor, type Manifest, type ManifestKind } from '@shared/oci'
import { factOfIndex, factOfManifest, representative, type ReadImage } from './fact'
import type { ImageFact } from '../cache/content-table'
import { diffIdLayers } from './layers'
import { parseConfig, parseContent, type Content } from './parse-stored'
import { once, type ReadOptions, type Source } from './source'

export interface ReadManifest {
  digest: string
  mediaType: string
  content: Content
}

export const kindOfContent = (content: Content): ManifestKind =>
  content.kind === 'index' ? 'index' : kindOfManifest(content.manifest)

/** Fetches what a tag or digest names and keeps it. */
export async function fetchContent(
  source: Source,
  reference: string,
  options: ReadOptions,
): Promise<ReadManifest> {
  const fetched = await source.client.fetchManifest(source.repository, reference, options)
  options.signal.throwIfAborted()
  const { digest, mediaType, bytes, content } = fetched
  source.cache.transaction(() => {
    const kind = kindOfContent(content)
    source.cache.content.addManifest({ digest, mediaType, kind, bytes, storedAt: source.now() })
    source.cache.content.place(source.registryId, source.repository, digest)
  })
  return { digest, mediaType, content }
}

/** A manifest by digest: never fetched twice. */
export async function readContent(
  source: Source,
  digest: string,
  options: ReadOptions,
): Promise<ReadManifest> {
  const stored = source.cache.content.manifest(digest)
  if (!stored) return once(source, `manifest ${digest}`, () => fetchContent(source, digest, options))
  source.cache.content.place(source.registryId, source.repository, digest)
  return { digest, mediaType: stored.mediaType, content: parseContent(stored) }
}

/** A config by digest: never fetched twice. */
export async function readConfig(
  source: Source,
  descriptor: Descriptor,
  options: ReadOptions,
): Promise<Config> {
  const { cache, registryId, repository } = source
  const stored = cache.content.config(descriptor.digest)
  if (stored) {
    cache.content.place(registryId, repository, descriptor.digest)
    return parseConfig(descriptor.digest, stored)
  }
  return once(source, `config ${descriptor.digest}`, async () => {
    const { bytes, config } = await source.client.fetchConfig(repository, descriptor, options)
    options.signal.throwIfAborted()
    cache.transaction(() => {
      cache.content.addConfig(descriptor.digest, bytes)
      cache.content.place(registryId, repository, descriptor.digest)
    })
    return config
  })
}

/** An image's config beside its manifest, its layers noted; what is no image has no config to read. */
export async function readImage(
  source: Source,
  manifest: Manifest,
  options: ReadOptions,
): Promise<ReadImage> {
  if (kindOfManifest(manifest) !== 'image') return { manifest, config: null }
  const config = await readConfig(source, manifest.config, options)
  source.cache.content.addLayers(source.registryId, source.repository, diffIdLayers(manifest, config))
  return { manifest, config }
}

/** Reads what a list tells of a manifest, or of an index through its representative, and keeps it. */
export async function readFact(source: Source, top: ReadManifest, options: ReadOptions): Promise<ImageFact> {
  const fact =
    top.content.kind === 'manifest'
      ? factOfManifest(await readImage(source, top.content.manifest, options))
      : factOfIndex(top.content.index, await readRepresentative(source, top.content, options))
  options.signal.throwIfAborted()
  source.cache.content.addFact(top.digest, fact)
  return fact
}

async function readRepresentative(
  source: Source,
  content: Extract<Content, { kind: 'index' }>,
  options: ReadOptions,
): Promise<ReadImage | null> {
  const entry = representative(content.index)
  if (!entry) return null
  const child = await readContent(source, entry.digest, options)
  // An index inside an index: shown as what it is, not followed.
  return child.content.kind === 'manifest' ? readImage(source, child.content.manifest, options) : null
}
