/** Hearing of changes in a swarm. */
import { AppError } from '@shared/error'
import { pause } from '../../engine/deadline'
import { JsonObjects } from '../../engine/json-stream'
import { openStream } from '../engine-stream'
import type { PoolConnection } from '../driver'
import type { SwarmApi } from './api'
import { toSwarmError } from './error'

/** A manager tells of services and nodes, and of its own containers; of tasks elsewhere it is asked this often, in milliseconds. */
const interval = 2000

/** Calls `onChange` whenever something may have changed, until aborted; rejects when the engine is lost. */
export async function followSwarm(
  { connection, api }: { connection: PoolConnection; api: SwarmApi },
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController()
  const end = (): void => stop.abort()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    await Promise.race([listen(connection, onChange, stop.signal), watchTasks(api, onChange, stop.signal)])
    if (!signal.aborted) {
      throw new AppError('ENGINE_LOST', { side: 'engine' }, { detail: 'The engine ended its events.' })
    }
  } catch (thrown) {
    if (!signal.aborted) throw toSwarmError(thrown, { pool: connection.name })
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

async function listen({ docker }: PoolConnection, onChange: () => void, signal: AbortSignal): Promise<void> {
  const filters = JSON.stringify({ type: ['service', 'node', 'container'] })
  const stream = await openStream(docker, '/events', { filters }, signal)
  const objects = new JsonObjects()
  onChange()
  try {
    for await (const chunk of stream) {
      // The command of each health check is an event too.
      const told = objects
        .push(chunk as Buffer)
        .some((event) => !/"Action":"exec_/.test(JSON.stringify(event)))
      if (told) onChange()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function watchTasks(api: SwarmApi, onChange: () => void, signal: AbortSignal): Promise<void> {
  let last: string | null = null
  while (!signal.aborted) {
    const tasks = await api.tasks(null, signal).catch((error: unknown) => {
      if (signal.aborted) return []
      throw error
    })
    if (signal.aborted) return
    const now = tasks
      .map(({ ID, DesiredState, Status }) => `${ID} ${DesiredState} ${Status.State}`)
      .join('\n')
    if (last !== null && now !== last) onChange()
    last = now
    await pause(interval, signal)
  }
}
