import { computed, type ComputedRef } from 'vue'
import { useJobsStore } from '../stores/jobs'
import { isDeletion } from './useDeletedTags'

/** Whether a registry, by what it answered last, has deletion switched off. */
export function useDeletionSwitchedOff(registryId: () => string): ComputedRef<boolean> {
  const jobs = useJobsStore()
  return computed(() => {
    const last = jobs.jobs.find(
      (job) =>
        isDeletion(job) &&
        job.request.registryId === registryId() &&
        (job.state === 'succeeded' || job.error?.code === 'DELETE_DISABLED'),
    )
    return last?.error?.code === 'DELETE_DISABLED'
  })
}
