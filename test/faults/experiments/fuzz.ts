import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Experiment, noCounts } from '../experiment'
import type { Finding } from '../fuzz/surface'
import { surfaces } from '../fuzz/surfaces'

interface Told {
  property?: string
  done?: { runs: number; findings: Finding[] }
}

/** For one property: far more than any takes, also on a machine that has other things to do. Milliseconds. */
const patience = 30 * 60_000

/** What one surface may take, so that what fills the memory is a finding and no trouble for others; megabytes. */
const memory = 2048

/** Runs a surface in a process; a property that does not end in time, and a process that dies, are findings too. */
function fuzzed(name: string, runs: number, seed: number): Promise<{ runs: number; findings: Finding[] }> {
  return new Promise((done) => {
    const file = fileURLToPath(new URL('../fuzz/process.ts', import.meta.url))
    const child = fork(file, [JSON.stringify({ name, runs, seed })], {
      execArgv: ['--import', 'tsx', `--max-old-space-size=${memory}`],
    })
    let property = ''
    let timer: NodeJS.Timeout | undefined
    const end = (result: { runs: number; findings: Finding[] }): void => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      done(result)
    }
    const fail = (words: string): void =>
      end({ runs, findings: [{ property, breach: 'lost', words: `${words}, seed ${seed}` }] })
    child.on('message', (told: Told) => {
      if (told.done) return end(told.done)
      property = told.property ?? property
      clearTimeout(timer)
      timer = setTimeout(() => fail('it hangs'), patience)
    })
    child.on('error', (error) => fail(error.message))
    child.on('exit', (code, signal) => fail(`its process ended with ${signal ?? code}`))
  })
}

/** Properties of everything that reads what others wrote, for inputs that fast-check makes up; `runs` is for each surface. */
export const fuzz: Experiment = {
  name: 'fuzz',
  what: `${Object.keys(surfaces).length} surfaces (${Object.keys(surfaces).join(', ')}), so many inputs each`,
  // A few hundred of each are among the unit tests: test/surfaces.fuzz.test.ts.
  ...{ quick: false, few: 300, full: 20_000 },
  async run(seed, runs) {
    const counts = noCounts()
    for (const name of Object.keys(surfaces)) {
      const { runs: made, findings } = await fuzzed(name, runs, seed)
      counts.runs += made
      for (const { property, breach, words } of findings) {
        counts[breach] += 1
        process.stdout.write(`  ${name}: ${property}: ${breach}\n${words}\n`)
      }
      process.stdout.write(`  ${name}: ${made} runs, ${findings.length} findings\n`)
    }
    return counts
  },
}
