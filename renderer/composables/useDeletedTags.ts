import type { Job } from '@shared/job'
import { isEnded } from '@shared/job'
import type { DeletedTag } from '@shared/search'
import { computed, watch } from 'vue'
import { call } from '../api'
import { useJobsStore } from '../stores/jobs'
import { useAnswer } from './useAnswer'

type Deletion = Job & { request: { kind: 'delete' | 'delete-tags' } }
export const isDeletion = (job: Job): job is Deletion =>
  job.request.kind === 'delete' || job.request.kind === 'delete-tags'

/** What was deleted from a repository and may be put back; asked again whenever a deletion or a restore of it ends. */
export function useDeletedTags(repository: () => { registryId: string; repository: string } | null) {
  const jobs = useJobsStore()
  const { answer, error, ask } = useAnswer('deleted:list', repository)
  const ends = computed(() => {
    const place = repository()
    return jobs.jobs
      .filter(
        (job) =>
          (job.request.kind === 'delete' ||
            job.request.kind === 'delete-tags' ||
            job.request.kind === 'restore') &&
          job.request.registryId === place?.registryId &&
          job.request.repository === place?.repository &&
          isEnded(job.state),
      )
      .map((job) => `${job.id} ${job.attempt}`)
      .join('\n')
  })
  watch(ends, () => void ask(true))
  return { deleted: computed<readonly DeletedTag[]>(() => answer.value ?? []), error }
}

/** Of what is kept, that which a deletion took. */
export function takenBy(job: Job, kept: readonly DeletedTag[]): DeletedTag[] {
  const { request } = job
  if (request.kind !== 'delete' && request.kind !== 'delete-tags') return []
  const since = job.startedAt ?? job.createdAt
  const tags: { tag: string; digest: string }[] =
    request.kind === 'delete-tags'
      ? request.tags
      : [request.tag, ...(request.extent === 'manifest' ? request.siblings : [])].map((tag) => ({
          tag,
          digest: request.digest,
        }))
  const wanted = new Set(tags.map(({ tag, digest }) => `${tag} ${digest}`))
  return kept.filter(({ tag, digest, deletedAt }) => deletedAt >= since && wanted.has(`${tag} ${digest}`))
}

/** Puts deleted tags back, one job for each. `replaces`: the digest that a tag names now and that may be covered. */
export function useRestore() {
  const jobs = useJobsStore()
  async function restore(tags: readonly DeletedTag[], replaces: string | null = null): Promise<void> {
    for (const { registryId, repository, tag, digest } of tags) {
      await jobs.enqueue({ kind: 'restore', registryId, repository, tag, digest, replaces })
    }
  }
  /** Undoes a deletion; answers how many tags are on their way back. */
  async function undo(job: Deletion): Promise<number> {
    const { registryId, repository } = job.request
    const tags = takenBy(job, await call('deleted:list', { registryId, repository }))
    await restore(tags)
    return tags.length
  }
  return { restore, undo }
}
