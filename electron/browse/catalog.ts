import type { CatalogKey, CatalogSnapshot, RepositorySummary } from '@shared/browse'
import { AppError, toAppError } from '@shared/error'
import type { Section } from '@shared/registry'
import { refreshCatalogList, type CatalogSource } from './catalog-list'
import { catalogContent } from './catalog-snapshot'
import { isFreshSince, wantsRefresh, type Policy } from './freshness'
import { Refreshes, type Run } from './refreshes'
import type { ReaderOptions } from './repository'
import { openSource, priorities, reporting } from './source'
import { Summarizer } from './summarizer'
import { refreshTagList } from './tag-list'

const keyOf = ({ registryId, section }: CatalogKey): string => `${registryId} ${section}`

function isSameList(
  rows: readonly RepositorySummary[],
  sent: readonly RepositorySummary[] | undefined,
): boolean {
  return (
    sent?.length === rows.length &&
    rows.every((row, index) => {
      const other = sent[index]
      return (
        row.name === other?.name &&
        row.addedByHand === other.addedByHand &&
        row.summarizedAt === other.summarizedAt &&
        row.newestTag === other.newestTag &&
        row.tagCount === other.tagCount
      )
    })
  )
}

/** Registries' catalogs, answered from the cache and refreshed behind. A registry's sections share one listing. */
export class CatalogReader {
  private readonly refreshes: Refreshes
  private readonly summarizers = new Map<string, Summarizer>()
  /** The sections that the window has asked for, by registry. */
  private readonly sections = new Map<string, Set<Section>>()
  /** Registries whose rows may be others than those that were sent, and what was sent of each section. */
  private readonly stale = new Set<string>()
  private readonly sent = new Map<string, readonly RepositorySummary[]>()
  private readonly now: () => number
  private readonly began: number

  constructor(private readonly options: ReaderOptions) {
    this.now = options.now ?? Date.now
    this.began = this.now()
    this.refreshes = new Refreshes({ show: (registryId) => this.show(registryId), log: options.log })
  }

  /** What the cache knows, at once; `catalog:changed` follows while a refresh runs behind. REGISTRY_UNKNOWN. */
  read(input: CatalogKey & { refresh: Policy; first?: number | undefined }): CatalogSnapshot {
    const { registryId, section } = input
    const registry = this.options.registries.get(registryId)
    this.sections.set(registryId, (this.sections.get(registryId) ?? new Set()).add(section))
    const { fetchedAt, complete, refused } = this.options.cache.catalog.listing(registryId)
    const isGood = (complete || refused) && isFreshSince(this.began, fetchedAt, this.now())
    if (wantsRefresh(input.refresh, isGood)) void this.refresh(registryId)
    const content = catalogContent(this.options.cache, registry, section, input.first)
    if (content.repositories.length === content.count) this.sent.set(keyOf(input), content.repositories)
    return { ...content, ...this.refreshes.freshness(registryId) }
  }

  /** The repositories on screen: what is not known of them comes as `catalog:summarized`. */
  summarize(registryId: string, names: readonly string[]): void {
    const { cache, registries, emit, log } = this.options
    let summarizer = this.summarizers.get(registryId)
    if (!summarizer) {
      summarizer = new Summarizer({ registryId, cache, registries, emit, log, now: this.now })
      this.summarizers.set(registryId, summarizer)
    }
    summarizer.want(names)
  }

  /** Lists a repository by name when the registry has tags in it; else NAME_UNKNOWN, or why it could not be asked. */
  async addRepository(registryId: string, repository: string): Promise<void> {
    const { cache, registries } = this.options
    const { signal } = new AbortController()
    const source = openSource({ registryId, repository }, { registries, cache, now: this.now })
    await reporting(registries, registryId, signal, () =>
      refreshTagList(source, { signal, priority: priorities.focused }, () => undefined),
    )
    if (cache.tags.tags(registryId, repository).length === 0) {
      throw new AppError('NAME_UNKNOWN', { side: 'registry', registryId, repository })
    }
    this.noteRepository(registryId, repository)
  }

  /** Takes a repository out of the list, with all that was known of it; the registry is not touched. */
  removeRepository(registryId: string, repository: string): void {
    this.options.cache.forgetRepository(registryId, repository)
    this.changed(registryId)
  }

  /** Lists a repository at once that was just pushed to. */
  noteRepository(registryId: string, repository: string): void {
    const { catalog } = this.options.cache
    const isNew = catalog.addByHand(registryId, repository)
    this.changed(registryId)
    // Whether the registry's own list shows it as well, only that list tells.
    if (isNew && !catalog.listing(registryId).refused) void this.refresh(registryId)
  }

  /** Ends everything that runs for a registry and forgets all that it ever answered. */
  async forgetRegistry(registryId: string): Promise<void> {
    await Promise.all([this.refreshes.forget(registryId), this.summarizers.get(registryId)?.stop()])
    this.summarizers.delete(registryId)
    this.sections.delete(registryId)
    for (const section of ['public', 'private'] as const) this.sent.delete(keyOf({ registryId, section }))
    this.options.cache.forgetRegistry(registryId)
  }

  /** Ends everything that runs; nothing is told any more. */
  async stop(): Promise<void> {
    await Promise.all([this.refreshes.stop(), ...[...this.summarizers.values()].map((one) => one.stop())])
  }

  private refresh(registryId: string): Promise<void> {
    const { registries, cache } = this.options
    return this.refreshes.start(registryId, (run) =>
      reporting(registries, registryId, run.signal, async () => {
        const source = { registryId, client: registries.client(registryId), cache, now: this.now }
        try {
          let seen = 0
          await refreshCatalogList(source, run.signal, (names) => this.changed(registryId, (seen += names)))
          this.stale.add(registryId)
        } catch (thrown) {
          if (run.signal.aborted || toAppError(thrown).code !== 'LISTING_UNSUPPORTED') throw thrown
          await this.refused(source, run)
        }
      }),
    )
  }

  /** A registry that wants an account answers like one that does not list: only its front door tells them apart. */
  private async refused(source: CatalogSource, { signal }: Run): Promise<void> {
    await source.client.ping({ signal, priority: priorities.shown })
    signal.throwIfAborted()
    source.cache.catalog.refuse(source.registryId, this.now())
  }

  private changed(registryId: string, rows = 0): void {
    this.stale.add(registryId)
    this.refreshes.changed(registryId, rows)
  }

  private show(registryId: string): void {
    const registry = this.options.registries.get(registryId)
    const stale = this.stale.delete(registryId)
    for (const section of this.sections.get(registryId) ?? []) {
      const key = keyOf({ registryId, section })
      const content = catalogContent(this.options.cache, registry, section, stale ? undefined : 1)
      const isNew = stale && !isSameList(content.repositories, this.sent.get(key))
      const repositories = isNew ? content.repositories : null
      if (repositories) this.sent.set(key, repositories)
      this.options.emit('catalog:changed', {
        ...content,
        repositories,
        ...this.refreshes.freshness(registryId),
      })
    }
  }
}
