import { expect, it } from 'vitest'
import type { Sample, Statistics } from '@shared/running'
import { mergeStatistics, shownTime } from '@/stores/statistics'

const sample = (at: number): Sample => ({ at, cpu: at, memory: 0, received: 0, sent: 0 })
const of = (revision: number, times: Record<string, number[]>): Statistics => ({
  poolId: 'local',
  id: 'd1',
  revision,
  instances: Object.entries(times).map(([id, all]) => ({
    id,
    name: id,
    memoryLimit: null,
    samples: all.map(sample),
  })),
})
const times = (statistics: Statistics) =>
  Object.fromEntries(statistics.instances.map(({ id, samples }) => [id, samples.map(({ at }) => at)]))

it('adds what is new, and takes the whole hour again, without a moment twice', () => {
  const known = of(1, { a: [1, 2, 3] })
  expect(times(mergeStatistics(known, of(2, { a: [4] })))).toEqual({ a: [1, 2, 3, 4] })
  expect(times(mergeStatistics(known, of(2, { a: [1, 2, 3, 4] })))).toEqual({ a: [1, 2, 3, 4] })
  expect(times(mergeStatistics(known, of(2, { a: [3, 4] })))).toEqual({ a: [1, 2, 3, 4] })
})

it('keeps an instance that is gone for as long as its hour is shown', () => {
  const merged = mergeStatistics(of(1, { old: [1000] }), of(2, { fresh: [2000] }))
  expect(times(merged)).toEqual({ fresh: [2000], old: [1000] })
  const later = mergeStatistics(merged, of(3, { fresh: [2000 + shownTime] }))
  expect(times(later)).toEqual({ fresh: [2000, 2000 + shownTime] })
})

it('forgets what is older than an hour, and drops an older word', () => {
  const known = of(5, { a: [1, 2] })
  expect(times(mergeStatistics(known, of(6, { a: [2 + shownTime] })))).toEqual({ a: [2, 2 + shownTime] })
  expect(mergeStatistics(known, of(4, { a: [9] }))).toBe(known)
})
