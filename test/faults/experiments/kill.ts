import { setTimeout as pause } from 'node:timers/promises'
import type { JobRequest } from '@shared/job'
import type { Place } from '@shared/search'
import { DeploymentOracle } from '../deployment-oracle'
import { Deployments } from '../deployments'
import type { Experiment } from '../experiment'
import { type Accepted, Oracle } from '../oracle'
import { Random } from '../random'
import { States } from '../states'
import { type Kind, kinds, World } from '../world'

/** Jobs take about so long here, milliseconds: the moments lie in it, and a little behind it. */
const spans = [1800, 4000]
/** Kinds of each run beside those on the pool: with all of them at once the machine would be measured, not the moments. */
const atOnce = 5

/** The program is killed at a moment of its own in each run, while jobs of many kinds run or wait; all kinds take their turn. */
export const kill: Experiment = {
  name: 'kill',
  what: 'kill -9 at seeded moments over all kinds of jobs: five of those at registries and engine, three on a pool, at once',
  ...{ quick: true, few: 3, full: 200, isLong: true },
  async run(seed, runs) {
    const random = new Random(seed)
    const world = await World.open({ engine: true, order: { keychain: 'file' } })
    const oracle = new Oracle(world)
    try {
      const deployments = await Deployments.open(world)
      const atPool = new DeploymentOracle(world, deployments, oracle)
      const before = await oracle.settings()
      const all: Accepted[] = []
      const states = new States()
      for (let run = 0; run < runs; run += 1) {
        // Each kind is the first now and then; the data of the last job is small, so that its end is hit too.
        const requests: JobRequest[] = []
        for (const kind of chosen(random)) requests.push(await world.request(kind, `k${seed}-${run}-${kind}`))
        const orders = deployments.orders(random)
        world.way.faults.delay = random.below(50)
        const killed = pause(random.below(spans[run % spans.length] ?? 0)).then(() => world.program.kill())
        const [accepted, sent] = await Promise.all([
          send(world, requests, run),
          deployments.send(orders),
          killed,
        ])
        oracle.databases()
        const { told } = world.program
        delete world.way.faults.delay
        await world.start()
        all.push(...accepted, ...sent)
        const jobs = await world.program.settled()
        states.note(told.values(), jobs)
        await oracle.jobs(accepted, jobs)
        oracle.unchanged(told, jobs)
        oracle.repeats(accepted)
        await atPool.jobs([...sent, ...deployments.adopted(orders, sent, jobs)])
        await oracle.leavings()
        await oracle.sameSettings(before)
        oracle.uncaught()
        await world.tidy(requests)
        oracle.counts.runs += 1
      }
      // Everything from the first run on, as far as the history goes.
      const jobs = await world.program.jobs()
      for (const { id, request } of all.slice(-400))
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

/** Some of the kinds, in an order of their own. */
function chosen(random: Random): Kind[] {
  const left = [...kinds]
  return Array.from({ length: atOnce }, () => left.splice(random.below(left.length), 1)[0] ?? 'copy')
}

async function send(world: World, requests: readonly JobRequest[], run: number): Promise<Accepted[]> {
  const accepted: Accepted[] = []
  const registryId = world.registries.target.id
  for (const request of requests) {
    accepted.push(...(await world.enqueue([request])))
    const place: Place = { registryId, section: 'private', repository: `visited-${run}`, reference: null }
    void world.program.call('place:visit', place).catch(() => null)
  }
  return accepted
}
