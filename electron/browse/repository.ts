import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { RepositoryKey, RepositorySnapshot } from '@shared/browse'
import type { Emit } from '@shared/contract'
import { toAppError } from '@shared/error'
import type { Cache } from '../cache/cache'
import type { Log } from '../log'
import { isFreshSince, wantsRefresh, type Policy } from './freshness'
import { Refreshes, type Run } from './refreshes'
import type { RegistryAccess } from './registry-access'
import { repositoryContent } from './repository-snapshot'
import { openSource, priorities, reporting, type Source } from './source'
import { summarize } from './summary'
import { readTagDetails, tagsToRead, type Extent } from './tag-details'
import { forgetTags, refreshTagList } from './tag-list'
import { visitKey, Visits, type Visit } from './visit'

export interface ReaderOptions {
  cache: Cache
  registries: RegistryAccess
  emit: Emit
  log: Log
  /** Milliseconds since 1970. */
  now?: () => number
}

interface Reading {
  extent: Extent
  withList: boolean
  /** We changed it ourselves just now, so "unknown name" means that nothing is left. */
  changedHere?: boolean
}

/**
 * Repositories' tags and descriptions, answered from the cache and refreshed behind. With thousands of tags each pass over
 * them takes tens of milliseconds: a refresh lets others have their turn between two of them.
 */
export class RepositoryReader {
  private readonly visits = new Visits()
  private readonly refreshes: Refreshes
  private readonly now: () => number
  private readonly began: number

  constructor(private readonly options: ReaderOptions) {
    this.now = options.now ?? Date.now
    this.began = this.now()
    this.refreshes = new Refreshes({ show: (key) => this.show(key), log: options.log })
  }

  /** What the cache knows, at once; `repository:changed` follows while a refresh runs behind. REGISTRY_UNKNOWN. */
  read(input: RepositoryKey & { refresh: Policy }): RepositorySnapshot {
    this.options.registries.get(input.registryId)
    const visit = this.visits.of(input)
    visit.open = true
    const content = repositoryContent(this.options.cache, visit, visit.failed)
    const isListGood =
      !visit.listChanged && content.complete && isFreshSince(this.began, content.fetchedAt, this.now())
    const isGood = isListGood && content.tags.every((tag) => tag.detail !== 'missing')
    const forced = input.refresh === 'force'
    if (forced) this.recheckAll(visit)
    if (wantsRefresh(input.refresh, isGood)) {
      void this.refresh(visit, { extent: 'old', withList: forced || !isListGood })
    }
    return { ...content, ...this.refreshes.freshness(visitKey(visit)) }
  }

  /** The tags on screen: their details are read before the others'. */
  focus(input: RepositoryKey & { tags: readonly string[] }): void {
    const visit = this.visits.of(input)
    visit.focused = input.tags
    visit.queue?.focus(input.tags)
  }

  /** Ends what was read for a window that went elsewhere. */
  leave(key: RepositoryKey): void {
    this.visits.of(key).open = false
    void this.refreshes.cancel(visitKey(key))
  }

  /**
   * Reads a repository again after a push or a delete, and tells the window. Resolves when the list and `tag` (without
   * it: every tag) were read, or could not be.
   */
  async noteChanged(registryId: string, repository: string, tag?: string): Promise<void> {
    const visit = this.visits.of({ registryId, repository })
    // Remembered until read: the next change may cut in on the refresh for this one.
    visit.listChanged = true
    if (tag === undefined) visit.recheckAll = true
    else visit.changed.add(tag)
    await this.refreshes.cancel(visitKey(visit))
    await this.refresh(visit, { extent: 'changed', withList: true, changedHere: true })
    if (visit.open) void this.refresh(visit, { extent: 'old', withList: false })
  }

  /** Ends everything that runs for a registry and forgets how it went. */
  async forgetRegistry(registryId: string): Promise<void> {
    await this.refreshes.forget(`${registryId} `)
    this.visits.forget(registryId)
  }

  /** Ends everything that runs; nothing is told any more. */
  async stop(): Promise<void> {
    await this.refreshes.stop()
  }

  private refresh(visit: Visit, reading: Reading): Promise<void> {
    const { registries, cache, emit } = this.options
    return this.refreshes.start(visitKey(visit), (run) =>
      reporting(registries, visit.registryId, run.signal, async () => {
        const { registryId } = visit
        const source = openSource(visit, { registries, cache, now: this.now })
        // A change that cut in on this, or on one that the window left, has not been read by anybody.
        const { listChanged } = visit
        if (reading.withList || listChanged)
          await this.refreshList(source, visit, run, listChanged || (reading.changedHere ?? false))
        await yieldToOthers()
        const extent: Extent = visit.recheckAll ? 'all' : reading.extent
        await readTagDetails(source, visit, extent, run.signal, (tags) => this.changed(visit, tags))
        visit.recheckAll = false
        await yieldToOthers()
        run.signal.throwIfAborted()
        const summary = summarize(cache, visit, this.now())
        if (summary) emit('catalog:summarized', { registryId, summaries: [summary] })
        await yieldToOthers()
      }),
    )
  }

  private async refreshList(source: Source, visit: Visit, run: Run, changedHere: boolean): Promise<void> {
    const options = { signal: run.signal, priority: priorities.focused }
    let seen = 0
    try {
      await refreshTagList(source, options, (names) => this.changed(visit, (seen += names)))
    } catch (thrown) {
      // Else the name may only be hidden from this account: what was seen before stays.
      if (!changedHere || run.signal.aborted || toAppError(thrown).code !== 'NAME_UNKNOWN') throw thrown
      forgetTags(source)
    }
    run.signal.throwIfAborted()
    visit.listChanged = false
    run.answered()
    this.options.registries.report(visit.registryId, { ok: true })
    this.changed(visit, seen)
  }

  private recheckAll(visit: Visit): void {
    if (visit.queue) visit.queue.add(tagsToRead(this.options.cache, visit, 'all', this.now()))
    else visit.recheckAll = true
  }

  private changed(visit: Visit, rows: number): void {
    this.refreshes.changed(visitKey(visit), rows)
  }

  private show(key: string): void {
    const visit = this.visits.find(key)
    if (!visit) return
    const content = repositoryContent(this.options.cache, visit, visit.failed)
    this.options.emit('repository:changed', { ...content, ...this.refreshes.freshness(key) })
  }
}
