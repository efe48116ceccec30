import { expect, it } from 'vitest'
import type { Sample } from '@shared/running'
import { chartData, latest, lookOf, mostLines } from '@/components/deployment/usage-series'

const sample = (at: number, cpu: number): Sample => ({ at, cpu, memory: 0, received: 0, sent: 0 })
const of = (id: string, ...samples: Sample[]) => ({ id, name: id, memoryLimit: null, samples })

it('puts instances with moments of their own side by side', () => {
  const instances = [of('a', sample(1000, 1), sample(3000, 3)), of('b', sample(2000, 2), sample(3000, 4))]
  expect(chartData(instances, 'cpu', 0)).toEqual([
    [1, 2, 3],
    [1, null, 3],
    [null, 2, 4],
  ])
  expect(chartData(instances, 'cpu', 2500)).toEqual([[3], [3], [4]])
  expect(latest([of('a'), ...instances]).map((last) => last?.cpu)).toEqual([undefined, 3, 4])
})

it('tells every line that is drawn apart, not by colour alone', () => {
  for (const theme of ['light', 'dark'] as const) {
    const looks = Array.from({ length: mostLines }, (_, index) => lookOf(index, theme))
    expect(new Set(looks.map((look) => JSON.stringify(look))).size).toBe(mostLines)
    expect(looks[0]?.dash).not.toEqual(looks[1]?.dash)
  }
})
