/** A service of ours as a deployment. */
import type { DeploymentSpec } from '@shared/deployment'
import { AppError, type ErrorInfo } from '@shared/error'
import type { DeploymentSummary, DeploymentVersion, Health, Instance } from '@shared/running'
import { parseReference } from '@shared/reference'
import type { PoolConnection } from '../driver'
import { fromService } from '../model/from-service'
import { decodeLabels, type DecodedLabels } from '../model/labels'
import { addressesOf } from './addresses'
import { errorOfTask, errorOfWaiting, hasFailed } from './error'
import { instancesOf, isCurrent } from './instances'
import { labelsOf, replicasOf, timeOf, type Service, type SwarmNode, type Task } from './objects'

/** What is known of one deployment at one moment. */
export interface Deployed {
  connection: PoolConnection
  service: Service
  labels: DecodedLabels
  /** Newest first; never empty: rebuilt from the engine's words where the labels are lost. */
  versions: readonly [DeploymentVersion, ...DeploymentVersion[]]
  tasks: readonly Task[]
  nodes: readonly SwarmNode[]
  health: ReadonlyMap<string, Health>
}

/** The digest that a service's image is pinned by. */
export function digestOf(service: Service): string | null {
  const template = service.Spec.TaskTemplate
  const image = template && 'ContainerSpec' in template ? template.ContainerSpec?.Image : null
  return parseReference(image ?? '')?.digest ?? null
}

/** The versions of a service of ours, by its labels or else by the engine's own words. */
export function versionsOf(
  service: Service,
  labels: DecodedLabels,
): [DeploymentVersion, ...DeploymentVersion[]] {
  const [newest, ...rest] = labels.versions
  if (newest) return [newest, ...rest]
  const spec: DeploymentSpec = fromService(service)
  return [
    {
      ...{ version: labels.version, at: timeOf(service.UpdatedAt), reason: 'change', spec },
      digest: digestOf(service),
    },
  ]
}

/** Puts together what is known of a service; null where it is none of ours. */
export function deployedOf(facts: Omit<Deployed, 'labels' | 'versions'>): Deployed | null {
  const labels = decodeLabels(labelsOf(facts.service.Spec))
  return labels && { ...facts, labels, versions: versionsOf(facts.service, labels) }
}

export const instancesOfDeployed = (deployed: Deployed): Instance[] =>
  instancesOf({ ...deployed, spec: deployed.versions[0].spec })

function stateOf(
  service: Service,
  wanted: number,
  instances: readonly Instance[],
): DeploymentSummary['state'] {
  const running = instances.filter(({ state }) => state === 'running').length
  if (wanted === 0) return instances.some(({ state }) => state === 'stopping') ? 'updating' : 'stopped'
  if (['updating', 'rollback_started'].includes(service.UpdateStatus?.State ?? '')) return 'updating'
  if (running >= wanted) return 'running'
  if (running > 0) return 'degraded'
  const isFailing = instances.some(
    ({ state, restarts }) => state === 'failed' || state === 'restarting' || restarts > 0,
  )
  return isFailing ? 'failed' : 'starting'
}

function overall(instances: readonly Instance[]): Health {
  const told = instances
    .filter(({ state }) => state === 'running' || state === 'starting')
    .map(({ health }) => health)
  return (['unhealthy', 'starting', 'healthy'] as const).find((health) => told.includes(health)) ?? 'none'
}

/** Why the last change was not taken, or why it does not run; null: all is well. */
function errorOf(
  { service, tasks, versions, nodes }: Deployed,
  state: DeploymentSummary['state'],
): ErrorInfo | null {
  const { delivery } = versions[0].spec.image
  const nameOf = (task: Task): string | null =>
    nodes.find(({ ID }) => ID === task.NodeID)?.Description?.Hostname ?? null
  if (state === 'failed' || state === 'degraded' || state === 'starting') {
    const failed = tasks.find((task) => hasFailed(task) && isCurrent(task, service))
    if (failed) return errorOfTask(failed, { node: nameOf(failed), lines: [], delivery }).toInfo()
    const waiting = tasks.find(({ Status }) => Status.State === 'pending' && Status.Err)
    if (waiting) return errorOfWaiting(waiting).toInfo()
  }
  // What was tried since an instance of now began, and failed.
  const [oldest] = tasks
    .filter((task) => task.Status.State === 'running' && isCurrent(task, service))
    .map(({ CreatedAt }) => CreatedAt)
    .sort()
  const failed = tasks.find(
    (task) => hasFailed(task) && !isCurrent(task, service) && oldest !== undefined && task.CreatedAt > oldest,
  )
  const { State, Message } = service.UpdateStatus ?? {}
  if (failed) {
    return errorOfTask(failed, { node: nameOf(failed), lines: Message ? [Message] : [], delivery }).toInfo()
  }
  if (!['paused', 'rollback_completed', 'rollback_paused'].includes(State ?? '')) return null
  return new AppError('NOT_HEALTHY', { side: 'pool' }, { detail: Message ?? null }).toInfo()
}

export function summaryOf(deployed: Deployed): DeploymentSummary {
  const { connection, service, labels, versions, tasks, nodes } = deployed
  const [{ spec, digest }] = versions
  const instances = instancesOfDeployed(deployed)
  const wanted = replicasOf(service.Spec)
  const running = instances.filter(({ state }) => state === 'running')
  const state = stateOf(service, wanted, instances)
  return {
    ...{ poolId: connection.poolId, id: labels.id, name: labels.name, version: labels.version, state },
    image: spec.image,
    digest: digestOf(service) ?? digest,
    health: overall(instances),
    instances: {
      ...{ wanted, running: running.length },
      healthy: running.filter(({ health }) => health === 'healthy').length,
    },
    createdAt: timeOf(service.CreatedAt),
    updatedAt: timeOf(service.UpdatedAt),
    addresses: wanted === 0 ? [] : addressesOf(connection, nodes, service, tasks, spec),
    drift: null,
    error: errorOf(deployed, state),
  }
}
