/** Calls `fire` soon after each `touch`, at once where it may, and never more often than the interval allows. */
export class Pulse {
  private timer: NodeJS.Timeout | null = null
  private last = -Infinity

  constructor(private readonly fire: () => void) {}

  /** `interval` in milliseconds since the last time. */
  touch(interval: number): void {
    if (this.timer) return
    const wait = this.last + interval - performance.now()
    if (wait <= 0) this.now()
    else this.timer = setTimeout(() => this.now(), wait)
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
