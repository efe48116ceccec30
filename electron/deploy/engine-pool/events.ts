import { z } from 'zod'
import type { DeploymentEvent } from '@shared/running'
import { withDeadline } from '../../engine/deadline'
import { JsonObjects } from '../../engine/json-stream'
import type { PoolConnection } from '../driver'
import { openStream } from '../engine-stream'
import { deploymentLabels } from '../model/labels'
import { asking } from './error'
import { patience } from './listing'

/** How many are shown. */
const mostEvents = 300
const pastSeconds = 24 * 3600

const EngineEvent = z.object({
  Type: z.string().nullish(),
  Action: z.string().nullish(),
  status: z.string().nullish(),
  Actor: z
    .object({ ID: z.string().nullish(), Attributes: z.record(z.string(), z.string()).nullish() })
    .nullish(),
  time: z.number().nullish(),
  timeNano: z.number().nullish(),
})

/** An event of a container, of those that change what it is; null for the rest, such as the exec of each health check. */
export function toEvent(
  object: unknown,
): (DeploymentEvent & { containerId: string; attributes: Record<string, string> }) | null {
  const parsed = EngineEvent.safeParse(object)
  if (!parsed.success) return null
  const { Type, Action, status, Actor, time, timeNano } = parsed.data
  const word = Action ?? status ?? ''
  if (
    (Type && Type !== 'container') ||
    word === '' ||
    /^(exec_|top|attach|resize|export|archive-)/.test(word)
  )
    return null
  const attributes = Actor?.Attributes ?? {}
  return {
    at: timeNano ? Math.floor(timeNano / 1e6) : (time ?? 0) * 1000,
    kind: word === 'died' ? 'die' : word,
    instance: attributes['name'] ?? null,
    text: textOf(attributes),
    containerId: Actor?.ID ?? '',
    attributes,
  }
}

function textOf({ exitCode, containerExitCode, signal }: Record<string, string | undefined>): string | null {
  if (signal) return `signal ${signal}`
  const code = exitCode ?? containerExitCode
  return code === undefined ? null : `exit code ${code}`
}

/** What happened to a deployment as far as its engine remembers (docker: the last 256 events of all), newest first. */
export async function deploymentEvents(
  connection: PoolConnection,
  id: string,
  signal: AbortSignal,
): Promise<DeploymentEvent[]> {
  const now = Math.ceil(Date.now() / 1000)
  // Podman takes a span there, and ends the answer only when it is told not to stream.
  const span: Record<string, string> =
    connection.kind === 'podman'
      ? { since: `${pastSeconds}s`, stream: 'false' }
      : { since: String(now - pastSeconds), until: String(now) }
  const filters = JSON.stringify({ type: ['container'], label: [`${deploymentLabels.id}=${id}`] })
  return asking({}, () =>
    withDeadline(patience, signal, async (inner) => {
      const stream = await openStream(connection.docker, '/events', { ...span, filters }, inner)
      const objects = new JsonObjects()
      const found: DeploymentEvent[] = []
      for await (const chunk of stream) {
        for (const object of objects.push(chunk as Buffer)) {
          const event = toEvent(object)
          if (event?.attributes[deploymentLabels.id] !== id && connection.kind !== 'podman') continue
          if (event)
            found.push({ at: event.at, kind: event.kind, instance: event.instance, text: event.text })
        }
        if (found.length > mostEvents * 2) found.splice(0, found.length - mostEvents)
      }
      return found.slice(-mostEvents).reverse()
    }),
  )
}
