import type { RepositorySummary } from '@shared/browse'
import type { Emit } from '@shared/contract'
import { toAppError } from '@shared/error'
import type { Cache } from '../cache/cache'
import type { Log } from '../log'
import { isFresh } from './freshness'
import { summaryCandidates } from './newest'
import { Pulse } from './pulse'
import type { RegistryAccess } from './registry-access'
import { isAboutContent } from './registry-error'
import { each, openSource, priorities, reporting, type Source } from './source'
import { summarize } from './summary'
import { readTag } from './tag'
import { forgetTags, refreshTagList } from './tag-list'

export interface SummarizerOptions {
  registryId: string
  cache: Cache
  registries: RegistryAccess
  emit: Emit
  log: Log
  now: () => number
}

const concurrency = 6
const goodFor = 600_000
const failedFor = 60_000

/** Reads, for the repositories on screen, what a card or a row tells beyond the name; one for each registry. */
export class Summarizer {
  private waiting: string[] = []
  private readonly active = new Set<string>()
  private readonly failedAt = new Map<string, number>()
  private readonly controller = new AbortController()
  private ready: RepositorySummary[] = []
  private running: Promise<void> | null = null
  private readonly pulse = new Pulse(() => this.send())

  constructor(private readonly options: SummarizerOptions) {}

  /** Reads these names next, and no longer those that were asked for before and have not begun. */
  want(names: readonly string[]): void {
    if (this.controller.signal.aborted) return
    this.waiting = [...new Set(names)].filter((name) => this.isWanted(name))
    if (this.waiting.length > 0) this.running ??= this.run()
  }

  async stop(): Promise<void> {
    this.controller.abort()
    this.waiting = []
    this.pulse.stop()
    await this.running
  }

  private isWanted(name: string): boolean {
    const { registryId, cache, now } = this.options
    return (
      !this.active.has(name) &&
      !isFresh(cache.catalog.summarizedAt(registryId, name), now(), goodFor) &&
      !isFresh(this.failedAt.get(name) ?? null, now(), failedFor)
    )
  }

  private async run(): Promise<void> {
    const { registries, registryId, log } = this.options
    const { signal } = this.controller
    try {
      await reporting(registries, registryId, signal, () =>
        each(
          () => this.waiting.shift() ?? null,
          concurrency,
          (name) => this.readOne(name),
        ),
      )
    } catch (thrown) {
      // Shown by the registry's connection dot; the list itself stands.
      if (!signal.aborted)
        log.info('summaries could not be read', { registryId, code: toAppError(thrown).code })
    } finally {
      this.running = null
      this.waiting = []
    }
  }

  private async readOne(name: string): Promise<void> {
    const { registryId, cache, registries, log, now } = this.options
    const { signal } = this.controller
    const source = openSource({ registryId, repository: name }, { registries, cache, now })
    this.active.add(name)
    try {
      await this.readNewest(source)
      signal.throwIfAborted()
      const summary = summarize(cache, source, now())
      if (summary) this.ready.push(summary)
      this.pulse.touch(250)
    } catch (thrown) {
      if (signal.aborted) throw thrown
      this.failedAt.set(name, now())
      const error = toAppError(thrown)
      if (!isAboutContent(error)) throw error
      log.info('a summary could not be read', { registryId, repository: name, code: error.code })
    } finally {
      this.active.delete(name)
    }
  }

  private async readNewest(source: Source): Promise<void> {
    const { cache, registryId, repository } = source
    const options = { signal: this.controller.signal, priority: priorities.behind }
    try {
      await refreshTagList(source, options, () => undefined)
    } catch (thrown) {
      // Docker's registry lists a repository whose last tag was deleted, and answers so for its tags.
      if (
        toAppError(thrown).code !== 'NAME_UNKNOWN' ||
        cache.tags.list(registryId, repository).fetchedAt !== null
      ) {
        throw thrown
      }
      forgetTags(source)
    }
    const names = cache.tags.tags(registryId, repository).map((tag) => tag.name)
    const reads = summaryCandidates(names).map(async (tag) => {
      try {
        await readTag(source, tag, options)
      } catch (thrown) {
        const error = toAppError(thrown)
        if (options.signal.aborted || !isAboutContent(error)) throw error
        this.options.log.debug('a tag could not be summed up', {
          registryId,
          repository,
          tag,
          code: error.code,
        })
      }
    })
    await Promise.all(reads)
  }

  private send(): void {
    const summaries = this.ready
    this.ready = []
    try {
      if (summaries.length > 0)
        this.options.emit('catalog:summarized', { registryId: this.options.registryId, summaries })
    } catch (thrown) {
      this.options.log.error('summaries could not be shown', { error: thrown })
    }
  }
}
