/** Two hundred made-up inputs for each surface; `npm run test:faults -- --only fuzz` makes tens of thousands. */
import { describe, expect, it } from 'vitest'
import { fuzz } from './faults/fuzz/surface'
import { surfaces } from './faults/fuzz/surfaces'

describe('what others wrote is read or refused, for any input', () => {
  it.each(Object.entries(surfaces))(
    '%s',
    async (_name, open) => {
      const { findings } = await fuzz(await open(), { runs: 200, seed: 42 })
      expect(findings.map(({ property, breach, words }) => `${property}: ${breach}\n${words}`)).toEqual([])
    },
    120_000,
  )
})
