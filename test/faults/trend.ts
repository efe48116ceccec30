/** Whether a series of measurements rises. */

export interface Point {
  /** Hours. */
  at: number
  value: number
}

/** The median of all slopes between two points (Theil and Sen), in units an hour: a few wild points do not move it. */
export function slopeOf(points: readonly Point[]): number {
  const slopes = points.flatMap((a, index) =>
    points.slice(index + 1).flatMap((b) => (b.at === a.at ? [] : [(b.value - a.value) / (b.at - a.at)])),
  )
  return median(slopes)
}

/** How much higher the last third lies than the first, by their medians. */
export function riseOf(points: readonly Point[]): number {
  const third = Math.ceil(points.length / 3)
  const middle = (some: readonly Point[]): number => median(some.map(({ value }) => value))
  return middle(points.slice(-third)) - middle(points.slice(0, third))
}

/** 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length / 2
  if (sorted.length === 0) return 0
  return ((sorted[Math.ceil(half - 1)] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2
}
