import type { DeploymentSpec } from '@shared/deployment'
import { AppError, type ErrorCode, type ErrorContext } from '@shared/error'
import type { Inspected } from './inspected'
import type { Job } from './job'
import { lastWords } from './last-words'

/** The error of a container that ended: its exit code, the engine's words, and the last lines of its log. */
export function exited(job: Job, container: Inspected, spec: DeploymentSpec): Promise<AppError> {
  const { ExitCode, OOMKilled, Error: words } = container.State
  const lines = [
    `Exit code ${ExitCode}${OOMKilled ? ': the memory limit was reached' : ''}`,
    ...(words ? [words] : []),
  ]
  return told(job, 'CONTAINER_EXITED', container, spec, lines, { exitCode: ExitCode })
}

/** The error of a container that is not healthy: what its health check said last, and the last lines of its log. */
export function unhealthy(job: Job, container: Inspected, spec: DeploymentSpec): Promise<AppError> {
  const said = container.State.Health?.Log?.at(-1)?.Output?.trim()
  return told(
    job,
    'NOT_HEALTHY',
    container,
    spec,
    said ? [`Health check: ${job.clean(said).slice(0, 500)}`] : [],
    {},
  )
}

/** An error about a container with the last lines of its log after what is said. */
export async function withLastWords(job: Job, error: AppError, id: string): Promise<AppError> {
  const log = await lastWords(job.docker, { id, tty: false, clean: (text) => job.clean(text) })
  const detail = [error.detail, log].filter(Boolean).join('\n')
  return new AppError(error.code, error.context, { detail: job.clean(detail), cause: error })
}

async function told(
  job: Job,
  code: ErrorCode,
  container: Inspected,
  spec: DeploymentSpec,
  lines: string[],
  context: ErrorContext,
): Promise<AppError> {
  const log = await lastWords(job.docker, {
    ...{ id: container.Id, tty: container.Config.Tty, clean: (text: string) => job.clean(text) },
  })
  const detail = job.clean([...lines, ...(log ? [log] : [])].join('\n'))
  for (const line of detail.split('\n')) job.log(`${container.Name.replace(/^\//, '')}: ${line}`)
  const about = { side: 'pool' as const, deployment: spec.name, pool: job.connection.name }
  return new AppError(code, { ...about, ...context }, { detail })
}
