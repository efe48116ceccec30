import { parseArgs } from 'node:util'

export interface CommandLine {
  /** Empty: all. */
  only: string[]
  /** Only those that are part of the tests, with few runs each. */
  quick: boolean
  seed: number
  /** Instead of each experiment's own number. */
  runs: number | null
  /** How many experiments run side by side, each in a world of its own. */
  lanes: number
  report: boolean
}

/** Reads `[--report] [--quick] [--only NAME ...] [--seed N] [--runs N] [--lanes N]`; throws an Error with the reason where it makes no sense. */
export function readCommandLine(args: readonly string[], known: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      report: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: '1' },
      runs: { type: 'string' },
      lanes: { type: 'string', default: '3' },
    },
  })
  const unknown = values.only.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`no experiment ${unknown}; there are: ${known.join(' ')}`)
  const { report, quick, only } = values
  const runs = values.runs === undefined ? null : wholeNumber('--runs', values.runs)
  const [seed, lanes] = [wholeNumber('--seed', values.seed), wholeNumber('--lanes', values.lanes)]
  return { report, quick, only, seed, runs, lanes }
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${option} ${text}: not a whole number from 1 on`)
  return value
}
