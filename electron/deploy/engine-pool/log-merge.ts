/** Several logs as one, in order of time. Pure of engines. */
import type { LogLine } from '@shared/running'

/** A log that is silent for this long does not hold up the others: at its beginning, and later; milliseconds. */
const quiet = { first: 500, later: 100 }

interface Feed {
  lines: AsyncIterator<LogLine[]>
  waiting: Promise<void> | null
  begun: boolean
  ready: LogLine[]
  ended: boolean
}

/**
 * Joins logs as they come. Lines of what was there already are in order of time; later ones as far as they come within a tenth
 * of a second. New logs are added with `add` while it runs; it ends when all have ended and `close` was called. The first
 * failure of a log rejects.
 */
export class LogMerge {
  readonly #strict: boolean
  readonly #feeds = new Set<Feed>()
  #closed = false
  #failure: { error: unknown } | null = null
  #wake: () => void = () => {}

  /** `strict`: the logs end of themselves, so each is waited for, however long it takes. */
  constructor({ strict = false }: { strict?: boolean } = {}) {
    this.#strict = strict
  }

  add(lines: AsyncIterable<LogLine[]>): void {
    this.#feeds.add({
      lines: lines[Symbol.asyncIterator](),
      waiting: null,
      begun: false,
      ready: [],
      ended: false,
    })
    this.#wake()
  }

  /** No log will be added any more. */
  close(): void {
    this.#closed = true
    this.#wake()
  }

  /** Ends it with this error. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake()
  }

  async *read(signal: AbortSignal): AsyncGenerator<LogLine[], void, undefined> {
    const wake = (): void => this.#wake()
    signal.addEventListener('abort', wake, { once: true })
    try {
      while (!signal.aborted) {
        for (const feed of this.#feeds) if (feed.ended && feed.ready.length === 0) this.#feeds.delete(feed)
        this.#ask()
        const ready = [...this.#feeds].some((feed) => feed.ready.length > 0)
        const done = this.#closed && this.#feeds.size === 0
        if (!done && (!ready || this.#isSilent())) await this.#answers(ready, signal)
        if (signal.aborted) return
        if (this.#failure) throw this.#failure.error
        // What came first waits for the others a while.
        if (!done && !ready) continue
        const lines = this.#inOrder()
        if (lines.length > 0) yield lines
        else if (done) return
      }
    } finally {
      signal.removeEventListener('abort', wake)
      await Promise.all([...this.#feeds].map((feed) => feed.waiting ?? feed.lines.return?.()))
    }
  }

  /** Asks every log that has nothing here for more. */
  #ask(): void {
    for (const feed of this.#feeds) {
      if (feed.ended || feed.ready.length > 0) continue
      feed.waiting ??= feed.lines.next().then(
        ({ value, done }) => {
          feed.waiting = null
          feed.begun = true
          if (done === true) feed.ended = true
          else feed.ready = value
          this.#wake()
        },
        (error: unknown) => {
          feed.waiting = null
          feed.ended = true
          this.fail(error)
        },
      )
    }
  }

  #isSilent(): boolean {
    return [...this.#feeds].some((feed) => feed.waiting !== null)
  }

  /** Waits for an answer; where some log has lines already, for all answers, but not for long. */
  async #answers(ready: boolean, signal: AbortSignal): Promise<void> {
    const isNew = [...this.#feeds].some(({ waiting, begun }) => waiting !== null && !begun)
    const end = performance.now() + (isNew ? quiet.first : quiet.later)
    do {
      // No race of promises: each would leave something behind at a log that is silent for hours.
      await new Promise<void>((done) => {
        const timer = ready && !this.#strict ? setTimeout(done, end - performance.now()) : undefined
        this.#wake = () => {
          clearTimeout(timer)
          done()
        }
      })
      if (!ready || signal.aborted || this.#failure) break
    } while (this.#isSilent() && (this.#strict || performance.now() < end))
    this.#wake = () => {}
  }

  /** What can be told: nothing younger than the last line of any log that may go on. */
  #inOrder(): LogLine[] {
    const feeds = [...this.#feeds].filter(({ ready }) => ready.length > 0)
    const [only] = feeds
    if (!only) return []
    if (feeds.length === 1) return only.ready.splice(0)
    const until = Math.min(...feeds.map(({ ready }) => ready.at(-1)?.at ?? -Infinity))
    const taken = feeds.flatMap((feed) => {
      const at = feed.ready.findIndex((line) => (line.at ?? -Infinity) > until)
      return feed.ready.splice(0, at === -1 ? feed.ready.length : at)
    })
    return taken.sort((a, b) => (a.at ?? 0) - (b.at ?? 0))
  }
}
