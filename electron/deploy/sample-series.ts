import type { Sample, Statistics } from '@shared/running'
import type { Measure } from './driver'

/** How long samples are kept; milliseconds. */
export const span = 3_600_000

/** The last hour of one instance; counters become bytes a second. */
export class SampleSeries {
  #samples: Sample[] = []
  #last: Measure | null = null

  add(measure: Measure): void {
    const { at, cpu, memory } = measure
    const last = this.#last
    if (last && at <= last.at) return
    this.#samples.push({
      ...{ at, cpu, memory },
      received: last ? rate(last.received, measure.received, at - last.at) : 0,
      sent: last ? rate(last.sent, measure.sent, at - last.at) : 0,
    })
    this.#last = measure
    const first = this.#samples.findIndex((sample) => sample.at >= at - span)
    if (first > 0) this.#samples.splice(0, first)
  }

  /** Whether nothing was added for an hour. */
  isOld(now: number): boolean {
    return (this.#last?.at ?? 0) < now - span
  }

  told(id: string): Statistics['instances'][number] {
    const { name = '', memoryLimit = null } = this.#last ?? {}
    return { id, name, memoryLimit, samples: [...this.#samples] }
  }
}

/** Bytes a second; a counter that begins anew with its instance counts from zero. */
function rate(before: number, after: number, milliseconds: number): number {
  return ((after >= before ? after - before : after) * 1000) / milliseconds
}
