/** One experiment in a process of its own, started by main.ts: `one.ts NAME SEED RUNS`. Sends what came out over Node's channel. */
import { experiments } from './experiments'
import type { Told } from './report'

const [name, seed, runs] = process.argv.slice(2)

async function perform(): Promise<Told> {
  const experiment = experiments.find((one) => one.name === name)
  if (!experiment) return { reason: `there is no experiment ${name}` }
  try {
    return { counts: await experiment.run(Number(seed), Number(runs)) }
  } catch (error) {
    process.stderr.write(`could not be run: ${error instanceof Error ? error.stack : String(error)}\n`)
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

// Without the one who asked there is nothing to do; the lab's watchdog clears up.
process.on('disconnect', () => process.exit(1))
const told = await perform()
process.send?.(told, () => process.exit(0))
