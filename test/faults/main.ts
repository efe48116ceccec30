/**
 * The experiments on a hostile world: each does its harm to the program on real parts, and an oracle looks at what is left.
 * `--report` writes `out/faults/report.json`. The exit code is 1 where something was lost, false, done twice or left behind, or
 * an experiment could not be run, 2 where the command makes no sense.
 */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { readCommandLine } from './command-line'
import type { Experiment } from './experiment'
import { experiments } from './experiments'
import { missingParts } from './parts'
import { type Outcome, outcomeOf, Report, type Told } from './report'

const file = join(process.cwd(), 'out/faults/report.json')
const say = (name: string, words: string): void => void process.stdout.write(`${name}: ${words}\n`)

/** Runs an experiment in a process of its own; whatever becomes of that, there is an outcome. */
async function perform({ name, what }: Experiment, seed: number, runs: number): Promise<Outcome> {
  say(name, `${what}; ${runs} runs, seed ${seed}`)
  const began = performance.now()
  const child = fork(join(import.meta.dirname, 'one.ts'), [name, String(seed), String(runs)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on('line', (line) => say(name, line))
  const told = await new Promise<Told>((done) => {
    let answer: Told | null = null
    child.on('message', (message) => (answer = message as Told))
    child.on('error', (error) => done({ reason: error.message }))
    child.on('close', (code, signal) => done(answer ?? { reason: `it ended with ${signal ?? code}` }))
  })
  const outcome = outcomeOf(name, seed, told)
  const { ok, reason, lost, falseSuccess, duplicated, leaked } = outcome
  const counts = `${outcome.runs} runs, lost ${lost}, false ${falseSuccess}, twice ${duplicated}, left ${leaked}`
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  say(name, `${ok ? 'ok' : 'NOT OK'}: ${reason ?? counts}; ${seconds} s`)
  return outcome
}

async function main(): Promise<number> {
  const names = experiments.map(({ name }) => name)
  const { only, quick, seed, runs, lanes, report } = readCommandLine(process.argv.slice(2), names)
  const chosen = experiments.filter(
    (experiment) => (only.length === 0 || only.includes(experiment.name)) && (!quick || experiment.quick),
  )
  for (const words of missingParts()) process.stderr.write(`${words}\n`)
  const isAll = chosen.length === experiments.length
  const written = report ? new Report(file, names, !isAll) : null
  const outcomes: Outcome[] = []
  written?.write()
  // Those that take long whatever the machine does begin first.
  const waiting = [...chosen].sort((a, b) => Number(b.isLong ?? false) - Number(a.isLong ?? false))
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      outcomes.push(await perform(next, seed, runs ?? (quick ? next.few : next.full)))
      written?.write(...outcomes)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const bad = outcomes.filter(({ ok }) => !ok)
  for (const { name, reason } of bad) process.stderr.write(`NOT OK: ${name}${reason ? `: ${reason}` : ''}\n`)
  process.stdout.write(`${outcomes.length - bad.length} of ${outcomes.length} ok\n`)
  if (report) process.stdout.write('out/faults/report.json\n')
  return bad.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
