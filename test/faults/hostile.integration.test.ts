import { beforeAll, describe, expect, it } from 'vitest'
import { cases as all } from './hostile/cases'
import { type Outcome, playAll } from './hostile/stage'

const cases = all.filter(({ long }) => !long)

/** One program meets them all; what came out is told case by case. */
describe('hostile registries and archives', () => {
  let outcomes: Outcome[] = []
  beforeAll(async () => {
    outcomes = await playAll(cases)
  }, 300_000)

  it.each(cases.map(({ name }) => name))('%s', (name) => {
    expect(outcomes.find((outcome) => outcome.name === name)?.complaints).toEqual([])
  })

  it('leaves nothing behind, and goes nowhere that nobody named', () => {
    const known = new Set(cases.map(({ name }) => name))
    expect(outcomes.filter(({ name }) => !known.has(name))).toEqual([])
  })

  it('has names that tell the cases apart', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  })
})
