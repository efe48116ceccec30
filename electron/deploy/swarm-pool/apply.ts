/** Bringing a deployment to a specification: a new service, or the next version of one that serves. */
import type Dockerode from 'dockerode'
import { AppError, toAppError } from '@shared/error'
import type { Address, DeploymentVersion } from '@shared/running'
import type { Change, ChangeContext, PoolConnection } from '../driver'
import { Job, secretsOf, usualPatience } from '../engine-pool/job'
import { encodeLabels, encodeTaskLabels, mostVersions } from '../model/labels'
import { noImageFacts } from '../model/image'
import { toServiceBody } from '../model/service-body'
import type { SwarmApi } from './api'
import { serviceImage, type ServiceImage } from './image'
import { replicasOf, withReplicas, type Service, type SwarmNode } from './objects'
import { withSecond } from './overlap'
import { publishingIn, publishingOf, updateOrder, type Publishing } from './publishing'
import { MeshMissing, reachByMesh, reachService } from './reach'
import { prepareResources, removeUnused, type Prepared } from './resources'
import { removeService } from './remove'
import { Watcher } from './settle'
import { deployedOf, digestOf } from './summary'
import { replacesTasks } from './template'
import type { Times } from './times'

export interface ApplyParts {
  connection: PoolConnection
  api: SwarmApi
  times: Times
}

interface Plan {
  change: Change
  context: ChangeContext
  job: Job
  nodes: SwarmNode[]
  image: ServiceImage
  prepared: Prepared
  versions: [DeploymentVersion, ...DeploymentVersion[]]
  /** What serves now; null for a new deployment. */
  current: Service | null
}

const always = new AbortController().signal

/** See PoolDriver.apply. */
export async function applyChange(
  parts: ApplyParts,
  change: Change,
  context: ChangeContext,
): Promise<{ digest: string | null; addresses: Address[] }> {
  const { connection, api } = parts
  const job = new Job(connection, context, usualPatience, secretsOf(context))
  try {
    job.to('preparing')
    const current = await currentOf(api, change, job.signal)
    const nodes = await api.nodes(job.signal)
    const told = { signal: job.signal, log: (line: string): void => job.log(line) }
    const same = change.reason === 'scale' && current
    const image = same ? imageNow(current) : await serviceImage(job, change.spec, nodes, context)
    job.to('creating')
    const prepared = same ? nothingMade : await prepareResources(api, change.id, change.spec, told)
    const versions = versionsAfter(parts, change, image, current)
    const plan: Plan = { change, context, job, nodes, image, prepared, versions, current }
    const serves = current !== null && replicasOf(current.Spec) > 0
    const [service, addresses] = await (serves ? replace(parts, plan, current) : begin(parts, plan)).catch(
      async (thrown: unknown) => {
        await prepared.undo()
        throw thrown
      },
    )
    await removeUnused(api, change.id, service, told.log)
    job.tell('done')
    return { digest: image.digest, addresses }
  } catch (thrown) {
    const error = toAppError(thrown)
    throw new AppError(
      error.code,
      { side: 'pool', pool: connection.name, deployment: change.spec.name, ...error.context },
      { detail: error.detail === null ? null : job.clean(error.detail), cause: error },
    )
  }
}

/** The service to be changed, as the user saw it. */
async function currentOf(api: SwarmApi, change: Change, signal: AbortSignal): Promise<Service | null> {
  const [service] = await api.services(signal, change.id)
  if (change.baseVersion === null) {
    if (!service) return null
    throw new AppError('NAME_TAKEN', { side: 'pool', deployment: service.Spec.Name })
  }
  if (!service) throw new AppError('DEPLOYMENT_UNKNOWN', { side: 'pool', deployment: change.spec.name })
  if (service.Spec.Name !== change.spec.name) {
    const detail = 'A swarm does not let the name of a service be changed.'
    throw new AppError('POOL_UNSUPPORTED', { side: 'pool', field: 'name' }, { detail })
  }
  return service
}

function versionsAfter(
  { connection }: ApplyParts,
  { spec, reason, baseVersion }: Change,
  image: ServiceImage,
  current: Service | null,
): Plan['versions'] {
  const deployed =
    current && deployedOf({ connection, service: current, tasks: [], nodes: [], health: new Map() })
  const before = deployed?.versions ?? []
  const newest = before[0]?.version ?? 0
  if (baseVersion !== null && newest !== baseVersion) {
    throw new AppError('DEPLOYMENT_CHANGED', { side: 'pool', deployment: spec.name })
  }
  const next = { version: newest + 1, at: Date.now(), reason, spec, digest: image.digest }
  return [next, ...before.slice(0, mostVersions - 1)]
}

const nothingMade: Prepared = { configs: [], undo: () => Promise.resolve() }

const imageNow = (service: Service): ServiceImage => ({
  ...{ reference: '', digest: digestOf(service), facts: noImageFacts, onlyNode: null },
})

/** Other numbers of the same instances: whatever their tag names by now, none is replaced. */
function scaled({ times }: Pick<ApplyParts, 'times'>, plan: Plan, current: Service): Dockerode.ServiceSpec {
  const { change, nodes, versions } = plan
  const publishing = publishingOf(current.Spec) ?? 'ingress'
  const { UpdateConfig } = current.Spec
  const Order = updateOrder(change.spec, publishing, nodes)
  return {
    ...current.Spec,
    Labels: { ...current.Spec.Labels, ...encodeLabels({ id: change.id, versions }) },
    Mode: { Replicated: { Replicas: change.spec.instances } },
    UpdateConfig: {
      Parallelism: 1,
      FailureAction: 'rollback',
      Monitor: times.monitor * 1e6,
      ...UpdateConfig,
      Order,
    },
  }
}

function bodyOf(
  { times }: Pick<ApplyParts, 'times'>,
  plan: Plan,
  publishing: Publishing,
): Dockerode.ServiceSpec {
  const { change, context, nodes, image, prepared, versions, current } = plan
  const { spec, id } = change
  if (change.reason === 'scale' && current) return scaled({ times }, plan, current)
  const template = current?.Spec.TaskTemplate
  const body = toServiceBody({
    ...{ spec, image: image.reference, imageConfig: image.facts, secrets: context.secrets, name: spec.name },
    ...{ configs: prepared.configs, publishMode: publishing },
    // Names are answered by a load balancer too, which is missing where the other is.
    endpointMode: publishing === 'host' ? 'dnsrr' : 'vip',
    labels: encodeLabels({ id, versions }),
    taskLabels: encodeTaskLabels({ id, name: spec.name }),
    update: { order: updateOrder(spec, publishing, nodes), monitorSeconds: times.monitor / 1000 },
    ...(template?.ForceUpdate !== undefined && { forceUpdate: template.ForceUpdate }),
  })
  if (image.onlyNode === null || !body.TaskTemplate) return body
  const Placement = { ...body.TaskTemplate.Placement, Constraints: [`node.id==${image.onlyNode}`] }
  return { ...body, TaskTemplate: { ...body.TaskTemplate, Placement } }
}

/** A service that nobody uses yet: made new, or begun again from none of its instances. On failure it is as it was. */
async function begin(parts: ApplyParts, plan: Plan): Promise<[Service, Address[]]> {
  const { api } = parts
  const { job, current } = plan
  const known = current && publishingOf(current.Spec)
  const publishing = known ?? publishingIn(await api.services(job.signal))
  try {
    return await attempt(parts, plan, publishing)
  } catch (thrown) {
    if (!(thrown instanceof MeshMissing)) throw thrown
    job.log(
      `${thrown.error.detail ?? ''}: an instance listens, so it is the load balancer of the swarm that is missing`,
    )
    job.log('once more, at the own ports of the nodes')
    return await attempt(parts, plan, 'host')
  }
}

async function attempt(parts: ApplyParts, plan: Plan, publishing: Publishing): Promise<[Service, Address[]]> {
  const { api, times } = parts
  const { change, context, job, current } = plan
  const { spec } = change
  const body = bodyOf(parts, plan, publishing)
  job.to('starting')
  const before = new Set(current ? (await api.tasks(current.ID, job.signal)).map(({ ID }) => ID) : [])
  const serviceId = current
    ? await api.service(current.ID, job.signal).then(async (now) => {
        await api.update(now, body, job.signal, { auth: context.auth })
        return now.ID
      })
    : await create(parts, plan, body)
  try {
    const service = await new Watcher({ api, job, times, spec, serviceId, before }).running()
    return publishing === 'ingress'
      ? [service, await reachByMesh(parts, job, service, spec)]
      : [service, await reachService(parts, job, service, spec, times.reach)]
  } catch (thrown) {
    if (current) {
      const now = await api.service(serviceId, always)
      await api.update(now, current.Spec, always)
    } else {
      await removeService(api, serviceId, (line) => job.log(line))
    }
    throw thrown
  }
}

/** A request that was cut off may have been taken all the same: then the service is found by its labels and goes. */
async function create({ api }: ApplyParts, plan: Plan, body: Dockerode.ServiceSpec): Promise<string> {
  const { change, context, job } = plan
  try {
    const serviceId = await api.create(body, context.auth, job.signal)
    job.log(`service ${change.spec.name} (${serviceId}): created`)
    return serviceId
  } catch (thrown) {
    const left = await api.services(always, change.id).catch(() => [])
    for (const { ID } of left) await removeService(api, ID, (line) => job.log(line))
    throw thrown
  }
}

/** The next version of a service that serves: the swarm brings new instances first, and goes back when one fails. */
async function replace(parts: ApplyParts, plan: Plan, current: Service): Promise<[Service, Address[]]> {
  const { change, job } = plan
  const { spec } = change
  const services = await parts.api.services(job.signal)
  const body = bodyOf(parts, plan, publishingOf(current.Spec) ?? publishingIn(services))
  job.to('starting')
  if (change.reason === 'scale') return update(parts, plan, current, body)
  return withSecond(parts, job, current, spec, (now, replicas) =>
    update(parts, plan, now, withReplicas(body, replicas)),
  )
}

async function update(
  parts: ApplyParts,
  { change, context, job }: Plan,
  current: Service,
  body: Dockerode.ServiceSpec,
): Promise<[Service, Address[]]> {
  const { api, times } = parts
  const { spec } = change
  const serviceId = current.ID
  const before = new Set((await api.tasks(serviceId, job.signal)).map(({ ID }) => ID))
  await api.update(current, body, job.signal, { auth: context.auth })
  const watcher = new Watcher({ api, job, times, spec, serviceId, before })
  const isReplacing = replacesTasks(current, await api.service(serviceId, always))
  if (isReplacing) await watcher.updated()
  try {
    const service = await watcher.running()
    return [service, await reachService(parts, job, service, spec, times.reach)]
  } catch (thrown) {
    job.log('the former specification is put back')
    const now = await api.service(serviceId, always)
    if (!isReplacing) await api.update(now, current.Spec, always)
    else {
      await watcher.rollBack(now)
      // It ends by telling that it went back, and why is known already.
      await watcher.updated().catch(() => undefined)
    }
    throw thrown
  }
}
