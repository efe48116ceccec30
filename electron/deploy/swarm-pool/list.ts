/** What a swarm runs: deployments of ours, and the services of others. */
import { AppError } from '@shared/error'
import type { DeploymentSummary, OtherWorkload } from '@shared/running'
import type { DriverDetail, PoolConnection } from '../driver'
import type { SwarmApi } from './api'
import { addressesOf } from './addresses'
import { healthOfContainers } from './containers'
import { replicasOf, timeOf, type Service, type SwarmNode, type Task } from './objects'
import { holdsNode, publishingOf } from './publishing'
import { deployedOf, instancesOfDeployed, summaryOf, type Deployed } from './summary'

interface Parts {
  connection: PoolConnection
  api: SwarmApi
}

export async function listSwarm(
  { connection, api }: Parts,
  signal: AbortSignal,
): Promise<{ deployments: DeploymentSummary[]; others: OtherWorkload[] }> {
  const [services, tasks, nodes, health] = await Promise.all([
    ...([api.services(signal), api.tasks(null, signal), api.nodes(signal)] as const),
    healthOfContainers(connection, null, signal),
  ])
  const byService = new Map<string, Task[]>()
  for (const task of tasks) {
    const own = byService.get(task.ServiceID)
    if (own) own.push(task)
    else byService.set(task.ServiceID, [task])
  }
  const deployments: DeploymentSummary[] = []
  const others: OtherWorkload[] = []
  for (const service of services) {
    const own = byService.get(service.ID) ?? []
    const deployed = deployedOf({ connection, service, tasks: own, nodes, health })
    if (deployed) deployments.push(summaryOf(deployed))
    else others.push(otherOf(connection, service, own, nodes))
  }
  return { deployments, others }
}

function otherOf(
  connection: PoolConnection,
  service: Service,
  tasks: readonly Task[],
  nodes: readonly SwarmNode[],
): OtherWorkload {
  const template = service.Spec.TaskTemplate
  const image = (template && 'ContainerSpec' in template && template.ContainerSpec?.Image) || ''
  const running = tasks.filter(
    ({ DesiredState, Status }) => DesiredState === 'running' && Status.State === 'running',
  )
  const wanted = service.Spec.Mode?.Replicated ? `/${replicasOf(service.Spec)}` : ''
  return {
    ...{ poolId: connection.poolId, id: service.ID, kind: 'service', name: service.Spec.Name ?? service.ID },
    image: image.replace(/@sha256:[0-9a-f]{64}$/, ''),
    state: `${running.length}${wanted}`,
    createdAt: timeOf(service.CreatedAt),
    addresses: addressesOf(connection, nodes, service, tasks, null),
  }
}

/** Everything that is known of one deployment now; DEPLOYMENT_UNKNOWN. */
export async function readDeployed(
  { connection, api }: Parts,
  id: string,
  signal: AbortSignal,
): Promise<Deployed> {
  const service = await api.deployed(id, signal)
  const [tasks, nodes, health] = await Promise.all([
    ...([api.tasks(service.ID, signal), api.nodes(signal)] as const),
    healthOfContainers(connection, service.ID, signal),
  ])
  const deployed = deployedOf({ connection, service, tasks, nodes, health })
  // Its label was changed by someone in between.
  if (!deployed) throw new AppError('DEPLOYMENT_UNKNOWN', { side: 'pool', deployment: id })
  return deployed
}

export function detailOf(deployed: Deployed): Omit<DriverDetail, 'events'> {
  const { connection, service, labels, versions } = deployed
  const [{ spec }] = versions
  const instances = instancesOfDeployed(deployed)
  const publishing = publishingOf(service.Spec)
  const limits: DriverDetail['limits'] = []
  if (publishing && holdsNode(spec, publishing)) limits.push('fixed-port-interrupts')
  const isRemote = instances.some(({ state, reachable }) => state === 'running' && !reachable)
  // And where it is near: in an upgrade the swarm itself stops the old ones, when it sees fit.
  if (spec.beforeStop !== null) limits.push('before-stop-remote')
  if (isRemote) limits.push('statistics-remote')
  return {
    ...{ poolId: connection.poolId, id: labels.id, summary: summaryOf(deployed), spec },
    ...{ versions: [...versions], instances, limits },
  }
}
