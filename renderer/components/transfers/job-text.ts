/** What a job's row says, apart from words: pure functions from a job to names, percents and seconds. */
import type { Job, JobState, Part, Progress } from '@shared/job'
import { isEnded } from '@shared/job'
import { formatReference, pullCommand, referenceOf } from '@shared/reference'
import type { Registry, Section } from '@shared/registry'

export const jobFilters = ['all', 'active', 'succeeded', 'failed', 'other'] as const
export type JobFilter = (typeof jobFilters)[number]

/** The filter that shows a state. An interrupted job is one that failed, not one that the user ended. */
export function filterOf(state: JobState): Exclude<JobFilter, 'all'> {
  if (state === 'succeeded') return 'succeeded'
  if (state === 'failed' || state === 'interrupted') return 'failed'
  return state === 'cancelled' ? 'other' : 'active'
}

/** The tag or digest that a job is about. */
export const jobReference = ({ request }: Job): string =>
  request.kind === 'pull' ? request.reference : request.tag

/** The whole name at the registry, `host/repository:tag`. */
export const remoteName = (job: Job): string =>
  formatReference(referenceOf(job.host, job.request.repository, jobReference(job)))

/** Where the bytes come from and go to; null stands for the local engine, and for a deletion's missing end. */
export function endsOf(job: Job): { from: string | null; to: string | null } {
  const { request } = job
  if (request.kind === 'push') return { from: request.source, to: remoteName(job) }
  return { from: remoteName(job), to: null }
}

/** Whole percents, or null while the total is not known. A finished transfer of nothing is whole. */
export function percentOf({ completed, total }: Pick<Progress | Part, 'completed' | 'total'>): number | null {
  if (total === null) return null
  if (total <= 0) return 100
  return Math.max(0, Math.min(100, Math.floor((completed / total) * 100)))
}

/** Seconds until a running transfer ends at its present speed, or null where nothing can be said. */
export function secondsLeft(job: Job): number | null {
  const { completed, total } = job.progress
  if (job.state !== 'running' || total === null || !job.bytesPerSecond) return null
  return Math.max(0, total - completed) / job.bytesPerSecond
}

/** Seconds that an ended job took; null where it never began, and below a second, which is not worth saying. */
export function secondsTaken(job: Job): number | null {
  if (!isEnded(job.state) || job.startedAt === null || job.endedAt === null) return null
  const seconds = (job.endedAt - job.startedAt) / 1000
  return seconds < 1 ? null : seconds
}

/** Layers for which nothing had to be sent. */
export const partsThere = (progress: Progress): number =>
  progress.parts.filter((part) => part.state === 'exists' || part.state === 'mounted').length

/** The digest that stands in the way of a push: the user may agree to cover it. */
export function digestInTheWay(job: Job): string | null {
  if (job.request.kind !== 'push' || job.state !== 'failed' || !job.error) return null
  if (job.error.code !== 'TAG_EXISTS' && job.error.code !== 'TAG_CHANGED') return null
  return job.error.context.digest ?? null
}

/** The address of the image page that a done push or pull is about; null where its registry is gone. */
export function imagePlace(job: Job, registry: Registry | null): string | null {
  if (!registry || job.request.kind === 'delete') return null
  const { repository } = job.request
  const inside = registry.privateRole !== null && repository.startsWith(`${registry.privateRole.namespace}/`)
  const section: Section = inside || registry.publicRole === null ? 'private' : 'public'
  return `/${[section, registry.id, repository, jobReference(job)].map(encodeURIComponent).join('/')}`
}

/** The command that pulls what a job pushed or pulled. */
export const pullCommandOf = (job: Job): string =>
  pullCommand(job.host, job.request.repository, jobReference(job))
