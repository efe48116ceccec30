import type Dockerode from 'dockerode'
import { z } from 'zod'
import type { Log } from '../log'
import { JsonObjects } from './json-stream'
import { ping } from './look'

export interface FollowOptions {
  signal: AbortSignal
  /** Something happened to the engine's images, or may have while nobody listened. */
  onImages: () => void
  log: Log
  /** How often the engine is asked whether it is still there, and how long it may take; milliseconds. */
  heartbeat?: number
}

const Event = z.object({ Type: z.string() })

/**
 * Follows the engine's events about images until the stream ends, the engine does not answer a heartbeat, or the signal
 * fires; it then resolves, whatever the reason: the caller looks for the engine again.
 */
export async function followEvents(docker: Dockerode, options: FollowOptions): Promise<void> {
  const { onImages, log, heartbeat = 10_000 } = options
  const stop = new AbortController()
  const end = (): void => stop.abort()
  options.signal.addEventListener('abort', end, { once: true })
  if (options.signal.aborted) end()
  const beat = setInterval(() => {
    ping(docker, heartbeat, stop.signal).catch(end)
  }, heartbeat)
  // Podman sends no header before the first event, so nothing tells when it has begun to listen.
  const late = setTimeout(onImages, 1000)
  try {
    await followStream(docker, stop.signal, () => clearTimeout(late), onImages)
  } catch (error) {
    log.debug('engine events ended', { error: error instanceof Error ? error.message : String(error) })
  } finally {
    clearInterval(beat)
    clearTimeout(late)
    options.signal.removeEventListener('abort', end)
    end()
  }
}

async function followStream(
  docker: Dockerode,
  signal: AbortSignal,
  onOpen: () => void,
  onImages: () => void,
): Promise<void> {
  const filters = JSON.stringify({ type: ['image'] })
  const stream = await docker.getEvents({ filters, abortSignal: signal })
  const destroy = (): void => {
    if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy()
  }
  signal.addEventListener('abort', destroy, { once: true })
  if (signal.aborted) destroy()
  onOpen()
  onImages()
  const objects = new JsonObjects()
  for await (const chunk of stream) {
    const events = objects.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    if (events.some((event) => Event.safeParse(event).data?.Type === 'image')) onImages()
  }
}
