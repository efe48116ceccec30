import { cancelled, onAbort } from './signal'

interface Waiting {
  priority: number
  start: () => void
  reject: (error: Error) => void
  gone: boolean
}

/** At most so many requests at once; those that wait go by priority, higher first, then in their order. */
export class Limit {
  private running = 0
  private closed = false
  /** Lowest first, so that the next one is at the end. */
  private readonly waiting: Waiting[] = []

  constructor(private readonly places: number) {}

  /** Runs a task when there is a place. CANCELLED when the signal or `close()` comes while it waits. */
  async run<T>(task: () => Promise<T>, priority = 0, signal?: AbortSignal): Promise<T> {
    await this.enter(priority, signal)
    try {
      return await task()
    } finally {
      this.running -= 1
      this.startNext()
    }
  }

  /** Rejects everything that waits, and whatever comes later. */
  close(): void {
    this.closed = true
    for (const entry of this.waiting.splice(0)) if (!entry.gone) entry.reject(cancelled())
  }

  private enter(priority: number, signal?: AbortSignal): Promise<void> {
    if (this.closed || signal?.aborted) return Promise.reject(cancelled())
    if (this.running < this.places) {
      this.running += 1
      return Promise.resolve()
    }
    return new Promise<void>((done, reject) => {
      const entry: Waiting = { priority, reject, gone: false, start: () => done() }
      this.insert(entry)
      const release = onAbort(signal, () => {
        entry.gone = true
        reject(cancelled())
      })
      entry.start = () => {
        release()
        done()
      }
    })
  }

  private startNext(): void {
    while (this.running < this.places) {
      const next = this.waiting.pop()
      if (next === undefined) return
      // Thousands may be cancelled at once: they are left where they are and passed over here.
      if (next.gone) continue
      this.running += 1
      next.start()
    }
  }

  private insert(entry: Waiting): void {
    let low = 0
    let high = this.waiting.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.waiting[middle]?.priority ?? 0) < entry.priority) low = middle + 1
      else high = middle
    }
    this.waiting.splice(low, 0, entry)
  }
}
