import type { FetchedManifest } from '../registry/client'
import { readSignatures } from '../registry/referrers-copy'
import { describe } from './describe-image'
import type { Client } from './registry-access'

/** What would be copied. Sizes in bytes. */
export interface CopySource {
  digest: string
  platforms: string[]
  /** Layers (of all platforms), by digest. */
  layers: Map<string, number>
  /** Those that refer to it, and those that lie beside it under a tag of its digest as cosign's do. */
  referrers: number
}

const deepest = 8
const mostManifests = 1000

/** Reads what a reference names, with all below it and the number of its referrers. MANIFEST_UNKNOWN. */
export async function readCopySource(
  client: Client,
  repository: string,
  reference: string,
): Promise<CopySource> {
  const root = await client.fetchManifest(repository, reference)
  const manifests = new Map<string, FetchedManifest>([[root.digest, root]])
  await collect(client, repository, root, manifests, 1)
  const layers = new Map<string, number>()
  for (const { content } of manifests.values()) {
    if (content.kind === 'index') continue
    for (const { digest, size, urls } of content.manifest.layers) if (!urls?.length) layers.set(digest, size)
  }
  const digests = [...manifests.keys()]
  const options = { signal: new AbortController().signal, concurrency: 8 }
  const [listed, signatures] = await Promise.all([
    Promise.all(digests.map((digest) => client.listReferrers(repository, digest))),
    readSignatures(client, repository, digests, options),
  ])
  const referrers = new Set([
    ...listed.flat().map(({ digest }) => digest),
    ...signatures.map(({ graph }) => graph.root),
  ])
  const { platforms } = await describe(client, repository, root)
  return { digest: root.digest, platforms, layers, referrers: referrers.size }
}

async function collect(
  client: Client,
  repository: string,
  { content }: FetchedManifest,
  found: Map<string, FetchedManifest>,
  depth: number,
): Promise<void> {
  if (content.kind === 'manifest' || depth > deepest) return
  const fresh = content.index.manifests.filter(({ digest }) => !found.has(digest)).slice(0, mostManifests)
  await Promise.all(
    fresh.map(async ({ digest }) => {
      const child = await client.fetchManifest(repository, digest)
      found.set(digest, child)
      await collect(client, repository, child, found, depth + 1)
    }),
  )
}
