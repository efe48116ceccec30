/** What happened to a service: what became of its tasks, and the engine's own events about it. */
import { z } from 'zod'
import type { DeploymentEvent } from '@shared/running'
import { withDeadline } from '../../engine/deadline'
import { JsonObjects } from '../../engine/json-stream'
import { openStream } from '../engine-stream'
import type { SwarmApi } from './api'
import { toSwarmError } from './error'
import { timeOf, type Service, type SwarmNode, type Task } from './objects'

const most = 300
const pastSeconds = 24 * 3600
const patience = 10_000

const EngineEvent = z.object({
  Type: z.string().nullish(),
  Action: z.string().nullish(),
  Actor: z
    .object({ ID: z.string().nullish(), Attributes: z.record(z.string(), z.string()).nullish() })
    .nullish(),
  timeNano: z.number().nullish(),
})

/** Newest first. A manager forgets tasks but for the last few of each instance, and its events when it restarts. */
export async function serviceEvents(
  api: SwarmApi,
  { service, tasks, nodes }: { service: Service; tasks: readonly Task[]; nodes: readonly SwarmNode[] },
  signal: AbortSignal,
): Promise<DeploymentEvent[]> {
  const told = await engineEvents(api, service.ID, signal)
  return [...told, ...tasks.flatMap((task) => eventsOf(task, service, nodes))]
    .sort((a, b) => b.at - a.at)
    .slice(0, most)
}

function eventsOf(task: Task, service: Service, nodes: readonly SwarmNode[]): DeploymentEvent[] {
  const instance = `${service.Spec.Name ?? ''}.${task.Slot}`
  const node = nodes.find(({ ID }) => ID === task.NodeID)?.Description?.Hostname ?? null
  const { State, Err, Message, ContainerStatus, Timestamp } = task.Status
  const exit = State === 'failed' || State === 'complete' ? ContainerStatus?.ExitCode : null
  const words = [node, Err ?? Message, exit === null || exit === undefined ? null : `exit code ${exit}`]
  return [
    { at: timeOf(task.CreatedAt), kind: 'create', instance, text: null },
    { at: timeOf(Timestamp), kind: State, instance, text: words.filter(Boolean).join(': ') || null },
  ].filter(({ at }) => at > 0)
}

async function engineEvents(
  api: SwarmApi,
  serviceId: string,
  signal: AbortSignal,
): Promise<DeploymentEvent[]> {
  const now = Math.ceil(Date.now() / 1000)
  const query = {
    ...{ since: String(now - pastSeconds), until: String(now) },
    filters: JSON.stringify({ type: ['service'], service: [serviceId], scope: ['swarm'] }),
  }
  try {
    return await withDeadline(patience, signal, async (inner) => {
      const objects = new JsonObjects()
      const found: DeploymentEvent[] = []
      for await (const chunk of await openStream(api.docker, '/events', query, inner)) {
        for (const object of objects.push(chunk as Buffer)) found.push(...eventOf(object, serviceId))
        if (found.length > most * 2) found.splice(0, found.length - most)
      }
      return found
    })
  } catch (thrown) {
    throw toSwarmError(thrown)
  }
}

function eventOf(object: unknown, serviceId: string): DeploymentEvent[] {
  const parsed = EngineEvent.safeParse(object)
  if (!parsed.success || parsed.data.Type !== 'service' || parsed.data.Actor?.ID !== serviceId) return []
  const { Action, Actor, timeNano } = parsed.data
  const changes = Object.entries(Actor?.Attributes ?? {}).filter(([name]) => name.endsWith('.new'))
  const text = changes.map(([name, value]) => `${name.slice(0, -'.new'.length)}: ${value}`).join(', ')
  return [{ at: Math.floor((timeNano ?? 0) / 1e6), kind: Action ?? '', instance: null, text: text || null }]
}
