import { toAppError } from '@shared/error'
import type { Cache } from '../cache/cache'
import { DetailQueue } from './detail-queue'
import { isFresh } from './freshness'
import { likelyNewestFirst } from './newest'
import { isAboutContent } from './registry-error'
import { each, priorities, type Source } from './source'
import { readTag } from './tag'
import type { Visit } from './visit'

/** Which tags are asked for: those never read and those read long ago; all; or only those that we changed. */
export type Extent = 'old' | 'all' | 'changed'

/** As many as the client sends at once; what is on screen goes before the rest there too. */
const concurrency = 16
/** A tag off the screen is asked for again only after this time: registries count requests. */
const recheckAfter = 600_000

/** Names in the order of reading: never read ones first, the likely newest of them ahead. */
export function tagsToRead(cache: Cache, visit: Visit, extent: Extent, now: number): string[] {
  if (extent === 'changed') return [...visit.changed]
  const focused = new Set(visit.focused)
  const tags = cache.tags.tags(visit.registryId, visit.repository)
  const missing = tags.filter((tag) => !tag.ready)
  const old = tags.filter(
    (tag) =>
      tag.ready &&
      (extent === 'all' ||
        visit.changed.has(tag.name) ||
        !isFresh(tag.checkedAt, now, focused.has(tag.name) ? undefined : recheckAfter)),
  )
  return [...likelyNewestFirst(missing.map((tag) => tag.name)), ...old.map((tag) => tag.name)]
}

/**
 * Reads the details of a repository's tags, those on screen first. One that fails is noted as failed; an error of the
 * registry as a whole ends the reading. `onRead` is called after each tag with how many there are to read.
 */
export async function readTagDetails(
  source: Source,
  visit: Visit,
  extent: Extent,
  signal: AbortSignal,
  onRead: (tags: number) => void,
): Promise<void> {
  const queue = new DetailQueue()
  const names = tagsToRead(source.cache, visit, extent, source.now())
  queue.add(names)
  queue.focus(visit.focused)
  visit.queue = queue
  try {
    await each(
      () => queue.next(),
      concurrency,
      async (tag) => {
        await readDetail(source, visit, tag, queue.isFocused(tag), signal)
        onRead(names.length)
      },
    )
  } finally {
    visit.queue = null
  }
}

async function readDetail(
  source: Source,
  visit: Visit,
  tag: string,
  focused: boolean,
  signal: AbortSignal,
): Promise<void> {
  try {
    await readTag(source, tag, { signal, priority: focused ? priorities.focused : priorities.shown })
    visit.failed.delete(tag)
    visit.changed.delete(tag)
  } catch (thrown) {
    const error = toAppError(thrown)
    if (signal.aborted || !isAboutContent(error)) throw error
    visit.failed.set(tag, error.toInfo())
    visit.changed.delete(tag)
  }
}
