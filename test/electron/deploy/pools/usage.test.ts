import { expect, it } from 'vitest'
import { cpusBetween } from '../../../../electron/deploy/pools/usage'

const sample = (at: number, times: Record<string, number>) => ({
  at,
  byContainer: new Map(Object.entries(times)),
})

it('CPU time between two looks is told in cores', () => {
  const before = sample(1000, { a: 1e9, gone: 9e9 })
  expect(cpusBetween(before, sample(3000, { a: 4e9 }))).toBeCloseTo(1.5)
  expect(cpusBetween(before, sample(3000, { a: 1e9, fresh: 1e9 }))).toBeCloseTo(0.5)
  expect(cpusBetween(before, sample(3000, { a: 0 }))).toBe(0)
})

it('there is no figure without a first look, or with one that is hardly over', () => {
  expect(cpusBetween(null, sample(3000, {}))).toBe(null)
  expect(cpusBetween(sample(2900, {}), sample(3000, {}))).toBe(null)
})
