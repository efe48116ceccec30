import type { Log } from '../log'
import type { Database } from './database'
import { passes, sweepOn } from './sweep-pass'
import type { Unindexed } from './unindexed'

/** A manifest that was read less than a week ago may be on screen, whoever names it. Milliseconds. */
const week = 7 * 24 * 60 * 60 * 1000
const day = 24 * 60 * 60 * 1000
const slice = 4
const pause = 40
/** The first minute belongs to the start of the program. */
const firstPause = 60_000
const mostFormerTags = 5000

/** Takes out manifests, configs and search terms that nothing refers to any more, a few milliseconds at a time. */
export class Sweep {
  private timer: NodeJS.Timeout | null = null
  private endedAt = -Infinity
  private stopped = false
  private at: { pass: number; after: string | number } | null = null

  constructor(
    private readonly database: Database,
    private readonly unindexed: Unindexed,
    private readonly log: Log,
    private readonly now: () => number,
  ) {}

  /** Begins in a while, unless it ran within a day; `soon`: something large was just forgotten. */
  begin(soon = false): void {
    if (this.stopped || this.timer) return
    if (!soon && performance.now() - this.endedAt < day) return
    this.schedule(soon ? pause : firstPause)
  }

  /** Does all of it at once; nothing where the search index is not up to date. */
  all(): void {
    this.at = null
    while (!this.waits() && !this.step());
  }

  stop(): void {
    this.stopped = true
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
  }

  private schedule(wait: number): void {
    this.timer = setTimeout(() => this.turn(), wait).unref()
  }

  private turn(): void {
    this.timer = null
    try {
      const end = performance.now() + slice
      while (!this.waits() && performance.now() < end) {
        if (this.step()) {
          this.endedAt = performance.now()
          return
        }
      }
      this.schedule(pause)
    } catch (error) {
      // Runs from a timer, where an error would end the program; nothing is lost by an unswept cache.
      this.at = null
      this.endedAt = performance.now()
      this.log.error('the cache could not be swept', { error })
    }
  }

  /** The links of what is not indexed yet are not known. */
  private waits(): boolean {
    return !this.unindexed.isEmpty
  }

  /** Answers whether everything was looked through. */
  private step(): boolean {
    this.at ??= this.first()
    const pass = passes[this.at.pass]
    if (!pass) {
      this.at = null
      return true
    }
    const after = sweepOn(this.database, pass, this.at.after, this.now() - week)
    this.at =
      after === null
        ? { pass: this.at.pass + 1, after: passes[this.at.pass + 1]?.first ?? 0 }
        : { pass: this.at.pass, after }
    return false
  }

  private first(): { pass: number; after: string | number } {
    this.database.run(
      `DELETE FROM former_tag WHERE until <
      (SELECT until FROM former_tag ORDER BY until DESC LIMIT 1 OFFSET ${mostFormerTags})`,
    )
    return { pass: 0, after: passes[0]?.first ?? '' }
  }
}
