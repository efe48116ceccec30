import type { ErrorCode, ErrorContext } from '@shared/error'
import { AppError } from '@shared/error'
import { toEngineError } from '../../engine/error'

interface Meaning {
  pattern: RegExp
  code: ErrorCode
  context?: (found: RegExpExecArray) => ErrorContext
}

const port = (found: RegExpExecArray): ErrorContext => (found[1] ? { port: found[1] } : {})
const field = (name: string) => (): ErrorContext => ({ field: name })

/** What engines say about containers and what it means; the words are those of moby, libnetwork, runc, crun and Podman. */
const meanings: readonly Meaning[] = [
  {
    pattern: /:(\d+)[^\n]{0,20}(?:port is already allocated|address already in use)/i,
    code: 'PORT_IN_USE',
    context: port,
  },
  {
    pattern: /(?:port is already allocated|address already in use|ports are not available)/i,
    code: 'PORT_IN_USE',
  },
  {
    pattern: /name "?[^\n]*"? is already in use|name already in use/i,
    code: 'NAME_TAKEN',
  },
  { pattern: /no such container|no container with name or id/i, code: 'DEPLOYMENT_UNKNOWN' },
  {
    pattern:
      /executable file (?:`[^`]*` )?not found|exec[^\n]*no such file or directory|attempted to invoke a command that was not found/i,
    code: 'CONTAINER_EXITED',
    context: () => ({ exitCode: 127 }),
  },
  {
    pattern: /(?:exec|runtime)[^\n]*permission denied/i,
    code: 'CONTAINER_EXITED',
    context: () => ({ exitCode: 126 }),
  },
  { pattern: /storage-opt|storage option/i, code: 'DEPLOYMENT_INVALID', context: field('diskBytes') },
  { pattern: /range of cpus|not enough cpu|insufficient/i, code: 'RESOURCES_MISSING', context: field('cpu') },
  {
    pattern: /minimum memory|cannot allocate memory|memory limit/i,
    code: 'RESOURCES_MISSING',
    context: field('memory'),
  },
  {
    pattern:
      /bind source path does not exist|invalid mount config|error while creating mount source|statfs /i,
    code: 'DEPLOYMENT_INVALID',
    context: field('volumes'),
  },
  {
    pattern: /network [^\n]* not found|unable to find network/i,
    code: 'DEPLOYMENT_INVALID',
    context: field('networks'),
  },
  {
    pattern: /unable to find user|no matching entries in passwd/i,
    code: 'DEPLOYMENT_INVALID',
    context: field('user'),
  },
  {
    pattern: /invalid argument|invalid reference format|invalid port|bad parameter/i,
    code: 'DEPLOYMENT_INVALID',
  },
]

/** A failure of a call on a container: as `toEngineError`, refined where the engine's words say more about a deployment. */
export function toPoolError(thrown: unknown, context: ErrorContext = {}): AppError {
  if (thrown instanceof AppError) return thrown.with(context)
  const error = toEngineError(thrown, context)
  // Not reached, cut off or without room: what the engine says then is not about the deployment.
  if (['ENGINE_STOPPED', 'ENGINE_LOST', 'ENGINE_DISK_FULL', 'CANCELLED'].includes(error.code)) return error
  const words = error.detail ?? ''
  for (const { pattern, code, context: told } of meanings) {
    const found = pattern.exec(words)
    if (found) return new AppError(code, { ...error.context, ...told?.(found) }, { detail: error.detail })
  }
  // 409 without known words is a conflict about a container here, never about an image.
  if (error.code === 'IMAGE_IN_USE') {
    return new AppError('ENGINE_FAILED', error.context, { detail: error.detail })
  }
  return error
}

/** Runs a call on a container; its failure as `toPoolError`. */
export async function asking<T>(context: ErrorContext, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (thrown) {
    throw toPoolError(thrown, context)
  }
}

/** The engine's HTTP status of a failed call; null where it gave none. */
export function statusOf(thrown: unknown): number | null {
  if (thrown instanceof AppError) return thrown.context.status ?? null
  return thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number'
    ? thrown.statusCode
    : null
}
