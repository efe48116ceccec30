/** What a job's row says, apart from words: pure functions from a job to names, percents and seconds. */
import type { Job, Part, Progress, RegistryJob } from '@shared/job'
import { isEnded, resumableKinds } from '@shared/job'
import { formatReference, pullCommand, referenceOf } from '@shared/reference'
import type { Registry, Section } from '@shared/registry'
import { jobReference, remoteName } from '@/job-name'

export const jobFilters = ['all', 'active', 'succeeded', 'failed', 'other'] as const
export type JobFilter = (typeof jobFilters)[number]

/** Whether the registry's plain answer that it deletes nothing has ended a job: that is no failure. */
export const isRefused = ({ error }: Pick<Job, 'error'>): boolean => error?.code === 'DELETE_DISABLED'

/** The filter that shows a job. An interrupted one has failed, and was not ended by the user. */
export function filterOf(job: Pick<Job, 'state' | 'error'>): Exclude<JobFilter, 'all'> {
  const { state } = job
  if (state === 'succeeded') return 'succeeded'
  if (isRefused(job)) return 'other'
  if (state === 'failed' || state === 'interrupted') return 'failed'
  return state === 'cancelled' ? 'other' : 'active'
}

export interface JobEnds {
  from: string
  /** Null: the local engine, for a pull; for what only puts or takes a tag there is no other end. */
  to: string | null
  way: 'to-registry' | 'to-engine' | 'none'
}

/** Where the bytes come from and go to. `sourceHost` is the registry that a copy reads from; null where it is gone. */
export function endsOf(job: RegistryJob, sourceHost: string | null): JobEnds {
  const { request } = job
  const name = remoteName(job)
  switch (request.kind) {
    case 'push':
    case 'archive-push':
    case 'resumable-push':
      return { from: request.source, to: name, way: 'to-registry' }
    case 'copy': {
      const { repository, reference } = request.from
      const host = request.from.registryId === request.registryId ? job.host : sourceHost
      const from = formatReference(referenceOf(host ?? '?', repository, reference))
      return { from, to: name, way: 'to-registry' }
    }
    case 'pull':
      return { from: name, to: null, way: 'to-engine' }
    case 'delete':
    case 'delete-tags':
    case 'restore':
      return { from: name, to: null, way: 'none' }
  }
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

/** The digest that stands in the way of what writes a tag: the user may agree to cover it. */
export function digestInTheWay(job: Job): string | null {
  if (!('replaces' in job.request) || job.state !== 'failed' || !job.error) return null
  if (job.error.code !== 'TAG_EXISTS' && job.error.code !== 'TAG_CHANGED') return null
  return job.error.context.digest ?? null
}

/** The address of the image page that a done job left; null where its registry is gone, or the image. */
export function imagePlace(job: RegistryJob, registry: Registry | null): string | null {
  if (!registry || isDeletion(job)) return null
  const { repository } = job.request
  const inside = registry.privateRole !== null && repository.startsWith(`${registry.privateRole.namespace}/`)
  const section: Section = inside || registry.publicRole === null ? 'private' : 'public'
  return `/${[section, registry.id, repository, jobReference(job)].map(encodeURIComponent).join('/')}`
}

export const isDeletion = ({ request: { kind } }: Job): boolean => kind === 'delete' || kind === 'delete-tags'

/** Whether a job can be stopped where it is, to go on from there. */
export const mayPause = ({ request, state }: Job): boolean =>
  (state === 'running' || state === 'queued') && resumableKinds.includes(request.kind)

/** The command that pulls what a job pushed or pulled. */
export const pullCommandOf = (job: RegistryJob): string =>
  pullCommand(job.host, job.request.repository, jobReference(job))
