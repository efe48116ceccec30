import { fetchContent, readContent, readFact, type ReadManifest } from './content'
import type { ReadOptions, Source } from './source'

/** What a tag names now: asked by HEAD where an older answer is known, and fetched only where it is new. */
export async function readTagContent(
  source: Source,
  tag: string,
  options: ReadOptions,
): Promise<{ digest: string; read: () => Promise<ReadManifest> }> {
  const { cache, client, registryId, repository } = source
  const known = cache.tags.tag(registryId, repository, tag)?.digest ?? null
  if (known === null || !cache.content.manifest(known)) {
    const top = await fetchContent(source, tag, options)
    cache.tags.point(registryId, repository, tag, top.digest, source.now())
    return { digest: top.digest, read: () => Promise.resolve(top) }
  }
  const { digest } = await client.headManifest(repository, tag, options)
  options.signal.throwIfAborted()
  // A tag that moved is pointed anew only with its manifest at hand, so that a cut leaves the older state whole.
  const read = async (): Promise<ReadManifest> => {
    const top = await readContent(source, digest, options)
    cache.tags.point(registryId, repository, tag, digest, source.now())
    return top
  }
  if (digest === known) cache.tags.point(registryId, repository, tag, digest, source.now())
  return { digest, read }
}

/** Reads what a list tells of a tag. One that names what it named before costs one HEAD. */
export async function readTag(source: Source, tag: string, options: ReadOptions): Promise<void> {
  const { cache, registryId, repository } = source
  const { digest, read } = await readTagContent(source, tag, options)
  const known = cache.content.fact(digest) !== null && cache.content.isPlaced(registryId, repository, digest)
  if (known) cache.tags.point(registryId, repository, tag, digest, source.now())
  else await readFact(source, await read(), options)
}
