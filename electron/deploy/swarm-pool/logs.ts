/** The log of a service: its tasks' logs in order of time. The manager asks each node, so nothing else needs to be within reach. */
import type { LogLine } from '@shared/running'
import { AppError } from '@shared/error'
import { pause } from '../../engine/deadline'
import { LogLines, type StampedLine } from '../engine-pool/log-lines'
import { LogMerge } from '../engine-pool/log-merge'
import type { LogOptions } from '../engine-pool/log-source'
import { openStream } from '../engine-stream'
import type { SwarmApi } from './api'
import { toSwarmError } from './error'
import type { SwarmNode, Task } from './objects'

/** How often new tasks are looked for; milliseconds. */
const interval = 1000

/** See `PoolDriver.logs`. `tail` counts for each instance. While it follows, new instances are read from their beginning. */
export async function* serviceLogs(
  api: SwarmApi,
  id: string,
  options: LogOptions & { instanceId: string | null },
  outer: AbortSignal,
): AsyncGenerator<LogLine[], void, undefined> {
  const stop = new AbortController()
  const end = (): void => stop.abort()
  outer.addEventListener('abort', end, { once: true })
  if (outer.aborted) end()
  const merge = new LogMerge()
  const opened = new Set<string>()
  try {
    const service = await api.deployed(id, outer)
    const name = service.Spec.Name ?? ''
    const attach = async (begin: LogOptions): Promise<void> => {
      const [tasks, nodes] = await Promise.all([api.tasks(service.ID, stop.signal), api.nodes(stop.signal)])
      for (const task of tasks) {
        if (opened.has(task.ID) || !isReadable(task, nodes)) continue
        if (options.instanceId !== null && task.ID !== options.instanceId) continue
        opened.add(task.ID)
        merge.add(taskLog(api, task, `${name}.${task.Slot}`, begin, stop.signal))
      }
    }
    await attach(options)
    if (options.follow) void follow(() => attach({ ...options, tail: null }), merge, stop.signal)
    else merge.close()
    yield* merge.read(stop.signal)
  } finally {
    outer.removeEventListener('abort', end)
    end()
  }
}

/** A node that is lost would never answer. */
const isReadable = (task: Task, nodes: readonly SwarmNode[]): boolean =>
  Boolean(task.Status.ContainerStatus?.ContainerID) &&
  nodes.some(({ ID, Status }) => ID === task.NodeID && Status?.State === 'ready')

async function follow(attach: () => Promise<void>, merge: LogMerge, signal: AbortSignal): Promise<void> {
  for (;;) {
    await pause(interval, signal)
    if (signal.aborted) return
    try {
      await attach()
    } catch (error) {
      if (signal.aborted) return
      // The service is gone: its log ends with what is open of it.
      if (error instanceof AppError && error.code === 'DEPLOYMENT_UNKNOWN') return merge.close()
      return merge.fail(error)
    }
  }
}

async function* taskLog(
  api: SwarmApi,
  task: Task,
  from: string,
  { tail, since, follow: isFollowing }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine[], void, undefined> {
  const query = {
    ...{ stdout: '1', stderr: '1', timestamps: '1', follow: isFollowing ? '1' : '0' },
    tail: tail === null ? 'all' : String(tail),
    ...(since !== null && { since: (since / 1000).toFixed(3) }),
  }
  const lines = new LogLines({ from, tty: false })
  const kept = (read: StampedLine[]): LogLine[] =>
    read
      .filter(({ at }) => since === null || at === null || at >= since)
      .map(({ at, channel, text }) => ({ at, from, channel, text }))
  try {
    const stream = await openStream(api.docker, `/tasks/${encodeURIComponent(task.ID)}/logs`, query, signal)
    for await (const chunk of stream) {
      const read = kept(lines.push(chunk as Buffer))
      if (read.length > 0) yield read
    }
    const rest = kept(lines.end())
    if (rest.length > 0) yield rest
  } catch (thrown) {
    if (signal.aborted) return
    const error = toSwarmError(thrown)
    // The swarm forgot the task since it was listed.
    if (error.context.status !== 404) throw error
  }
}
