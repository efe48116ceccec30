import type { LogLine } from '@shared/running'

/** How much of a log the window holds, in lines and in characters: an instance may write without end. */
export const logLimit = { lines: 200_000, characters: 128 * 1024 * 1024 }

/** Lines that go at once when it is full, so that not every new one moves all others. */
const step = 10_000

/**
 * The end of a log. A line keeps its number, counted from the first that ever came; the oldest go when there are too many.
 */
export class LogBuffer {
  private lines: LogLine[] = []
  private characters = 0
  /** The number of the oldest line that is still held. */
  first = 0

  constructor(private readonly limit = logLimit) {}

  /** The number that the next line gets. */
  get end(): number {
    return this.first + this.lines.length
  }

  get(number: number): LogLine | undefined {
    return this.lines[number - this.first]
  }

  add(lines: readonly LogLine[]): void {
    for (const line of lines) {
      this.lines.push(line)
      this.characters += line.text.length
    }
    while (this.lines.length > this.limit.lines || this.characters > this.limit.characters) {
      const fair = Math.min(step, Math.ceil(this.lines.length / 10))
      const gone = this.lines.splice(0, Math.max(fair, this.lines.length - this.limit.lines))
      for (const line of gone) this.characters -= line.text.length
      this.first += gone.length
    }
  }

  clear(): void {
    this.lines = []
    this.characters = 0
    this.first = 0
  }
}
