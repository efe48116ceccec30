import { isEnded, type Job } from '@shared/job'
import { until } from '../../lab/until'
import type { Experiment } from '../experiment'
import { Oracle } from '../oracle'
import { States } from '../states'
import { type Kind, World } from '../world'

const kinds: readonly Kind[] = ['copy', 'archive-push', 'push', 'pull']
const parts = 16

/**
 * Every connection to the registry is cut once a sixteenth, two, three ... of what a job sends or fetches has gone; the next
 * one is refused. A job that failed is tried again, and must then be done.
 */
export const cut: Experiment = {
  name: 'cut',
  what: 'the network cut at every sixteenth of copy, archive push, push and pull',
  ...{ quick: true, few: 4, full: kinds.length * parts },
  async run(seed, runs) {
    const world = await World.open({ engine: true })
    const oracle = new Oracle(world)
    const states = new States()
    try {
      const before = await oracle.settings()
      const { way } = world
      for (let run = 0; run < runs; run += 1) {
        const kind = kinds[run % kinds.length] ?? 'copy'
        // Few runs are spread over the whole way too.
        const part = Math.floor((Math.floor(run / kinds.length) * parts) / Math.ceil(runs / kinds.length)) + 1
        const size = 1_000_000
        const request = await world.request(kind, `c${seed}-${run}-${kind}`, size)
        way.faults.delay = 4
        const passed = (): number => way.seen.up + way.seen.down
        const point = passed() + (size * part) / parts
        const { id } = await world.program.call('job:enqueue', request)
        const job = async (): Promise<Job | undefined> =>
          (await world.program.jobs()).find((one) => one.id === id)
        await until(
          'the point of the cut',
          async () => {
            return passed() >= point || isEnded((await job())?.state ?? 'failed')
          },
          { interval: 2 },
        )
        const hit = await job()
        const { connections } = way.seen
        way.faults.refuse = true
        way.cutAll()
        // Back once somebody has run into it.
        await until(
          'a refusal',
          async () => way.seen.connections > connections || isEnded((await job())?.state ?? 'failed'),
          { interval: 5, timeout: 10_000 },
        )
        way.faults = {}
        const [first] = (await world.program.settled()).filter((one) => one.id === id)
        if (hit && first) states.note([hit], [first])
        if (first?.state === 'failed') await world.program.call('job:retry', { id, replaces: null })
        const jobs = await world.program.settled()
        await oracle.jobs([{ id, request }], jobs)
        const last = jobs.find((one) => one.id === id)
        if (last?.state !== 'succeeded')
          oracle.count(
            'lost',
            `${kind} at ${part}/16: ${last?.state} ${JSON.stringify(last?.error)} with the network back`,
          )
        oracle.repeats([{ id, request }])
        await oracle.leavings()
        oracle.uncaught()
        await world.tidy([request])
        oracle.counts.runs += 1
      }
      await oracle.sameSettings(before)
      process.stdout.write(`  ${states.read()}\n`)
      await world.program.stop()
      oracle.databases()
      return oracle.counts
    } finally {
      await world.close()
    }
  },
}
