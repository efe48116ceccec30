/** What a swarm says went wrong, as errors of ours. */
import { AppError, type ErrorContext } from '@shared/error'
import type { DeploymentSpec } from '@shared/deployment'
import { toPoolError } from '../engine-pool/error'
import type { Task } from './objects'

const meanings: readonly (readonly [
  RegExp,
  'PORT_IN_USE' | 'NAME_TAKEN' | 'DEPLOYMENT_CHANGED' | 'DEPLOYMENT_UNKNOWN' | 'SWARM_NEEDED',
])[] = [
  [/port '?(\d+)'? is already in use/i, 'PORT_IN_USE'],
  [/name conflicts with an existing object/i, 'NAME_TAKEN'],
  [/update out of sequence/i, 'DEPLOYMENT_CHANGED'],
  [/service \S+ not found|no such service/i, 'DEPLOYMENT_UNKNOWN'],
  [/not a swarm manager|not part of a swarm/i, 'SWARM_NEEDED'],
]

/** Any failure of a call on a manager; the words `rpc error: code = ... desc =` are left out. */
export function toSwarmError(thrown: unknown, context: ErrorContext = {}): AppError {
  if (thrown instanceof AppError) return thrown.with(context)
  const error = toPoolError(thrown, { side: 'pool', ...context })
  const detail = (error.detail ?? '').replace(/^rpc error: code = \w+ desc = /, '')
  for (const [pattern, code] of meanings) {
    const found = pattern.exec(detail)
    if (!found) continue
    const port = code === 'PORT_IN_USE' ? { port: found[1] } : {}
    return new AppError(code, { ...error.context, ...port }, { detail })
  }
  return new AppError(error.code, error.context, { detail: detail || null })
}

/** States that a task does not come back from. */
export const endedStates: readonly string[] = [
  'complete',
  'failed',
  'rejected',
  'shutdown',
  'orphaned',
  'remove',
]

/** Whether a task ended by itself or could not begin, rather than being told to end or lost with its node. */
export const hasFailed = (task: Task): boolean =>
  ['failed', 'rejected', 'complete'].includes(task.Status.State)

interface Evidence {
  /** Name of the node that it ran on. */
  node: string | null
  /** The last lines that it wrote. */
  lines: readonly string[]
  delivery: DeploymentSpec['image']['delivery']
}

/** Why a task failed: its error, exit code and last lines. */
export function errorOfTask(task: Task, { node, lines, delivery }: Evidence): AppError {
  const words = task.Status.Err ?? task.Status.Message ?? task.Status.State
  const where = node === null ? '' : `${node}: `
  const detail = [`${where}${words}`, ...lines].join('\n')
  const exit = task.Status.ContainerStatus?.ExitCode ?? null
  const context: ErrorContext = { side: 'pool' }
  const make = (code: AppError['code'], more: ErrorContext = {}): AppError =>
    new AppError(code, { ...context, ...more }, { detail })
  if (/unhealthy container/i.test(words)) return make('NOT_HEALTHY')
  if (/no such image/i.test(words)) {
    // A node only logs why its pull failed; the manager could reach the registry, or nothing would have been created.
    return make(delivery === 'pull' ? 'ENGINE_UNREACHABLE_REGISTRY' : 'IMAGE_NOT_FOUND')
  }
  const told = toPoolError(new Error(words), context)
  if (told.code !== 'ENGINE_FAILED') return make(told.code, told.context)
  if (exit !== null && (exit !== 0 || task.Status.State === 'complete')) {
    return make('CONTAINER_EXITED', { exitCode: exit })
  }
  return make('ENGINE_FAILED')
}

/** A task that no node can take: too few resources, a platform or port that no node has. */
export function errorOfWaiting(task: Task): AppError {
  const words = task.Status.Err ?? 'no suitable node'
  const code = /host-mode port already in use/i.test(words)
    ? 'PORT_IN_USE'
    : /unsupported platform/i.test(words)
      ? 'PLATFORM_MISSING'
      : 'RESOURCES_MISSING'
  return new AppError(code, { side: 'pool' }, { detail: words })
}
