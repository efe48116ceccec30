import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isEnded, type Job } from '@shared/job'
import { until } from '../../lab/until'
import { DeploymentOracle } from '../deployment-oracle'
import { Deployments } from '../deployments'
import type { Experiment } from '../experiment'
import { inWorld, type Scene } from '../in-world'
import type { Accepted } from '../oracle'
import { Random } from '../random'
import type { Kind, World } from '../world'

const atEngine: readonly Kind[] = ['push', 'pull', 'resumable-push']
/** Within which everything that waits for an engine which hangs has to have ended, milliseconds. */
const bound = 90_000

/** The engine takes everything and answers nothing: what waits for it ends with a reason, what does not need it goes on. */
export const engineHung: Experiment = {
  name: 'engine-hung',
  what: 'the engine hangs (stopped, or its socket stalled) under push, pull, resumable push, deployments and a log',
  ...{ quick: false, few: 1, full: 8, isLong: true },
  run(seed, runs) {
    const random = new Random(seed)
    const options = { engine: true, engineWay: true, order: { keychain: 'file' } } as const
    return inWorld(options, async (scene) => {
      const { world, oracle, before } = scene
      const deployments = await Deployments.open(world)
      const atPool = new DeploymentOracle(world, deployments, oracle)
      for (let run = 0; run < runs; run += 1) {
        const requests = []
        for (const kind of atEngine) requests.push(await world.request(kind, `g${seed}-${run}-${kind}`))
        const other = await world.request('copy', `g${seed}-${run}-copy`)
        world.way.faults.delay = 20
        const streamId = await openLog(world, deployments)
        const accepted = await world.enqueue(requests)
        const sent = await deployments.send(deployments.orders(random))
        await pause(random.below(2500))
        const goOn = hang(world, run % 2 === 0)
        delete world.way.faults.delay
        try {
          accepted.push(...(await world.enqueue([other])))
          await whileHung(scene, [...accepted, ...sent], streamId)
        } finally {
          goOn()
        }
        await answering(world)
        await again(scene, accepted)
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

async function openLog(world: World, { poolId, standing }: Deployments): Promise<string> {
  const id = standing.get('fixed')?.id ?? ''
  const request = { poolId, id, instanceId: null, tail: 10, since: null }
  return (await world.program.call('log:open', request)).streamId
}

/** Answers what lets it go on. */
function hang({ engine, engineWay }: World, isStopped: boolean): () => void {
  if (!isStopped && engineWay) {
    engineWay.faults.stall = true
    return () => delete engineWay.faults.stall
  }
  const pid = Number(readFileSync(join(dirname(engine?.socket ?? ''), 'pid'), 'utf8'))
  process.kill(pid, 'SIGSTOP')
  return () => process.kill(pid, 'SIGCONT')
}

/** One job is cancelled, one needs no engine; all of them, and the log, must have come to an end by themselves. */
async function whileHung(
  { world, oracle, states }: Scene,
  all: readonly Accepted[],
  streamId: string,
): Promise<void> {
  const { program } = world
  const isOurs = ({ id }: Job): boolean => all.some((one) => one.id === id)
  const hit = (await program.jobs()).filter(isOurs)
  const began = performance.now()
  const [stopped] = hit.filter(({ state, request }) => state === 'running' && request.kind !== 'copy')
  if (stopped) await program.call('job:cancel', { id: stopped.id })
  await until('all ended', async () => (await program.jobs()).filter(isOurs).every(hasEnded), {
    timeout: bound,
  }).catch(() => null)
  const jobs = (await program.jobs()).filter(isOurs)
  states.note(hit, jobs)
  for (const job of jobs) {
    if (!isEnded(job.state)) oracle.count('lost', `${job.request.kind} ${job.state}: it waits for ever`)
    if (job.id === stopped?.id && job.state !== 'cancelled' && job.state !== 'succeeded')
      oracle.count('lost', `${job.request.kind}: cancelled, but ${job.state}`)
    if (job.request.kind === 'copy' && job.state !== 'succeeded')
      oracle.count('lost', `copy: ${job.state} for an engine that it does not need`)
  }
  await until('the end of the log', () => program.endedLogs.has(streamId), {
    timeout: Math.max(1000, bound - (performance.now() - began)),
  }).catch(() => oracle.count('lost', 'a log that is followed waits for ever'))
}

const hasEnded = ({ state }: Job): boolean => isEnded(state)

async function answering({ program }: World): Promise<void> {
  await until('the engine', async () => {
    return (await program.call('engine:read', undefined)).status === 'connected'
  })
  await until('the pool', async () => {
    const { pools } = await program.call('pool:refresh', { id: null })
    return pools.some(({ state }) => state === 'online')
  })
}

/** What failed of it must be done when it is tried again. */
async function again({ world, oracle }: Scene, accepted: readonly Accepted[]): Promise<void> {
  const { program } = world
  for (const job of await program.jobs()) {
    const isOurs = accepted.some(({ id }) => id === job.id)
    if (isOurs && isEnded(job.state) && job.state !== 'succeeded')
      await program.call('job:retry', { id: job.id, replaces: null })
  }
  const jobs = await program.settled()
  await oracle.jobs(accepted, jobs)
  for (const { id, request } of accepted) {
    const job = jobs.find((one) => one.id === id)
    if (job?.state !== 'succeeded')
      oracle.count('lost', `${request.kind}: ${JSON.stringify(job?.error)} when the engine answered again`)
  }
  oracle.repeats(accepted)
}
