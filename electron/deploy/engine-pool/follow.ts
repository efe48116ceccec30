import { AppError } from '@shared/error'
import { JsonObjects } from '../../engine/json-stream'
import { ping } from '../../engine/look'
import type { PoolConnection } from '../driver'
import { openStream } from '../engine-stream'
import { toPoolError } from './error'
import { toEvent } from './events'

/** How often the engine is asked whether it is still there, and how long it may take; milliseconds. */
const heartbeat = 10_000

/**
 * Calls `onChange` whenever a container of the engine may have changed. Resolves when aborted; rejects with ENGINE_LOST or why
 * it could not listen.
 */
export async function followPool(
  connection: PoolConnection,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController()
  let lost: unknown = null
  const end = (): void => stop.abort()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  const beat = setInterval(() => {
    ping(connection.docker, heartbeat, stop.signal).catch((error: unknown) => {
      lost ??= error
      end()
    })
  }, heartbeat)
  try {
    await read(connection, onChange, stop.signal)
    lost ??= new AppError('ENGINE_LOST', { side: 'engine' }, { detail: 'The engine ended its events.' })
  } catch (error) {
    lost ??= error
  } finally {
    clearInterval(beat)
    signal.removeEventListener('abort', end)
    end()
  }
  if (!signal.aborted) throw toPoolError(lost, { pool: connection.name })
}

async function read({ docker }: PoolConnection, onChange: () => void, signal: AbortSignal): Promise<void> {
  const filters = JSON.stringify({ type: ['container'] })
  // Podman sends no header before the first event, so nothing tells when it has begun to listen.
  const late = setTimeout(onChange, 1000)
  try {
    const stream = await openStream(docker, '/events', { filters }, signal)
    clearTimeout(late)
    onChange()
    const objects = new JsonObjects()
    for await (const chunk of stream) {
      if (objects.push(chunk as Buffer).some((object) => toEvent(object) !== null)) onChange()
    }
  } finally {
    clearTimeout(late)
  }
}
