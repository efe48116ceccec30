/** How much of a log is read. */
export const logSpans = ['tail', 'quarter', 'hour', 'day', 'all'] as const
export type LogSpan = (typeof logSpans)[number]

const minutes: Partial<Record<LogSpan, number>> = { quarter: 15, hour: 60, day: 24 * 60 }

/** Lines that are read at first: enough to see what goes on, and there at once. */
export const firstLines = 5000

/** What main is asked for; `now` in ms. */
export function wishOf(span: LogSpan, now: number): { tail: number | null; since: number | null } {
  const back = minutes[span]
  return { tail: span === 'tail' ? firstLines : null, since: back === undefined ? null : now - back * 60_000 }
}
