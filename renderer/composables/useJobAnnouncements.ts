import { ref, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { type Job, isEnded } from '@shared/job'
import { isRefused } from '@/components/transfers/job-text'
import { isTransfer, kindKey, jobName } from '@/job-name'
import { useJobsStore } from '@/stores/jobs'
import { useErrorText } from './useErrorText'

/** How far a job has come, in quarters of its bytes that are worth saying: 0 to 3. */
export function quarterOf(job: Job): number {
  const { completed, total } = job.progress
  if (!isTransfer(job) || total === null || total <= 0) return 0
  return Math.max(0, Math.min(3, Math.floor((completed / total) * 4)))
}

interface Told {
  state: Job['state']
  attempt: number
  quarter: number
}

/**
 * What a screen reader should say about the jobs now: started, each quarter, and how it ended. What was there when the
 * program began is not told, and no quarter is told twice when a part is sent again.
 */
export function useJobAnnouncements(): Ref<string> {
  const { t } = useI18n()
  const jobs = useJobsStore()
  const errorText = useErrorText()
  const text = ref('')
  const told = new Map<string, Told>()

  const titleOf = (job: Job): string => `${t(kindKey(job))} ${jobName(job)}`

  function sentence(job: Job, before: Told | undefined): string | null {
    const title = titleOf(job)
    const again = before && before.attempt === job.attempt ? before : undefined
    if (job.state !== again?.state) {
      switch (job.state) {
        case 'running':
          return t('transfers.announce.started', { title })
        case 'succeeded':
          return t('transfers.announce.done', { title })
        case 'failed':
          return t(`transfers.announce.${isRefused(job) ? 'refused' : 'failed'}`, {
            title,
            reason: job.error ? errorText.message(job.error) : '',
          })
        case 'cancelled':
        case 'interrupted':
        case 'queued':
        case 'paused':
          return t(`transfers.announce.${job.state}`, { title })
      }
    }
    const quarter = quarterOf(job)
    return !isEnded(job.state) && quarter > again.quarter
      ? t('transfers.announce.quarter', { title, percent: quarter * 25 })
      : null
  }

  watch(
    () => [jobs.jobs, jobs.status] as const,
    ([all, status], before) => {
      // The history comes with the first answer; only what happens after it is news.
      const news = before?.[1] === 'ready'
      const sentences: string[] = []
      for (const job of all) {
        const last = told.get(job.id)
        const one = news ? sentence(job, last) : null
        if (one) sentences.push(one)
        const same = last?.attempt === job.attempt
        const quarter = Math.max(quarterOf(job), same ? last.quarter : 0)
        told.set(job.id, { state: job.state, attempt: job.attempt, quarter })
      }
      if (status === 'ready' && sentences.length > 0) text.value = sentences.join(' ')
    },
    { immediate: true },
  )
  return text
}
