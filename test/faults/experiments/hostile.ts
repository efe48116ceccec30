import type { Experiment } from '../experiment'
import { cases } from '../hostile/cases'
import { countsOf, playAll } from '../hostile/stage'

/**
 * Each run is a case, of which there are as many as there are: its registry or archive is what only a stranger would make.
 * `lost`: no proper end, error or memory; `falseSuccess`: taken for good, or kept; `leaked`: a secret, a connection or a file
 * where none belongs, as a ledger on every socket and file saw it. The quick ones are in hostile.integration.test.ts.
 */
export const hostile: Experiment = {
  name: 'hostile',
  what: 'registries and archives of strangers, against all of the program, with a ledger on every socket',
  ...{ quick: false, few: cases.length, full: cases.length },
  async run(_seed, runs) {
    const outcomes = await playAll(cases.slice(0, runs))
    for (const { harm, case: name, what } of outcomes.flatMap(({ complaints }) => complaints))
      process.stdout.write(`  ${harm}: ${name}: ${what}\n`)
    return countsOf(outcomes)
  },
}
