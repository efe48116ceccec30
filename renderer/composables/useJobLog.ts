import { onScopeDispose, ref, watch } from 'vue'
import type { Job } from '@shared/job'
import { useJobsStore } from '@/stores/jobs'
import { useAsync } from './useAsync'

/** How long the log waits before it is read again while its job goes on, in ms. */
export const logPause = 1000

/** The raw log of a job, newest line last; read again, at most once a second, whenever the job has moved. */
export function useJobLog(job: () => Job) {
  const jobs = useJobsStore()
  const lines = ref<string[]>([])
  const loaded = ref(false)
  const { run, error } = useAsync(() => jobs.log(job().id))
  let timer: ReturnType<typeof setTimeout> | undefined

  async function read(): Promise<void> {
    const answer = await run()
    if (answer) {
      lines.value = answer
      loaded.value = true
    }
  }

  watch(
    () => job().revision,
    () => {
      timer ??= setTimeout(() => {
        timer = undefined
        void read()
      }, logPause)
    },
  )
  onScopeDispose(() => clearTimeout(timer))
  void read()

  return { lines, loaded, error, read }
}
