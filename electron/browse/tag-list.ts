import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { isTag } from '@shared/reference'
import type { ReadOptions, Source } from './source'

/**
 * Lists a repository's tags into the cache, page by page; tags that are gone go when the list came whole. `onPage` is
 * told how many names each page had. A name that is no tag by the specification's grammar is left out: no request could name it.
 */
export async function refreshTagList(
  source: Source,
  options: ReadOptions,
  onPage: (names: number) => void,
): Promise<void> {
  const { cache, client, registryId, repository, now } = source
  const pages = client.listTags(repository, options)[Symbol.asyncIterator]()
  // The first page is asked for before anything is written: an unknown repository leaves no trace.
  let page = await pages.next()
  options.signal.throwIfAborted()
  const generation = cache.tags.begin(registryId, repository)
  let complete = true
  while (page.done !== true) {
    options.signal.throwIfAborted()
    cache.tags.addPage(registryId, repository, generation, page.value.items.filter(isTag), now())
    if (page.value.cut) complete = false
    onPage(page.value.items.length)
    await yieldToOthers()
    page = await pages.next()
  }
  options.signal.throwIfAborted()
  cache.tags.end(registryId, repository, generation, complete, now())
}

/** Takes all tags away: the registry said that it has no such repository. */
export function forgetTags({ cache, registryId, repository, now }: Source): void {
  const generation = cache.tags.begin(registryId, repository)
  cache.tags.end(registryId, repository, generation, true, now())
}
