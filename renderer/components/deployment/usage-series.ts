/** What was measured of several instances as columns for a chart, and how their lines are told apart. */
import type { Sample, Statistics } from '@shared/running'
import type { ThemeName } from '@/theme'

export const measures = ['cpu', 'memory', 'received', 'sent'] as const
export type MeasureName = (typeof measures)[number]

/** Instances that are drawn at once; more lines than this nobody tells apart. */
export const mostLines = 12

/** Told apart by every kind of colour-blindness (after Okabe and Ito), and by their dashes besides. */
const colours: Record<ThemeName, readonly string[]> = {
  light: ['#0072b2', '#b34700', '#00795a', '#a8437f', '#6b5b00', '#3b3b8f'],
  dark: ['#56b4e9', '#f0a04b', '#2fc49a', '#e39ac4', '#e6d84a', '#a3a8ff'],
}
const dashes: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 3, 2, 3]]

export interface LineLook {
  colour: string
  dash: readonly number[]
}

/** Neighbours differ in both; after as many lines as there are colours times dashes they begin again. */
export function lookOf(index: number, theme: ThemeName): LineLook {
  const palette = colours[theme]
  return {
    colour: palette[index % palette.length] ?? '',
    dash: dashes[(index + Math.floor(index / palette.length)) % dashes.length] ?? [],
  }
}

/** Times in seconds, then a value or null for each instance; null where one was not measured at that moment. */
export type ChartData = [number[], ...(number | null)[][]]

/** The samples from `from` (ms) on, by the moments of all instances. */
export function chartData(instances: Statistics['instances'], measure: MeasureName, from: number): ChartData {
  const kept = instances.map(({ samples }) => samples.filter(({ at }) => at >= from))
  const times = [...new Set(kept.flatMap((samples) => samples.map(({ at }) => at)))].sort((a, b) => a - b)
  const columns = kept.map((samples) => {
    const values = new Map(samples.map((sample) => [sample.at, sample[measure]]))
    return times.map((time) => values.get(time) ?? null)
  })
  return [times.map((time) => time / 1000), ...columns]
}

/** The last that was measured of each instance; null where nothing was yet. */
export const latest = (instances: Statistics['instances']): (Sample | null)[] =>
  instances.map(({ samples }) => samples.at(-1) ?? null)
