import type { Handlers } from '@shared/contract'
import type { SearchReader } from '../browse/search'

/** Calls that are answered from the cache alone, over all registries. */
export function searchHandlers(search: SearchReader): Pick<Handlers, 'search:query' | 'image:lineage'> {
  return {
    'search:query': ({ text, limit }) => search.query(text, limit),
    'image:lineage': ({ registryId, repository, digest }) =>
      search.lineage({ registryId, repository }, digest),
  }
}
