import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { isRepository } from '@shared/reference'
import type { Cache } from '../cache/cache'
import type { BrowseClient } from './registry-access'

export interface CatalogSource {
  registryId: string
  client: BrowseClient
  cache: Cache
  now: () => number
}

/**
 * Lists a registry's repositories into the cache, page by page; those that are gone go when the list came whole. A name
 * that is none by the specification's grammar is left out: no request could name it. `onPage` is told how many came.
 */
export async function refreshCatalogList(
  { registryId, client, cache, now }: CatalogSource,
  signal: AbortSignal,
  onPage: (names: number) => void,
): Promise<void> {
  const generation = cache.catalog.begin(registryId)
  let complete = true
  for await (const page of client.listRepositories({ signal, pageSize: 1000 })) {
    signal.throwIfAborted()
    cache.catalog.addPage(registryId, generation, page.items.filter(isRepository), now())
    if (page.cut) complete = false
    onPage(page.items.length)
    await yieldToOthers()
  }
  signal.throwIfAborted()
  cache.catalog.end(registryId, generation, complete, now())
}
