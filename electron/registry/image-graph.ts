import { AppError } from '@shared/error'
import { type Descriptor, isIndexMediaType, manifestMediaTypes } from '@shared/oci'
import type { FetchedManifest, RequestOptions } from './client'
import { inParallel } from './parallel'

/** Where manifests come from. */
export interface ManifestSource {
  fetchManifest(repository: string, reference: string, options?: RequestOptions): Promise<FetchedManifest>
  listReferrers(repository: string, digest: string, options?: RequestOptions): Promise<Descriptor[]>
}

/** A manifest with what has to be there before it: its children, and the blobs that it names itself. */
export interface GraphNode {
  manifest: FetchedManifest
  children: string[]
  blobs: Descriptor[]
}

/** By digest. `levels`: manifests that need one another are in different ones, those to be put first come first. */
export interface ImageGraph {
  root: string
  nodes: Map<string, GraphNode>
  levels: string[][]
}

/** More than any honest image has. */
const mostManifests = 2000
const deepest = 8
/** All manifests together, bytes: they stay in memory until they are put. */
const mostBytes = 32 * 1024 * 1024

/** Layers that may not be handed on and lie elsewhere: their `urls` are never fetched (OCI image-spec, "Non-Distributable"). */
const isForeign = ({ mediaType, urls }: Descriptor): boolean =>
  (urls?.length ?? 0) > 0 && /nondistributable|foreign/.test(mediaType)

/**
 * Reads a manifest and all below it. RESPONSE_TOO_LARGE where that does not end; what `fetchManifest` rejects with otherwise.
 */
export async function readGraph(
  source: ManifestSource,
  repository: string,
  reference: string,
  { signal, concurrency }: { signal: AbortSignal; concurrency: number },
): Promise<ImageGraph> {
  const nodes = new Map<string, GraphNode>()
  const root = await source.fetchManifest(repository, reference, { signal })
  let level = [root]
  let bytes = 0
  for (let depth = 1; level.length > 0; depth += 1) {
    for (const manifest of level) nodes.set(manifest.digest, nodeOf(manifest))
    const below = new Set(level.flatMap(({ digest }) => nodes.get(digest)?.children ?? []))
    const fresh = [...below].filter((digest) => !nodes.has(digest))
    const tooLarge = (): AppError =>
      new AppError('RESPONSE_TOO_LARGE', { side: 'registry', repository, digest: root.digest })
    if (depth > deepest || nodes.size + fresh.length > mostManifests) throw tooLarge()
    level = await inParallel(fresh, concurrency, async (digest) => {
      const manifest = await source.fetchManifest(repository, digest, { signal })
      bytes += manifest.bytes.length
      if (bytes > mostBytes) throw tooLarge()
      return manifest
    })
  }
  checkSizes(nodes, repository)
  return { root: root.digest, nodes, levels: levelsOf(nodes) }
}

/** SIZE_MISMATCH where an index says another size of a manifest than it has. */
function checkSizes(nodes: ReadonlyMap<string, GraphNode>, repository: string): void {
  for (const { manifest } of nodes.values()) {
    if (manifest.content.kind === 'manifest') continue
    for (const { digest, size } of manifest.content.index.manifests) {
      const actual = nodes.get(digest)?.manifest.bytes.length
      if (actual === undefined || actual === size) continue
      const detail = `${actual} bytes instead of ${size}`
      throw new AppError('SIZE_MISMATCH', { side: 'registry', repository, digest }, { detail })
    }
  }
}

function nodeOf(manifest: FetchedManifest): GraphNode {
  const { content } = manifest
  if (content.kind === 'manifest') {
    const { config, layers } = content.manifest
    return { manifest, children: [], blobs: [config, ...layers].filter((blob) => !isForeign(blob)) }
  }
  const isManifest = ({ mediaType }: Descriptor): boolean =>
    isIndexMediaType(mediaType) || manifestMediaTypes.includes(mediaType)
  const [children, blobs] = [content.index.manifests.filter(isManifest), content.index.manifests]
  return {
    manifest,
    children: children.map(({ digest }) => digest),
    blobs: blobs.filter((each) => !isManifest(each)),
  }
}

/** By height above those that have no children, so that every manifest comes after all that it names. */
function levelsOf(nodes: Map<string, GraphNode>): string[][] {
  const height = new Map<string, number>()
  const heightOf = (digest: string): number => {
    const known = height.get(digest)
    if (known !== undefined) return known
    height.set(digest, 0)
    const below = (nodes.get(digest)?.children ?? []).map(heightOf)
    const own = below.length === 0 ? 0 : Math.max(...below) + 1
    height.set(digest, own)
    return own
  }
  const sorted: string[][] = []
  for (const digest of nodes.keys()) (sorted[heightOf(digest)] ??= []).push(digest)
  return sorted
}

/** What refers to any of these manifests, what refers to that, and so on; without those that are among them already. */
export async function readReferrers(
  source: ManifestSource,
  repository: string,
  digests: readonly string[],
  options: { signal: AbortSignal; concurrency: number },
): Promise<ImageGraph[]> {
  const { signal, concurrency } = options
  const known = new Set(digests)
  const graphs: ImageGraph[] = []
  let subjects = [...digests]
  for (let depth = 0; subjects.length > 0 && depth < deepest; depth += 1) {
    const lists = await inParallel(subjects, concurrency, (digest) =>
      source.listReferrers(repository, digest, { signal }),
    )
    const fresh = [...new Set(lists.flat().map(({ digest }) => digest))].filter(
      (digest) => !known.has(digest),
    )
    for (const digest of fresh) known.add(digest)
    if (known.size > mostManifests) throw new AppError('RESPONSE_TOO_LARGE', { side: 'registry', repository })
    graphs.push(
      ...(await inParallel(fresh, concurrency, (digest) => readGraph(source, repository, digest, options))),
    )
    subjects = fresh
  }
  return graphs
}
