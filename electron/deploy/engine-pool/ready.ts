import type { DeploymentSpec } from '@shared/deployment'
import { AppError } from '@shared/error'
import type { Address } from '@shared/running'
import { pause } from '../../engine/deadline'
import { addressesOf } from './listed-addresses'
import { type Inspected, inspectContainer, portsOf } from './inspected'
import { exited, unhealthy } from './failure'
import { healthCheckOf, OwnProbe } from './health-check'
import type { Made } from './instance'
import type { Job } from './job'
import { publishedPorts } from '../model/ports'
import { reach } from './reach'

type Instance = Pick<Made, 'id' | 'name'>

/** Falls from which a container may get up by its restart policy before its start counts as failed. */
const mostRestarts = 3

/**
 * Resolves once every instance is healthy and reachable, with the addresses of all. The first failure ends it: CONTAINER_EXITED,
 * NOT_HEALTHY, NOT_REACHABLE, with the exit code and the last lines of that instance's log.
 */
export async function becomeReady(
  job: Job,
  instances: readonly Instance[],
  spec: DeploymentSpec,
): Promise<Address[]> {
  const ending = new AbortController()
  const end = (): void => ending.abort()
  job.signal.addEventListener('abort', end, { once: true })
  if (job.signal.aborted) end()
  const { signal } = ending
  try {
    job.to('health')
    await each(instances, ending, (instance) => becomeHealthy(job, instance, spec, signal))
    job.to('reaching')
    const all = await each(instances, ending, (instance) => becomeReachable(job, instance, spec, signal))
    job.check()
    return all.flat()
  } catch (thrown) {
    job.check()
    throw thrown
  } finally {
    job.signal.removeEventListener('abort', end)
  }
}

/** All side by side; once one fails the others stop waiting. */
async function each<T, R>(
  items: readonly T[],
  ending: AbortController,
  call: (item: T) => Promise<R>,
): Promise<R[]> {
  const calls = items.map((item) =>
    call(item).catch((thrown: unknown) => {
      ending.abort()
      throw thrown
    }),
  )
  try {
    return await Promise.all(calls)
  } finally {
    await Promise.allSettled(calls)
  }
}

/** By its health check; without one it is up for a short while, or its ports will show it. */
async function becomeHealthy(
  job: Job,
  { id, name }: Instance,
  spec: DeploymentSpec,
  signal: AbortSignal,
): Promise<void> {
  const since = performance.now()
  let container = await standing(job, id, spec)
  const check = healthCheckOf(container)
  const answers = spec.ports.some(
    ({ protocol, scope }) => protocol === 'tcp' && (job.connection.local || scope === 'all'),
  )
  if (!check) {
    if (!answers) await stayUp(job, id, spec, container, signal)
    return
  }
  const probe = new OwnProbe(job, id, check)
  const end = check.longest + job.patience.health
  for (let wait = 50; !signal.aborted; wait = Math.min(500, wait * 1.5)) {
    const state = container.State.Health?.Status ?? container.State.Healthcheck?.Status
    const elapsed = performance.now() - since
    if (state === 'healthy' || (container.State.Running && (await probe.ask(signal)))) {
      job.log(`${name}: healthy`)
      return
    }
    const lost = job.connection.kind === 'podman' && elapsed > check.verdictAfter && probe.failed
    if (state === 'unhealthy' || lost || elapsed > end) throw await unhealthy(job, container, spec)
    await pause(wait, signal)
    container = await standing(job, id, spec)
  }
}

/** Up for a while without a fall: all that can be seen of a container that neither has a health check nor listens. */
async function stayUp(
  job: Job,
  id: string,
  spec: DeploymentSpec,
  begun: Inspected,
  signal: AbortSignal,
): Promise<void> {
  let container = begun
  let since = performance.now()
  while (!signal.aborted && performance.now() - since < job.patience.steady) {
    await pause(100, signal)
    const next = await standing(job, id, spec)
    if (!next.State.Running || next.RestartCount !== container.RestartCount) since = performance.now()
    container = next
  }
}

/** Reachable, and not fallen meanwhile: one that answers and falls, or falls again and again, is not there. */
async function becomeReachable(
  job: Job,
  { id }: Instance,
  spec: DeploymentSpec,
  signal: AbortSignal,
): Promise<Address[]> {
  const end = performance.now() + job.patience.reach
  for (; ; await pause(50, signal)) {
    if (signal.aborted) throw new AppError('CANCELLED', { side: 'pool' })
    const before = await standing(job, id, spec)
    const addresses = addressesOf(portsOf(before), spec, job.connection)
    // Between a fall and the next start it has no ports.
    const open = before.State.Running && addresses.length >= publishedPorts(spec).length
    if (open) await reachWhileUp(job, id, spec, addresses, signal)
    const after = open ? await standing(job, id, spec) : before
    if (open && after.State.Running && after.RestartCount === before.RestartCount) return addresses
    if (performance.now() > end) throw await exited(job, after, spec)
  }
}

/** As `reach`, ended at once where the container falls for good. */
async function reachWhileUp(
  job: Job,
  id: string,
  spec: DeploymentSpec,
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<void> {
  const ending = new AbortController()
  const end = (): void => ending.abort()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  const watch = async (): Promise<void> => {
    for (; !ending.signal.aborted; await pause(250, ending.signal)) await standing(job, id, spec)
  }
  const { local } = job.connection
  const knock = reach(
    addresses.filter(({ debug }) => !debug),
    {
      ...{ local, signal: ending.signal, patience: job.patience.reach },
      log: (line) => job.log(line),
    },
  )
  const watching = watch()
  try {
    await Promise.race([knock, watching.then(() => knock)])
  } finally {
    end()
    signal.removeEventListener('abort', end)
    await Promise.allSettled([knock, watching])
  }
}

/** The container where it runs, or may get up again; CONTAINER_EXITED otherwise. */
async function standing(job: Job, id: string, spec: DeploymentSpec): Promise<Inspected> {
  const container = await inspectContainer(job.docker, id)
  const { Running, Restarting } = container.State
  const restarts = spec.restart.policy !== 'no'
  // Between its fall and the engine's own restart a container may be neither.
  const lying = !Running && !Restarting
  if (container.RestartCount >= mostRestarts) throw await exited(job, await fallen(job, container), spec)
  if (lying && !restarts) throw await exited(job, container, spec)
  if (lying && (container.State.Status === 'exited' || container.State.Status === 'dead')) {
    await pause(300, job.signal)
    const again = await inspectContainer(job.docker, id)
    if (!again.State.Running && !again.State.Restarting) throw await exited(job, again, spec)
    return again
  }
  return container
}

/** One that falls again and again at a moment when it lies: only then is its exit code known. */
async function fallen(job: Job, container: Inspected): Promise<Inspected> {
  const end = performance.now() + 2000
  let last = container
  while (last.State.Running && !last.State.Restarting && performance.now() < end && !job.signal.aborted) {
    await pause(30, job.signal)
    last = await inspectContainer(job.docker, container.Id)
  }
  return last
}
