import { AppError } from '@shared/error'
import { readGraph } from '../registry/image-graph'
import { inParallel } from '../registry/parallel'
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

/** Reads what a reference names, with all below it and the number of its referrers. MANIFEST_UNKNOWN, RESPONSE_TOO_LARGE. */
export async function readCopySource(
  client: Client,
  repository: string,
  reference: string,
): Promise<CopySource> {
  const options = { signal: new AbortController().signal, concurrency: 8 }
  const { root: rootDigest, nodes } = await readGraph(client, repository, reference, options)
  const root = nodes.get(rootDigest)?.manifest
  if (root === undefined) throw new AppError('INTERNAL', { side: 'program' })
  const layers = new Map<string, number>()
  for (const { content } of [...nodes.values()].map(({ manifest }) => manifest)) {
    if (content.kind === 'index') continue
    for (const { digest, size, urls } of content.manifest.layers) if (!urls?.length) layers.set(digest, size)
  }
  const digests = [...nodes.keys()]
  const [listed, signatures] = await Promise.all([
    inParallel(digests, options.concurrency, (digest) => client.listReferrers(repository, digest)),
    readSignatures(client, repository, digests, options),
  ])
  const referrers = new Set([
    ...listed.flat().map(({ digest }) => digest),
    ...signatures.map(({ graph }) => graph.root),
  ])
  const { platforms } = await describe(client, repository, root)
  return { digest: root.digest, platforms, layers, referrers: referrers.size }
}
