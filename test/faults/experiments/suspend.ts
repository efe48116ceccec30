import { setTimeout as pause } from 'node:timers/promises'
import { DeploymentOracle } from '../deployment-oracle'
import { Deployments } from '../deployments'
import type { Experiment } from '../experiment'
import { inWorld } from '../in-world'
import { Random } from '../random'
import { type Kind, kinds } from '../world'

const tokenSeconds = 3
/** Longer than a token lives; and longer than any patience with a registry: then every timer is due at once. */
const naps = [tokenSeconds * 1500, 95_000]

/** The machine sleeps: the program stands still, its connections die or go on, its tokens end and its timers jump. */
export const suspend: Experiment = {
  name: 'suspend',
  what: 'the program stopped for longer than tokens, connections and time-outs live, then let go on',
  ...{ quick: false, few: 1, full: 12 },
  run(seed, runs) {
    const random = new Random(seed)
    const target = { auth: 'bearer', tokenSeconds } as const
    return inWorld({ engine: true, target, order: { keychain: 'file' } }, async (scene) => {
      const { world, oracle, states } = scene
      await world.signIn('keychain')
      const before = await oracle.settings()
      const deployments = await Deployments.open(world)
      const atPool = new DeploymentOracle(world, deployments, oracle)
      for (let run = 0; run < runs; run += 1) {
        const { program } = world
        const requests = []
        for (const kind of chosen(random)) requests.push(await world.request(kind, `z${seed}-${run}-${kind}`))
        world.way.faults.delay = 25
        const [accepted, sent] = await Promise.all([
          world.enqueue(requests),
          deployments.send(deployments.orders(random)),
        ])
        await pause(random.below(2500))
        const hit = await program.jobs()
        program.suspend()
        // The other side may have hung up meanwhile, or wait.
        if (run % 2 === 0) world.way.cutAll()
        // Of twelve runs two sleep long.
        await pause(naps[run % 6 === 2 ? 1 : 0])
        program.resume()
        delete world.way.faults.delay
        const jobs = await program.settled()
        const all = [...accepted, ...sent]
        states.note(
          hit.filter(({ id }) => all.some((one) => one.id === id)),
          jobs,
        )
        await oracle.jobs(accepted, jobs)
        for (const { id, state } of jobs)
          if (state === 'failed' && accepted.some((one) => one.id === id))
            await program.call('job:retry', { id, replaces: null })
        const last = await program.settled()
        await oracle.jobs(accepted, last)
        for (const { id, request } of accepted) {
          const job = last.find((one) => one.id === id)
          const isGone = request.kind.startsWith('delete') && job?.error?.code === 'MANIFEST_UNKNOWN'
          if (job?.state !== 'succeeded' && !isGone)
            oracle.count('lost', `${request.kind}: ${job?.state} ${JSON.stringify(job?.error)} awake again`)
        }
        oracle.repeats(accepted)
        await atPool.jobs(sent)
        await oracle.leavings()
        oracle.uncaught()
        await oracle.sameSettings(before)
        await world.tidy(requests)
        oracle.counts.runs += 1
      }
    })
  },
}

function chosen(random: Random): Kind[] {
  const left = [...kinds]
  return Array.from({ length: 5 }, () => left.splice(random.below(left.length), 1)[0] ?? 'copy')
}
