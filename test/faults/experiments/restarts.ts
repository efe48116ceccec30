import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../../lab/until'
import type { Experiment } from '../experiment'
import { inWorld, type Scene } from '../in-world'
import type { Accepted } from '../oracle'
import { Random } from '../random'
import { type Kind, withoutEngine } from '../world'

/** Jobs that failed of what went away, or were ended by it, must be done when they are tried again. */
async function goneAndBack(
  { world, oracle, states }: Scene,
  accepted: readonly Accepted[],
  harm: () => Promise<void>,
): Promise<void> {
  await harm()
  const hit = await world.program.settled()
  await oracle.jobs(accepted, hit)
  for (const { id, request } of accepted) {
    const job = hit.find((one) => one.id === id)
    if (job?.state === 'failed' || job?.state === 'interrupted')
      await world.program.call('job:retry', { id, replaces: null })
    else if (job?.state !== 'succeeded') oracle.count('lost', `${request.kind}: ${job?.state}`)
  }
  const jobs = await world.program.settled()
  await oracle.jobs(accepted, jobs)
  for (const { id, request } of accepted) {
    const job = jobs.find((one) => one.id === id)
    const isGone = request.kind.startsWith('delete') && job?.error?.code === 'MANIFEST_UNKNOWN'
    if (job?.state !== 'succeeded' && !isGone)
      oracle.count('lost', `${request.kind}: ${JSON.stringify(job?.error)} when all was back`)
  }
  states.note(
    hit.filter(({ id }) => accepted.some((one) => one.id === id)),
    jobs,
  )
  oracle.repeats(accepted)
  await oracle.leavings()
  oracle.counts.runs += 1
}

export const registryRestart: Experiment = {
  name: 'registry-restart',
  what: 'the registry is ended under jobs and started again',
  ...{ quick: true, few: 2, full: 24 },
  async run(seed, runs) {
    const random = new Random(seed)
    return inWorld({}, async (scene) => {
      const { world, oracle, before } = scene
      for (let run = 0; run < runs; run += 1) {
        world.way.faults.delay = 15
        const requests = await Promise.all(
          withoutEngine.map((kind) => world.request(kind, `s${seed}-${run}-${kind}`)),
        )
        const accepted = await world.enqueue(requests)
        await goneAndBack(scene, accepted, async () => {
          await pause(random.below(900))
          await world.target.halt()
          await pause(random.below(1500))
          await world.target.start()
          delete world.way.faults.delay
        })
        await world.tidy(requests)
      }
      await oracle.sameSettings(before)
    })
  },
}

const atEngine: readonly Kind[] = ['push', 'pull', 'resumable-push']

export const engineGone: Experiment = {
  name: 'engine-gone',
  what: 'the engine is killed, or restarted, under push, pull and resumable push',
  ...{ quick: true, few: 1, full: 16 },
  async run(seed, runs) {
    const random = new Random(seed)
    return inWorld({ engine: true }, async (scene) => {
      const { world, oracle, before } = scene
      const { engine } = world
      for (let run = 0; run < runs; run += 1) {
        const requests = await Promise.all(
          atEngine.map((kind) => world.request(kind, `e${seed}-${run}-${kind}`)),
        )
        world.way.faults.delay = 25
        const accepted = await world.enqueue(requests)
        await goneAndBack(scene, accepted, async () => {
          await pause(random.below(1200))
          if (random.next() < 0.5) await engine?.kill()
          else await engine?.halt()
          delete world.way.faults.delay
          await pause(random.below(600))
          await engine?.start()
          await until(
            'the engine',
            async () => (await world.program.call('engine:read', undefined)).status === 'connected',
          )
        })
        await world.tidy(requests)
      }
      await oracle.sameSettings(before)
    })
  },
}
