/** How a job is called: the tag or digest that it is about, and its whole name at the registry. */
import type { Job, JobKind, RegistryJob } from '@shared/job'
import { isRegistryJob } from '@shared/job'
import { formatReference, referenceOf } from '@shared/reference'

/** The tag or digest that a job is about; of several tags the first. */
export function jobReference({ request }: RegistryJob): string {
  if (request.kind === 'pull') return request.reference
  return request.kind === 'delete-tags' ? (request.tags[0]?.tag ?? '') : request.tag
}

/** The whole name at the registry, `host/repository:tag`. */
export const remoteName = (job: RegistryJob): string =>
  formatReference(referenceOf(job.host, job.request.repository, jobReference(job)))

/** What any job is about: a name at a registry, or a deployment in a pool. */
export function jobName(job: Job): string {
  if (isRegistryJob(job)) return remoteName(job)
  const { request } = job
  return request.kind === 'deploy'
    ? request.spec.name
    : request.kind === 'deployment-action'
      ? request.name
      : ''
}

/** How many tags a job is about besides the one that it is named by. */
export const moreTags = ({ request }: Job): number =>
  request.kind === 'delete-tags' ? request.tags.length - 1 : 0

/** The text that names what a job does; a copy whose source goes is a rename. */
export const kindKey = ({ request }: Job): 'transfers.rename' | `transfers.kind.${JobKind}` =>
  request.kind === 'copy' && request.removeSource ? 'transfers.rename' : `transfers.kind.${request.kind}`

/** Whether bytes of an image move: the others put or take a tag at the registry. */
export const isTransfer = ({ request: { kind } }: Job): boolean =>
  kind !== 'delete' && kind !== 'delete-tags' && kind !== 'restore'
