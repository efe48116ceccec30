import type { RepositoryKey, RepositorySnapshot, TagRow } from '@shared/browse'
import type { ErrorInfo } from '@shared/error'
import type { Cache } from '../cache/cache'
import type { KnownTag } from '../cache/tag-table'
import { newestOf } from './summary'

function rowOf(tag: KnownTag, error: ErrorInfo | null): TagRow {
  return {
    name: tag.name,
    digest: tag.digest,
    mediaType: tag.mediaType,
    kind: error?.code === 'SCHEMA1_UNSUPPORTED' ? 'schema1' : tag.kind,
    created: tag.created,
    size: tag.size,
    platforms: tag.platforms,
    detail: error ? 'failed' : tag.ready ? 'ready' : 'missing',
    error,
  }
}

/** The latest date first, those without one last; then by name. */
const newestFirst = (a: TagRow, b: TagRow): number =>
  (b.created ?? -1) - (a.created ?? -1) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

/** What the cache knows of a repository; `failed` holds why a tag's details could not be read. */
export function repositoryContent(
  cache: Cache,
  key: RepositoryKey,
  failed: ReadonlyMap<string, ErrorInfo>,
): Omit<RepositorySnapshot, 'source' | 'refreshing' | 'error' | 'revision'> {
  const known = cache.tags.tags(key.registryId, key.repository)
  const { newest, description } = newestOf(cache, known)
  return {
    registryId: key.registryId,
    repository: key.repository,
    tags: known.map((tag) => rowOf(tag, failed.get(tag.name) ?? null)).sort(newestFirst),
    description,
    newestTag: newest?.name ?? null,
    ...cache.tags.list(key.registryId, key.repository),
  }
}
