import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { isEnded, type Job } from '@shared/job'

/** Seconds since a job began, told every second while it goes on; null before it began. */
export function useElapsed(job: () => Job): Readonly<Ref<number | null>> {
  const seconds = ref<number | null>(null)
  let timer: ReturnType<typeof setInterval> | undefined

  function tell(): void {
    const { startedAt, endedAt } = job()
    seconds.value = startedAt === null ? null : Math.max(0, ((endedAt ?? Date.now()) - startedAt) / 1000)
  }
  watch(
    () => [job().state, job().startedAt],
    () => {
      tell()
      clearInterval(timer)
      if (!isEnded(job().state)) timer = setInterval(tell, 1000)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearInterval(timer))
  return seconds
}
