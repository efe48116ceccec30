import { describe, expect, it } from 'vitest'
import { isClean } from './experiment'
import { experiments } from './experiments'

describe('the quick experiments on a hostile world', () => {
  it.each(experiments.filter(({ quick }) => quick))(
    '$name: $what',
    async ({ run, few }) => {
      const said: unknown = await run(1, few)
      expect(said).toSatisfy(isClean)
    },
    240_000,
  )
})
