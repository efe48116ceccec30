import { toAppError } from '@shared/error'
import { type Descriptor, mediaTypes } from '@shared/oci'
import type { FetchedManifest, RegistryClient } from './client'
import { type ImageGraph, type ManifestSource, readGraph } from './image-graph'
import { inParallel } from './parallel'
import { referrersTag } from './referrers'

/** An image that is found by a tag. */
export interface TaggedGraph {
  graph: ImageGraph
  tag: string
}

/** Tags by which cosign attaches signatures, attestations and SBOMs where it does not use referrers. */
const suffixes = ['sig', 'att', 'sbom']

/** What cosign has attached to these manifests by tags. */
export async function readSignatures(
  source: ManifestSource,
  repository: string,
  digests: readonly string[],
  options: { signal: AbortSignal; concurrency: number },
): Promise<TaggedGraph[]> {
  const tags = digests.flatMap((digest) => suffixes.map((suffix) => `${referrersTag(digest)}.${suffix}`))
  const found = await inParallel(tags, options.concurrency, async (tag) => {
    const graph = await unlessAbsent(readGraph(source, repository, tag, options))
    return graph === null ? [] : [{ graph, tag }]
  })
  return found.flat()
}

/**
 * Lists a referrer under the tag of its subject, where the registry does not do so itself (distribution-spec 1.1, "Pushing
 * Manifests with Subject"). What is listed there already stays.
 */
export async function addReferrer(
  client: Pick<RegistryClient, 'fetchManifest' | 'putManifest'>,
  repository: string,
  referrer: FetchedManifest,
  options: { signal: AbortSignal },
): Promise<void> {
  const { content } = referrer
  const own = content.kind === 'index' ? content.index : content.manifest
  if (!own.subject) return
  const tag = referrersTag(own.subject.digest)
  const before = await unlessAbsent(client.fetchManifest(repository, tag, options))
  const listed = before?.content.kind === 'index' ? before.content.index.manifests : []
  if (listed.some(({ digest }) => digest === referrer.digest)) return
  const entry: Descriptor = {
    mediaType: referrer.mediaType,
    digest: referrer.digest,
    size: referrer.bytes.length,
    artifactType:
      own.artifactType ?? (content.kind === 'manifest' ? content.manifest.config.mediaType : undefined),
    annotations: own.annotations ?? undefined,
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [...listed, entry] }
  const bytes = Buffer.from(JSON.stringify(index))
  await client.putManifest(repository, tag, { mediaType: mediaTypes.ociIndex, bytes }, options)
}

async function unlessAbsent<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise
  } catch (thrown) {
    const { code } = toAppError(thrown)
    if (code === 'MANIFEST_UNKNOWN' || code === 'NAME_UNKNOWN') return null
    throw thrown
  }
}
