import type { LogLine } from '@shared/running'
import { toAppError } from '@shared/error'
import { JsonObjects } from '../../engine/json-stream'
import type { PoolConnection } from '../driver'
import { openStream } from '../engine-stream'
import { deploymentLabels } from '../model/labels'
import { asking } from './error'
import { toEvent } from './events'
import { inspectContainer } from './inspected'
import type { OwnContainer } from './listing'
import { LogMerge } from './log-merge'
import { LogSource, type LogOptions } from './log-source'
import { instanceName } from './names'
import { containersOf } from './read'

/**
 * The log of a deployment, or of one instance; see `PoolDriver.logs`. While it follows, instances that begin again or anew, as
 * in an upgrade, are read too; it then ends when there is none any more. `tail` counts for each instance.
 */
export async function* deploymentLogs(
  connection: PoolConnection,
  id: string,
  options: LogOptions & { instanceId: string | null },
  outer: AbortSignal,
): AsyncGenerator<LogLine[], void, undefined> {
  const stop = new AbortController()
  const end = (): void => stop.abort()
  outer.addEventListener('abort', end, { once: true })
  if (outer.aborted) end()
  try {
    yield* new DeploymentLog(connection, id, options, stop.signal).read()
  } finally {
    outer.removeEventListener('abort', end)
    end()
  }
}

class DeploymentLog {
  readonly #connection: PoolConnection
  readonly #id: string
  readonly #instanceId: string | null
  readonly #options: LogOptions
  readonly #signal: AbortSignal
  readonly #merge: LogMerge
  readonly #sources = new Map<string, LogSource>()
  readonly #open = new Set<string>()
  /** Containers that began again before the end of their log was seen. */
  readonly #begunAgain = new Set<string>()
  #attaching: Promise<unknown> = Promise.resolve()

  constructor(
    connection: PoolConnection,
    id: string,
    { instanceId, ...options }: LogOptions & { instanceId: string | null },
    signal: AbortSignal,
  ) {
    this.#connection = connection
    this.#id = id
    this.#instanceId = instanceId
    this.#options = options
    this.#merge = new LogMerge({ strict: !options.follow })
    this.#signal = signal
  }

  async *read(): AsyncGenerator<LogLine[], void, undefined> {
    await this.#attach(this.#options, () => true)
    if (this.#options.follow) void this.#follow()
    else this.#merge.close()
    yield* this.#merge.read(this.#signal)
  }

  /** Opens the logs of containers that are not open; resolves with how many containers there are. One call at a time. */
  #attach(begin: LogOptions, wanted: (container: OwnContainer) => boolean): Promise<number> {
    const next = this.#attaching.then(async () => {
      const containers = await this.#containers()
      for (const container of containers.filter(wanted)) {
        if (this.#open.has(container.id) || this.#signal.aborted) continue
        const known = this.#sources.get(container.id)
        const source = known ?? (await this.#sourceOf(container))
        if (!source) continue
        this.#sources.set(container.id, source)
        this.#open.add(container.id)
        const lines = source.read(known ? { ...begin, tail: null } : begin, this.#signal)
        this.#merge.add(closing(lines, () => this.#ended(container.id)))
      }
      return containers.length
    })
    this.#attaching = next.catch(() => {}) // Told to who called; the next call is another matter.
    return next
  }

  async #containers(): Promise<OwnContainer[]> {
    const all = await containersOf(this.#connection, this.#id, this.#signal)
    return all.filter(
      ({ id, role }) => role !== 'record' && (this.#instanceId === null || id === this.#instanceId),
    )
  }

  async #sourceOf({ id, own }: OwnContainer): Promise<LogSource | null> {
    try {
      const { Config } = await inspectContainer(this.#connection.docker, id)
      // The name that it will have when it is no longer on its way.
      const name = instanceName(own.name, own.instance ?? 1)
      return new LogSource(this.#connection, { containerId: id, name, tty: Config.Tty })
    } catch (error) {
      // Gone since it was listed.
      if (toAppError(error).code === 'DEPLOYMENT_UNKNOWN') return null
      throw error
    }
  }

  /** A log ends with its container's run. Where that runs again by now, its log goes on. */
  #ended(containerId: string): void {
    this.#open.delete(containerId)
    if (!this.#options.follow || this.#signal.aborted) return
    const again = this.#begunAgain.delete(containerId)
    this.#attachMore(({ id, state }) => id === containerId && (again || state === 'running')).catch(
      (error: unknown) => this.#merge.fail(error),
    )
  }

  /** What begins while the log is followed is read from its beginning. Closes the log when no container is left. */
  async #attachMore(wanted: (container: OwnContainer) => boolean): Promise<void> {
    try {
      if ((await this.#attach({ ...this.#options, tail: null }, wanted)) === 0) this.#merge.close()
    } catch (error) {
      if (toAppError(error).code !== 'DEPLOYMENT_UNKNOWN') throw error
      this.#merge.close()
    }
  }

  async #follow(): Promise<void> {
    const filters = JSON.stringify({ type: ['container'], label: [`${deploymentLabels.id}=${this.#id}`] })
    try {
      const stream = await asking({}, () =>
        openStream(this.#connection.docker, '/events', { filters }, this.#signal),
      )
      const objects = new JsonObjects()
      for await (const chunk of stream) {
        const events = objects.push(chunk as Buffer).map(toEvent)
        const begun = events.flatMap((event) =>
          /^(re)?start$/.test(event?.kind ?? '') ? [event?.containerId] : [],
        )
        for (const id of begun) if (id !== undefined && this.#open.has(id)) this.#begunAgain.add(id)
        const gone = events.some((event) => event?.kind === 'destroy' || event?.kind === 'remove')
        if (begun.length > 0 || gone) await this.#attachMore(({ id }) => begun.includes(id))
      }
      this.#merge.close()
    } catch (error) {
      if (!this.#signal.aborted) this.#merge.fail(error)
    }
  }
}

async function* closing<T>(items: AsyncIterable<T>, onEnd: () => void): AsyncGenerator<T, void, undefined> {
  try {
    yield* items
  } finally {
    onEnd()
  }
}
