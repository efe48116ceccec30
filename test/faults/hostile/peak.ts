import { readFileSync, writeFileSync } from 'node:fs'

/** How far a process's memory has gone up since this was made: the highest mark, not where it stands. */
export class Peak {
  private readonly before: number

  constructor(private readonly pid: number) {
    // Sets the mark to where it stands (proc(5), clear_refs).
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    this.before = this.read('VmRSS')
  }

  /** Bytes. */
  grown(): number {
    return this.read('VmHWM') - this.before
  }

  private read(field: string): number {
    const line = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(
      readFileSync(`/proc/${this.pid}/status`, 'utf8'),
    )
    return Number(line?.[1] ?? 0) * 1024
  }
}
