/** A service's tasks as the instances of a deployment. */
import { isDeepStrictEqual } from 'node:util'
import type { DeploymentSpec } from '@shared/deployment'
import type { Health, Instance } from '@shared/running'
import type { PoolConnection } from '../driver'
import { taskAddresses } from './addresses'
import { endedStates } from './error'
import { labelsOf, timeOf, type Service, type SwarmNode, type Task } from './objects'
import { deploymentLabels } from '../model/labels'

export interface InstanceFacts {
  connection: Pick<PoolConnection, 'addressHost' | 'nodeId' | 'peers'>
  service: Service
  /** Newest first. */
  tasks: readonly Task[]
  nodes: readonly SwarmNode[]
  spec: DeploymentSpec | null
  /** By container id, of the engines within reach. */
  health: ReadonlyMap<string, Health>
}

/** Whether a task is of the specification that a service has now. */
export const isCurrent = (task: Task, service: Service): boolean =>
  isDeepStrictEqual(normal(task.Spec), normal(service.Spec.TaskTemplate))

// A service's has the kind of its runtime as well; networks have ids in one and may have names in the other.
function normal(template: unknown): unknown {
  if (typeof template !== 'object' || template === null) return template
  const { Networks: _networks, Runtime: _runtime, ...rest } = template as Record<string, unknown>
  return rest
}

const isEnded = (task: Task): boolean => endedStates.includes(task.Status.State)

/**
 * The tasks that count: of each slot the newest, and those that have not ended yet. A slot that is not wanted any more is
 * left out once its tasks have ended.
 */
export function presentTasks(tasks: readonly Task[]): Task[] {
  const slots = new Map<number, Task[]>()
  for (const task of tasks) slots.set(task.Slot, [...(slots.get(task.Slot) ?? []), task])
  return [...slots.values()]
    .flatMap((slot) => {
      // One that was called off before a node had it stays as it was then.
      const living = slot.filter((task) => !isEnded(task) && task.NodeID)
      const wanted = slot.filter(({ DesiredState }) => DesiredState === 'running' || DesiredState === 'ready')
      return [...new Set([...wanted, ...living])]
    })
    .sort((a, b) => a.Slot - b.Slot || (a.CreatedAt < b.CreatedAt ? -1 : 1))
}

function stateOf(task: Task, node: SwarmNode | undefined): Instance['state'] {
  const { State } = task.Status
  if (State === 'failed' || State === 'rejected') return 'failed'
  if (State === 'complete' || State === 'shutdown' || State === 'remove') return 'exited'
  if (State === 'orphaned') return 'lost'
  if (node && node.Status?.State !== 'ready' && task.NodeID) return 'lost'
  if (task.DesiredState === 'shutdown' || task.DesiredState === 'remove') return 'stopping'
  if (State === 'running') return 'running'
  // Swarm makes the successor of a task that failed ready, and holds it back for the restart policy's delay.
  if (task.DesiredState === 'ready') return 'restarting'
  return ['new', 'pending', 'allocated', 'assigned'].includes(State) ? 'created' : 'starting'
}

/** Swarm calls a task running once its health check has passed; of the image's own check only the engine knows. */
function healthOf(task: Task, spec: DeploymentSpec | null, told: Health | undefined): Health {
  if (told) return told
  const kind = spec?.health.kind ?? 'image'
  if (kind === 'none' || kind === 'image') return 'none'
  if (task.Status.State === 'running') return 'healthy'
  return /unhealthy/.test(task.Status.Err ?? '') ? 'unhealthy' : isEnded(task) ? 'none' : 'starting'
}

function versionOf(task: Task, service: Service): number {
  const version = Number(labelsOf(service.Spec)[deploymentLabels.version]) || 1
  if (isCurrent(task, service)) return version
  const before = service.PreviousSpec && Number(labelsOf(service.PreviousSpec)[deploymentLabels.version])
  return before || Math.max(1, version - 1)
}

export function instancesOf(facts: InstanceFacts): Instance[] {
  const { connection, service, tasks, nodes, spec, health } = facts
  return presentTasks(tasks).map((task) => {
    const node = nodes.find(({ ID }) => ID === task.NodeID)
    const { Status, Slot } = task
    const earlier = tasks.filter(
      (other) =>
        other.Slot === Slot &&
        other.ID !== task.ID &&
        other.CreatedAt < task.CreatedAt &&
        ['failed', 'rejected', 'complete', 'orphaned'].includes(other.Status.State),
    )
    const state = stateOf(task, node)
    const began = Status.State === 'running' || isEnded(task)
    return {
      ...{ id: task.ID, number: Slot, name: `${service.Spec.Name ?? ''}.${Slot}`, state },
      version: versionOf(task, service),
      health:
        state === 'lost'
          ? 'none'
          : healthOf(task, spec, health.get(Status.ContainerStatus?.ContainerID ?? '')),
      node: node?.Description?.Hostname ?? task.NodeID ?? null,
      startedAt: began ? timeOf(Status.Timestamp) || null : null,
      restarts: earlier.length,
      exitCode:
        isEnded(task) && Status.ContainerStatus?.ContainerID ? (Status.ContainerStatus.ExitCode ?? 0) : null,
      message: Status.Err ?? Status.Message ?? null,
      addresses: state === 'running' ? taskAddresses(connection, nodes, task, spec) : [],
      reachable:
        Boolean(task.NodeID) &&
        (task.NodeID === connection.nodeId || connection.peers().has(task.NodeID ?? '')) &&
        !isEnded(task),
    }
  })
}
