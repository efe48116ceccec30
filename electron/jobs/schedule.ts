import type { Job, JobRequest } from '@shared/job'

export interface Limits {
  /** Jobs that run at one registry at a time. */
  perRegistry: number
  /** Pushes and pulls that the engine does at a time. */
  engineTransfers: number
}

export const defaultLimits: Limits = { perRegistry: 3, engineTransfers: 2 }

const usesEngine = (request: JobRequest): boolean => request.kind !== 'delete'

/** The names that a job writes or reads, at the registry and at the engine: two jobs on one name would disturb each other. */
function namesOf({ host, request }: Job): string[] {
  const { repository } = request
  const names =
    request.kind === 'push'
      ? [request.tag]
      : request.kind === 'pull'
        ? [request.reference]
        : [request.tag, ...request.siblings]
  return names.map((name) => `${host}/${repository}:${name}`)
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
