/** The containers behind tasks, on the engines that are within reach: this one, and those of other pools. */
import type Dockerode from 'dockerode'
import { z } from 'zod'
import { AppError } from '@shared/error'
import type { Health } from '@shared/running'
import { withDeadline } from '../../engine/deadline'
import type { PoolConnection } from '../driver'
import { healthOfStatus } from '../engine-pool/state'
import type { Task } from './objects'

type Engines = Pick<PoolConnection, 'docker' | 'nodeId' | 'peers'>

/** How long another pool's engine may take before it counts as out of reach; milliseconds. */
const peerPatience = 3000

export interface ReachedContainer {
  docker: Dockerode
  containerId: string
}

/** The engine of a node; null where it is out of reach. */
export function engineOf(engines: Engines, nodeId: string | null | undefined): Dockerode | null {
  if (!nodeId) return null
  return nodeId === engines.nodeId ? engines.docker : (engines.peers().get(nodeId) ?? null)
}

/** The container of a task; null where it has none yet, or its engine is out of reach. */
export function containerOf(engines: Engines, task: Task): ReachedContainer | null {
  const docker = engineOf(engines, task.NodeID)
  const containerId = task.Status.ContainerStatus?.ContainerID
  return docker && containerId ? { docker, containerId } : null
}

/** As `containerOf`; POOL_UNSUPPORTED where its engine is out of reach. */
export function requireContainer(engines: Engines, task: Task): ReachedContainer {
  const found = containerOf(engines, task)
  if (found) return found
  const detail =
    'The engine of the node that this instance runs on is not within reach: add it as a pool of its own.'
  throw new AppError('POOL_UNSUPPORTED', { side: 'pool' }, { detail })
}

const Listed = z.array(z.object({ Id: z.string(), Status: z.string().catch('') }))

/** Health by container id, of every container of services (or of one) on the engines within reach; what does not answer is left out. */
export async function healthOfContainers(
  engines: Engines,
  serviceId: string | null,
  signal: AbortSignal,
): Promise<Map<string, Health>> {
  const label =
    serviceId === null ? 'com.docker.swarm.service.id' : `com.docker.swarm.service.id=${serviceId}`
  const reached = [engines.docker, ...engines.peers().values()]
  const lists = await Promise.allSettled(
    reached.map((docker) =>
      withDeadline(peerPatience, signal, async (abortSignal) =>
        Listed.parse(await docker.listContainers({ filters: { label: [label] }, abortSignal })),
      ),
    ),
  )
  const health = new Map<string, Health>()
  for (const list of lists) {
    if (list.status !== 'fulfilled') continue
    for (const { Id, Status } of list.value) health.set(Id, healthOfStatus(Status))
  }
  return health
}
