/**
 * Calls `fire` soon after each `touch`, at once where it may, and never more often than the interval allows. A touch that
 * may fire earlier than the one that waits brings that forward: the end of a long list does not wait as its pages do.
 */
export class Pulse {
  private timer: NodeJS.Timeout | null = null
  private last = -Infinity
  private due = Infinity

  constructor(private readonly fire: () => void) {}

  /** `interval` in milliseconds since the last time. */
  touch(interval: number): void {
    const due = this.last + interval
    if (this.timer && this.due <= due) return
    this.stop()
    const wait = due - performance.now()
    this.due = due
    if (wait <= 0) this.now()
    else this.timer = setTimeout(() => this.now(), wait)
  }

  /** Whether it is going to fire. */
  get isWaiting(): boolean {
    return this.timer !== null
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
  }

  private now(): void {
    this.stop()
    this.last = performance.now()
    this.fire()
  }
}
