import type { Description, RepositoryKey, RepositorySummary } from '@shared/browse'
import type { Cache } from '../cache/cache'
import type { KnownTag } from '../cache/tag-table'
import { newestTagOf } from './newest'

/** The newest image's tag and what it says of itself, from the tags that were read so far. */
export function newestOf(
  cache: Cache,
  tags: readonly KnownTag[],
): { newest: KnownTag | null; description: Description | null } {
  const newest = newestTagOf(tags.filter((tag) => tag.ready))
  const fact = newest?.digest ? cache.content.fact(newest.digest) : null
  return {
    newest,
    description: newest && fact?.description ? { fromTag: newest.name, ...fact.description } : null,
  }
}

/** Sums a repository up from the cache, keeps it, and answers it where the repository is listed. */
export function summarize(
  cache: Cache,
  { registryId, repository }: RepositoryKey,
  now: number,
): RepositorySummary | null {
  const tags = cache.tags.tags(registryId, repository)
  const { newest, description } = newestOf(cache, tags)
  cache.catalog.summarize(registryId, repository, {
    tagCount: tags.length,
    newestTag: newest?.name ?? null,
    newestCreated: newest?.created ?? null,
    title: description?.title ?? null,
    description: description?.description ?? null,
    summarizedAt: now,
  })
  return cache.catalog.summary(registryId, repository)
}
