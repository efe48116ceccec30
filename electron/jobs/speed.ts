import type { Progress } from '@shared/job'

const span = 4000

/** Bytes that really went over the line: a layer that was there already counts as complete but was not sent. */
function transferred({ parts, completed }: Progress): number {
  if (parts.length === 0) return completed
  return parts.reduce((sum, part) => {
    return part.state === 'exists' || part.state === 'mounted' ? sum : sum + part.completed
  }, 0)
}

/** The mean speed over the last four seconds. */
export class Speed {
  private samples: { at: number; bytes: number }[] = []
  private phase: Progress['phase'] | null = null

  /** Takes in a progress at a time in milliseconds. A new phase, or bytes that are sent again, begin a new mean. */
  note(progress: Progress, at: number): void {
    const bytes = transferred(progress)
    const last = this.samples.at(-1)
    if (progress.phase !== this.phase || (last && bytes < last.bytes)) this.samples = []
    this.phase = progress.phase
    this.samples.push({ at, bytes })
    // One sample older than the span stays: it is where the span begins.
    while ((this.samples[1]?.at ?? at) <= at - span) this.samples.shift()
  }

  /** Bytes per second up to a time, or null before half a second was seen; sinks to 0 while nothing comes. */
  at(now: number): number | null {
    const last = this.samples.at(-1)
    const older = this.samples.filter((sample) => sample.at <= now - span)
    const first = older.at(-1) ?? this.samples[0]
    if (!first || !last || now - first.at < 500) return null
    return ((last.bytes - first.bytes) * 1000) / (now - first.at)
  }
}
