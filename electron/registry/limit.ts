import { cancelled, onAbort } from './signal'

interface Waiting {
  start: () => void
  reject: (error: Error) => void
  gone: boolean
}

/** At most so many requests at once; those that wait go by priority, higher first, then in their order. */
export class Limit {
  private running = 0
  private closed = false
  /** Highest priority first; there are few. Tens of thousands of requests may wait in each. */
  private readonly queues: { priority: number; entries: Waiting[]; head: number }[] = []

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
    for (let entry = this.next(); entry !== null; entry = this.next()) entry.reject(cancelled())
  }

  private enter(priority: number, signal?: AbortSignal): Promise<void> {
    if (this.closed || signal?.aborted) return Promise.reject(cancelled())
    if (this.running < this.places) {
      this.running += 1
      return Promise.resolve()
    }
    return new Promise<void>((done, reject) => {
      const entry: Waiting = { reject, gone: false, start: done }
      this.add(entry, priority)
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
      const entry = this.next()
      if (entry === null) return
      this.running += 1
      entry.start()
    }
  }

  /** Takes the next one out that still waits; cancelled ones are left where they are and passed over here. */
  private next(): Waiting | null {
    for (let queue = this.queues[0]; queue !== undefined; queue = this.queues[0]) {
      while (queue.head < queue.entries.length) {
        const entry = queue.entries[queue.head]
        queue.head += 1
        if (entry && !entry.gone) return entry
      }
      this.queues.shift()
    }
    return null
  }

  private add(entry: Waiting, priority: number): void {
    const place = this.queues.findIndex((queue) => queue.priority <= priority)
    const found = this.queues[place]
    if (found?.priority === priority) found.entries.push(entry)
    else {
      const queue = { priority, entries: [entry], head: 0 }
      this.queues.splice(place < 0 ? this.queues.length : place, 0, queue)
    }
  }
}
