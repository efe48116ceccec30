import type { Log } from '../log'
import type { Database } from './database'
import { termOf } from './facets'
import type { ImageTable } from './image-table'
import type { TermTable } from './term-table'
import type { Batch, Unindexed } from './unindexed'

const batchSize = { repository: 100, tag: 100, fact: 50, manifest: 25, config: 10 }
/** Milliseconds of work at a time, and between two times. */
const slice = 6
const pause = 12
/**
 * While a refresh writes, the index waits: it would take a third of the time from it, and a search looks at waiting names
 * by itself. Milliseconds after the last addition, and at most after the first.
 */
const calm = 250
const longest = 10_000

export interface IndexerOptions {
  database: Database
  unindexed: Unindexed
  terms: TermTable
  images: ImageTable
  log: Log
}

/** Makes search terms of what writers noted, a few milliseconds at a time, so that nothing else waits for it. */
export class Indexer {
  private timer: NodeJS.Timeout | null = null
  private idle: (() => void) | null = null
  private stopped = false
  /** When the first and the last addition came that are not indexed; `performance.now()`. */
  private since: { first: number; last: number } | null = null

  constructor(private readonly options: IndexerOptions) {
    options.unindexed.onAdded = () => {
      const last = performance.now()
      this.since = { first: this.since?.first ?? last, last }
      this.schedule()
    }
  }

  /** Goes on with what an earlier run of the program left, or a migration put there. `onIdle`: each time all is done. */
  start(onIdle: () => void): void {
    this.idle = onIdle
    this.schedule()
  }

  stop(): void {
    this.stopped = true
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
  }

  /** Indexes for at most so many milliseconds (of one batch more) and answers whether everything is done. */
  work(milliseconds: number): boolean {
    const end = performance.now() + milliseconds
    do {
      const isDone = this.options.database.transaction(() => {
        const batch = this.options.unindexed.take((kind) => batchSize[kind])
        if (batch) this.index(batch)
        return batch === null
      })
      if (isDone) return true
    } while (performance.now() < end)
    return this.options.unindexed.isEmpty
  }

  private schedule(): void {
    if (this.stopped || this.timer) return
    this.timer = setTimeout(() => this.turn(), pause).unref()
  }

  private turn(): void {
    this.timer = null
    const now = performance.now()
    if (this.since && now < Math.min(this.since.last + calm, this.since.first + longest))
      return this.schedule()
    try {
      if (!this.work(slice)) return this.schedule()
      this.since = null
      this.idle?.()
    } catch (error) {
      // Runs from a timer, where an error would end the program; the work stays noted for the next time.
      this.options.log.error('the search index could not be kept up', { error })
    }
  }

  private index({ kind, keys }: Batch): void {
    const { images } = this.options
    if (kind === 'repository') this.indexRepositories(keys)
    else if (kind === 'tag') this.indexTags(keys)
    else if (kind === 'fact') this.indexFacts(keys)
    else {
      for (const digest of keys) {
        try {
          if (kind === 'manifest') images.indexManifest(digest)
          else images.indexConfig(digest)
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error
          this.options.log.warn('damaged bytes are left out of the search index', { digest })
        }
      }
    }
  }

  private indexRepositories(names: readonly string[]): void {
    this.options.terms.add(
      'repository',
      names.map((name) => termOf('repository', name)),
    )
    this.date(0, names, 'SELECT max(newest_created) FROM summary WHERE name = n.value')
  }

  private indexTags(names: readonly string[]): void {
    this.options.terms.add(
      'tag',
      names.map((name) => termOf('tag', name)),
    )
    this.date(1, names, 'SELECT max(created) FROM tag WHERE name = n.value')
  }

  /** Writes the newest date of names into their terms, where it is another. */
  private date(field: number, names: readonly string[], newest: string): void {
    const terms = this.options.database.all<{ id: number; newest: number | null }>(
      `SELECT id, newest FROM (SELECT t.id, t.newest AS old, (${newest}) AS newest FROM json_each(?) n
        CROSS JOIN term t ON t.field = ${field} AND t.folded = lower(n.value) AND t.text = n.value)
      WHERE newest IS NOT old`,
      JSON.stringify(names),
    )
    for (const { id, newest: date } of terms)
      this.options.database.run('UPDATE term SET newest = ? WHERE id = ?', date, id)
  }

  /** A date that became known after the tags that it belongs to. */
  private indexFacts(digests: readonly string[]): void {
    const tags = this.options.database.all<{ name: string }>(
      `SELECT DISTINCT t.name FROM json_each(?) n CROSS JOIN tag t ON t.digest = n.value
      CROSS JOIN fact f ON f.digest = n.value WHERE t.created IS NOT f.created`,
      JSON.stringify(digests),
    )
    for (const digest of digests) {
      this.options.database.run(
        `UPDATE tag SET created = (SELECT created FROM fact WHERE digest = ?1)
        WHERE digest = ?1 AND created IS NOT (SELECT created FROM fact WHERE digest = ?1)`,
        digest,
      )
    }
    if (tags.length > 0) this.indexTags(tags.map(({ name }) => name))
  }
}
