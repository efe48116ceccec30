/**
 * The experiments on a hostile world: each does its harm to the program on real parts, and an oracle looks at what is left.
 * `--report` writes `out/faults/report.json`. The exit code is 1 where something was lost, false, done twice or left behind.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readCommandLine } from './command-line'
import { type Experiment, isClean, type Outcome } from './experiment'
import { experiments } from './experiments'

const file = join(process.cwd(), 'out/faults/report.json')
const say = (words: string): void => void process.stdout.write(`${words}\n`)

async function perform(experiment: Experiment, seed: number, runs: number): Promise<Outcome> {
  const { name } = experiment
  say(`${name}: ${experiment.what}; ${runs} runs, seed ${seed}`)
  const began = performance.now()
  const counts = await experiment.run(seed, runs)
  const outcome = { name, ...counts, ok: isClean(counts) }
  const { lost, falseSuccess, duplicated, leaked } = counts
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  say(
    `  ${outcome.ok ? 'ok' : 'NOT OK'}: ${counts.runs} runs, lost ${lost}, false ${falseSuccess}, twice ${duplicated}, left ${leaked}; ${seconds} s`,
  )
  return outcome
}

async function main(): Promise<number> {
  const names = experiments.map(({ name }) => name)
  const { only, quick, seed, runs, report } = readCommandLine(process.argv.slice(2), names)
  const chosen = experiments.filter(
    (experiment) => (only.length === 0 || only.includes(experiment.name)) && (!quick || experiment.quick),
  )
  const outcomes: Outcome[] = []
  const broken: string[] = []
  for (const experiment of chosen) {
    try {
      outcomes.push(await perform(experiment, seed, runs ?? (quick ? experiment.few : experiment.full)))
    } catch (error) {
      broken.push(experiment.name)
      process.stderr.write(`  ${experiment.name} could not be run: ${String((error as Error).stack)}\n`)
    }
    if (!report) continue
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${JSON.stringify({ experiments: outcomes }, null, 2)}\n`)
  }
  if (report) say('out/faults/report.json')
  return broken.length === 0 && outcomes.every(({ ok }) => ok) ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
