/** `out/faults/report.json`: what came out of each experiment, written anew after each. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Counts, isClean, noCounts } from './experiment'

/** What the process of an experiment says: the counts, or why there are none. */
export type Told = { counts: Counts } | { reason: string }

export interface Outcome extends Counts {
  name: string
  ok: boolean
  seed: number | null
  /** When it ended, ISO 8601; null where it was not run. */
  at: string | null
  /** Why it is not ok though its counts are zero; null otherwise. */
  reason: string | null
}

/** An experiment that could not be run, or did nothing, is not ok. */
export function outcomeOf(name: string, seed: number, told: Told): Outcome {
  const common = { name, seed, at: new Date().toISOString() }
  if ('reason' in told) return { ...common, ...noCounts(), ok: false, reason: told.reason }
  const { counts } = told
  const reason = counts.runs === 0 ? 'no run was made' : null
  return { ...common, ...counts, ok: isClean(counts) && reason === null, reason }
}

const notRun = (name: string): Outcome => ({
  ...{ name, ...noCounts(), ok: false, seed: null, at: null, reason: 'not run' },
})

export class Report {
  private readonly outcomes = new Map<string, Outcome>()

  /** `names`: all experiments, in their order. With `keep` those of an earlier report stay until they are run again. */
  constructor(
    private readonly file: string,
    private readonly names: readonly string[],
    keep: boolean,
  ) {
    for (const outcome of keep ? earlierIn(file) : []) this.outcomes.set(outcome.name, outcome)
  }

  /** Notes what came out and writes the file: every experiment is in it, also one that was not run yet. */
  write(...outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) this.outcomes.set(outcome.name, outcome)
    const all = this.names.map((name) => this.outcomes.get(name) ?? notRun(name))
    mkdirSync(dirname(this.file), { recursive: true })
    writeFileSync(this.file, `${JSON.stringify({ experiments: all }, null, 2)}\n`)
  }
}

function earlierIn(file: string): Outcome[] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { experiments: Outcome[] }).experiments
  } catch {
    return []
  }
}
