import { setTimeout as pause } from 'node:timers/promises'
import type { Experiment } from '../experiment'
import { type Accepted, Oracle } from '../oracle'
import { Random } from '../random'
import { States } from '../states'
import { kinds, World } from '../world'

/** Jobs take about so long here, milliseconds: the moments lie in it, and a little behind it. */
const span = 1800

/** The program is killed at a moment of its own in each run, while one job of every kind runs or waits. */
export const kill: Experiment = {
  name: 'kill',
  what: 'kill -9 at seeded moments over copy, archive push, push, resumable push, pull, delete and delete-tags',
  ...{ quick: true, few: 6, full: 200 },
  async run(seed, runs) {
    const random = new Random(seed)
    const world = await World.open({ engine: true })
    const oracle = new Oracle(world)
    try {
      const before = await oracle.settings()
      const all: Accepted[] = []
      const states = new States()
      for (let run = 0; run < runs; run += 1) {
        // Each kind is the first now and then; the data of the last job is small, so that its end is hit too.
        const shift = random.below(kinds.length)
        const order = kinds.map((_, index) => kinds[(index + shift) % kinds.length] ?? 'copy')
        const requests = await Promise.all(
          order.map((kind) => world.request(kind, `k${seed}-${run}-${kind}`)),
        )
        world.way.faults.delay = random.below(50)
        const accepted: Accepted[] = []
        const { registryId } = requests.find(({ kind }) => kind === 'delete') as { registryId: string }
        const killed = pause(random.below(span)).then(() => world.program.kill())
        for (const request of requests) {
          const job = await world.program.call('job:enqueue', request).catch(() => null)
          if (job) accepted.push({ id: job.id, request })
          const place = {
            registryId,
            section: 'private',
            repository: `visited-${run}`,
            reference: null,
          } as const
          void world.program.call('place:visit', place).catch(() => null)
        }
        await killed
        oracle.databases()
        const { told } = world.program
        delete world.way.faults.delay
        await world.start()
        all.push(...accepted)
        const jobs = await world.program.settled()
        await oracle.jobs(accepted, jobs)
        oracle.unchanged(told, jobs)
        oracle.repeats(accepted)
        await oracle.leavings()
        await oracle.sameSettings(before)
        oracle.uncaught()
        await world.tidy(requests)
        states.note(told.values(), jobs)
        oracle.counts.runs += 1
      }
      // Everything from the first run on, as far as the history goes.
      const jobs = await world.program.jobs()
      const known = all.slice(-400)
      for (const { id, request } of known)
        if (!jobs.some((job) => job.id === id)) oracle.count('lost', `${request.kind}: gone from the history`)
      process.stdout.write(`  ${states.read()}\n`)
      await world.program.stop()
      oracle.databases()
      return oracle.counts
    } finally {
      await world.close()
    }
  },
}
