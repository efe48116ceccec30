import { AppError } from '@shared/error'
import type { DeploymentActionRequest } from '@shared/job'
import type { ActContext } from '../driver'
import { endSwitch, recordToTheLast } from './cut-off'
import { inspectReady } from './image'
import { allOf, type Mold, removeAll, retire, startAll, stopAll } from './instance'
import type { Job } from './job'
import { type Ours, type Owned, requireOurs } from './ours'
import { becomeReady } from './ready'
import { heldPorts, replaceAll } from './replace'
import { withoutInstance } from './scale'
import { secretNames, secretsIn } from './secrets-in'
import { removeNetworks, removeVolumes, volumeNames } from './surroundings'

/** Stops, starts, restarts or removes a deployment, or one instance of it; see `PoolDriver.act`. */
export async function act(
  job: Job,
  request: DeploymentActionRequest,
  context: Pick<ActContext, 'beforeGone'>,
): Promise<void> {
  job.to('preparing')
  const ours = await endSwitch(job, await requireOurs(job.docker, request.deploymentId))
  switch (request.action) {
    case 'stop':
      job.to('stopping')
      return stopAll(job, [...ours.instances, ...ours.halfMade], ours.spec)
    case 'start':
      return start(job, ours, ours.instances)
    case 'restart':
      return restart(job, ours)
    case 'remove':
      return remove(job, ours, request.volumes, context)
    case 'restart-instance':
      return inPlace(job, ours, [instanceOf(ours, request)])
    case 'remove-instance':
      return withoutInstance(job, ours, instanceOf(ours, request))
  }
}

/** An instance that fails says its last words, and a secret of its own may be among them. */
async function hideSecrets(job: Job, { instances, versions }: Ours): Promise<void> {
  const names = [...new Set(versions.flatMap(({ spec }) => secretNames(spec)))]
  await allOf(instances, async ({ id }) => job.hide(Object.values(await secretsIn(job.docker, id, names))))
}

async function start(job: Job, ours: Ours, instances: readonly Owned[]): Promise<void> {
  await hideSecrets(job, ours)
  job.to('starting')
  await startAll(job, instances)
  if (ours.spec) await becomeReady(job, instances, ours.spec)
}

/** The same instances once more, which serve nothing meanwhile. */
async function inPlace(job: Job, ours: Ours, instances: readonly Owned[]): Promise<void> {
  job.to('stopping')
  await stopAll(job, instances, ours.spec)
  await start(job, ours, instances)
}

/** New instances first, where the ports let them run beside the old ones. */
async function restart(job: Job, ours: Ours): Promise<void> {
  await removeAll(job, ours.halfMade)
  await hideSecrets(job, ours)
  const mold = await moldOf(job, ours)
  if (!ours.instances.some(({ running }) => running)) return start(job, ours, ours.instances)
  if (!mold || (await heldPorts(job, ours, mold)).size > 0) return inPlace(job, ours, ours.instances)
  await replaceAll(job, ours, mold)
}

/** What the instances that run were made of; null where that is not known any more. */
async function moldOf(job: Job, ours: Ours): Promise<Mold | null> {
  const [newest, ...older] = ours.versions
  const [one] = ours.instances
  if (!newest || !one) return null
  const image = await inspectReady(job, one.imageId)
  if (!image) return null
  const secrets = await secretsIn(job.docker, one.id, secretNames(newest.spec))
  const spec = { ...newest.spec, instances: ours.instances.length }
  return { id: ours.id, spec, versions: [newest, ...older], image, secrets }
}

async function remove(
  job: Job,
  ours: Ours,
  volumes: boolean,
  { beforeGone }: Pick<ActContext, 'beforeGone'>,
): Promise<void> {
  job.to('stopping')
  const all = [...ours.instances, ...ours.halfMade]
  await stopAll(job, all, ours.spec)
  // A deployment that was begun to be removed is to be gone.
  job.tell('removing')
  const records = await recordToTheLast(job, ours)
  await retire(job, all, null)
  const specs = ours.versions.map(({ spec }) => spec)
  if (volumes) await removeVolumes(job, [...new Set(specs.flatMap(volumeNames))])
  if (ours.spec) await removeNetworks(job, ours.spec)
  await beforeGone?.()
  await removeAll(job, records)
}

function instanceOf(ours: Ours, { instanceId }: DeploymentActionRequest): Owned {
  const found = ours.instances.find(({ id }) => id === instanceId)
  if (found) return found
  const detail = 'This instance is not there any more.'
  throw new AppError('DEPLOYMENT_UNKNOWN', { side: 'pool', deployment: ours.name }, { detail })
}
