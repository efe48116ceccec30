import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setStage, type Stage } from './stage'
import { steps } from './tour/steps'
import { Tour } from './tour/tour'

describe.each(['en', 'zh-CN'] as const)('the main job, in %s', (language) => {
  let stage: Stage
  let tour: Tour
  let broken = false

  beforeAll(async () => {
    stage = await setStage()
    tour = new Tour(stage, language)
  })
  afterAll(async () => {
    await tour.close()
    await stage.stop()
  })

  it.each(steps.map((step) => [step.name, step] as const))('%s', async (_name, step) => {
    expect(broken, 'an earlier step failed').toBe(false)
    broken = true
    await step.run(tour)
    broken = false
  })
})
