/** Stopping, starting, restarting and removing a deployment on a swarm, or one of its instances. */
import { AppError } from '@shared/error'
import type { DeploymentActionRequest } from '@shared/job'
import { pause } from '../../engine/deadline'
import type { Job } from '../engine-pool/job'
import { run } from '../engine-pool/run-inside'
import { encodeLabels, mostVersions } from '../model/labels'
import type { ApplyParts } from './apply'
import { containerOf, requireContainer } from './containers'
import { endedStates } from './error'
import { readDeployed } from './list'
import { replicasOf, withReplicas, type Service, type Task } from './objects'
import { changeService, withSecond } from './overlap'
import { reachService } from './reach'
import { removeService } from './remove'
import { removeNetworks, removeUnused } from './resources'
import { Watcher } from './settle'
import type { Deployed } from './summary'
import { removeVolumes } from './volumes'

const always = new AbortController().signal

/** See PoolDriver.act. */
export async function actOn(parts: ApplyParts, job: Job, request: DeploymentActionRequest): Promise<void> {
  job.to('preparing')
  const deployed = await readDeployed(parts, request.deploymentId, job.signal)
  switch (request.action) {
    case 'stop':
      return stop(parts, job, deployed)
    case 'start':
      return start(parts, job, deployed)
    case 'restart':
      return restart(parts, job, deployed)
    case 'remove':
      return remove(parts, job, deployed, request.volumes)
    case 'restart-instance':
      return restartInstance(parts, job, deployed, taskOf(deployed, request))
    case 'remove-instance':
      return removeInstance(parts, job, deployed, taskOf(deployed, request))
  }
}

const livingOf = (tasks: readonly Task[]): Task[] =>
  tasks.filter(({ Status }) => !endedStates.includes(Status.State))

async function stop(parts: ApplyParts, job: Job, deployed: Deployed): Promise<void> {
  const { api } = parts
  job.to('stopping')
  await beforeStop(parts, job, deployed, livingOf(deployed.tasks))
  const service = await api.service(deployed.service.ID, job.signal)
  await api.update(service, withReplicas(service.Spec, 0), job.signal)
  await ended(parts, job, deployed, () => true)
}

/** As many as the specification has; on failure it is stopped again. */
async function start(parts: ApplyParts, job: Job, deployed: Deployed): Promise<void> {
  const { api } = parts
  const { service, versions } = deployed
  const wanted = Math.max(1, versions[0].spec.instances)
  job.to('starting')
  if (replicasOf(service.Spec) > 0) return settle(parts, job, deployed, new Set())
  const before = new Set(deployed.tasks.map(({ ID }) => ID))
  await api.update(service, withReplicas(service.Spec, wanted), job.signal)
  try {
    await settle(parts, job, deployed, before)
  } catch (thrown) {
    const now = await api.service(service.ID, always)
    await api.update(now, withReplicas(now.Spec, 0), always)
    throw thrown
  }
}

async function settle(
  parts: ApplyParts,
  job: Job,
  deployed: Deployed,
  before: ReadonlySet<string>,
): Promise<void> {
  const { spec } = deployed.versions[0]
  const service = await watcherOf(parts, job, deployed, before).running()
  await reachService(parts, job, service, spec, parts.times.reach)
}

function watcherOf(
  { api, times }: ApplyParts,
  job: Job,
  { service, versions }: Deployed,
  before: ReadonlySet<string>,
): Watcher {
  return new Watcher({ api, job, times, spec: versions[0].spec, serviceId: service.ID, before })
}

/** Every task anew, as an upgrade to the same. */
async function restart(parts: ApplyParts, job: Job, deployed: Deployed): Promise<void> {
  const { service, versions } = deployed
  if (replicasOf(service.Spec) === 0) return start(parts, job, deployed)
  job.to('starting')
  await withSecond(parts, job, service, versions[0].spec, (now) => replaceAll(parts, job, deployed, now))
}

async function replaceAll(parts: ApplyParts, job: Job, deployed: Deployed, service: Service): Promise<void> {
  const { api } = parts
  const template = service.Spec.TaskTemplate
  const ForceUpdate = (template?.ForceUpdate ?? 0) + 1
  const before = new Set((await api.tasks(service.ID, job.signal)).map(({ ID }) => ID))
  await api.update(
    service,
    { ...service.Spec, ...(template && { TaskTemplate: { ...template, ForceUpdate } }) },
    job.signal,
  )
  await watcherOf(parts, job, deployed, before).updated()
  await settle(parts, job, deployed, before)
}

async function remove(parts: ApplyParts, job: Job, deployed: Deployed, volumes: boolean): Promise<void> {
  const { api } = parts
  const { service, labels, versions, nodes } = deployed
  const log = (line: string): void => job.log(line)
  job.to('stopping')
  await beforeStop(parts, job, deployed, livingOf(deployed.tasks))
  job.to('removing')
  await removeService(api, service.ID, log)
  job.tell('cleaning')
  await removeUnused(api, labels.id, null, log)
  await removeNetworks(api, labels.id, log)
  if (volumes) await removeVolumes(parts.connection, nodes, versions, log)
}

/** The container goes, and the swarm puts another in its place. */
async function restartInstance(parts: ApplyParts, job: Job, deployed: Deployed, task: Task): Promise<void> {
  const { api } = parts
  const template = deployed.service.Spec.TaskTemplate
  if (template?.RestartPolicy?.Condition === 'none') {
    const detail =
      'By its restart policy a swarm does not put another instance in the place of one that ended.'
    throw new AppError('POOL_UNSUPPORTED', { side: 'pool', field: 'restart' }, { detail })
  }
  const before = new Set((await api.tasks(task.ServiceID, job.signal)).map(({ ID }) => ID))
  await endInstance(parts, job, deployed, task)
  job.to('starting')
  await ended(parts, job, deployed, ({ ID }) => ID === task.ID)
  await settle(parts, job, deployed, before)
}

/** One instance fewer, and which; the next version says so. */
async function removeInstance(parts: ApplyParts, job: Job, deployed: Deployed, task: Task): Promise<void> {
  const { connection } = parts
  const { service, labels, versions } = deployed
  const [newest] = versions
  requireContainer(connection, task)
  const instances = Math.max(0, replicasOf(service.Spec) - 1)
  const next = { ...newest, version: newest.version + 1, at: Date.now(), reason: 'scale' as const }
  const Labels = encodeLabels({
    id: labels.id,
    versions: [{ ...next, spec: { ...newest.spec, instances } }, ...versions.slice(0, mostVersions - 1)],
  })
  await endInstance(parts, job, deployed, task)
  // A swarm that is told to have fewer takes those first that do not run.
  await ended(parts, job, deployed, ({ ID }) => ID === task.ID)
  await changeService(parts.api, service.ID, (spec) => ({
    ...withReplicas(spec, instances),
    Labels: { ...spec.Labels, ...Labels },
  }))
}

async function endInstance(parts: ApplyParts, job: Job, deployed: Deployed, task: Task): Promise<void> {
  const { docker, containerId } = requireContainer(parts.connection, task)
  job.to('stopping')
  await beforeStop(parts, job, deployed, [task])
  const container = docker.getContainer(containerId)
  const { stopSeconds } = deployed.versions[0].spec
  try {
    // Killed at once it would lose what it is at; and one that ends well is not put back by every restart policy.
    await container.kill({ signal: 'SIGTERM' })
    await pause(Math.min(stopSeconds ?? 10, 10) * 100, job.signal)
    await container.remove({ force: true })
  } catch (thrown) {
    const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : null
    // It is ending or gone already, which is what is wanted.
    if (status !== 404 && status !== 409) throw thrown
  }
}

/** Waits until the tasks in question have ended; one on a node that is lost counts as ended. */
async function ended(
  { api, times }: ApplyParts,
  job: Job,
  { service }: Deployed,
  which: (task: Task) => boolean,
): Promise<void> {
  for (;;) {
    const [tasks, nodes] = await Promise.all([api.tasks(service.ID, job.signal), api.nodes(job.signal)])
    const isThere = (task: Task): boolean =>
      nodes.some(({ ID, Status }) => ID === task.NodeID && Status?.State === 'ready')
    if (!livingOf(tasks).some((task) => which(task) && isThere(task))) return
    await pause(times.interval, job.signal)
    job.check()
  }
}

/** Runs the command before the stop in every container within reach; where it fails it is told, and the stop goes on. */
async function beforeStop(
  { connection, times }: ApplyParts,
  job: Job,
  { versions, service }: Deployed,
  tasks: readonly Task[],
): Promise<void> {
  const command = versions[0].spec.beforeStop
  if (command === null) return
  await Promise.all(
    tasks
      .filter(({ Status }) => Status.State === 'running')
      .map(async (task) => {
        const name = `${service.Spec.Name ?? ''}.${task.Slot}`
        const found = containerOf(connection, task)
        if (!found)
          return job.log(`${name}: its engine is out of reach; the command before the stop is not run`)
        try {
          const { docker, containerId } = found
          const words = ['/bin/sh', '-c', command]
          const code = await run(docker, containerId, words, times.beforeStop, job.signal)
          job.log(`${name}: the command before the stop ended with ${code}`)
        } catch (error) {
          job.check()
          const told = error instanceof AppError ? (error.detail ?? error.code) : String(error)
          job.log(`${name}: the command before the stop failed: ${told}`)
        }
      }),
  )
}

function taskOf(deployed: Deployed, { instanceId }: DeploymentActionRequest): Task {
  const found = deployed.tasks.find(({ ID }) => ID === instanceId)
  if (found) return found
  const detail = 'This instance is not there any more.'
  throw new AppError('DEPLOYMENT_UNKNOWN', { side: 'pool', deployment: deployed.labels.name }, { detail })
}
