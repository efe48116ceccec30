import { isPoolRequest, type Job, type JobRequest, type RegistryRequest } from '@shared/job'

export interface Limits {
  /** Jobs that run at one registry at a time. */
  perRegistry: number
  /** Pushes and pulls that the engine does at a time. */
  engineTransfers: number
}

export const defaultLimits: Limits = { perRegistry: 3, engineTransfers: 2 }

const usesEngine = ({ kind }: JobRequest): boolean =>
  kind === 'push' || kind === 'pull' || kind === 'resumable-push'

function tagsOf(request: RegistryRequest): string[] {
  switch (request.kind) {
    case 'pull':
      return [request.reference]
    case 'delete':
      return [request.tag, ...request.siblings]
    case 'delete-tags':
      return request.tags.map(({ tag }) => tag)
    default:
      return [request.tag]
  }
}

/**
 * The names that a job writes or reads, at the registry, the engine or the pool: two jobs on one name would disturb each other.
 * By host, and by the registry's id, which is what a copy knows of its source.
 */
function namesOf({ host, request }: Job): string[] {
  if (isPoolRequest(request)) return [`${request.poolId} ${request.deploymentId}`]
  const { registryId, repository } = request
  const names = tagsOf(request).flatMap((tag) => [
    `${host}/${repository}:${tag}`,
    `${registryId} ${repository}:${tag}`,
  ])
  if (request.kind === 'copy') {
    const { from } = request
    names.push(`${from.registryId} ${from.repository}:${from.reference}`)
  }
  return names
}

/** Which of the queued jobs may start now, beside those that run; jobs on the same name keep their order. */
export function startable(queued: readonly Job[], running: readonly Job[], limits: Limits): Job[] {
  const started: Job[] = []
  const taken = new Set(running.flatMap(namesOf))
  for (const job of queued) {
    const names = namesOf(job)
    const free = !names.some((name) => taken.has(name))
    for (const name of names) taken.add(name)
    const active = [...running, ...started]
    const there = active.filter((other) => other.host === job.host).length
    const transfers = active.filter((other) => usesEngine(other.request)).length
    if (!free || there >= limits.perRegistry) continue
    if (usesEngine(job.request) && transfers >= limits.engineTransfers) continue
    started.push(job)
  }
  return started
}
