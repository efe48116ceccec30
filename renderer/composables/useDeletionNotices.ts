import type { Job } from '@shared/job'
import { isEnded } from '@shared/job'
import { useMessage, type MessageReactive } from 'naive-ui'
import { h, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { errorInfoOf } from '../call-error'
import { useJobsStore } from '../stores/jobs'
import { isDeletion, useRestore } from './useDeletedTags'
import { useErrorText } from './useErrorText'
import { useFormat } from './useFormat'

/** Milliseconds that a notice with Undo stays. */
const undoTime = 12_000

/** Says when a deletion that was under way is done, with Undo; and when the registry answers that it deletes nothing. */
export function useDeletionNotices(): void {
  const { t } = useI18n()
  const { number } = useFormat()
  const { message: errorText } = useErrorText()
  const message = useMessage()
  const jobs = useJobsStore()
  const { undo } = useRestore()
  const underWay = new Set<string>()

  function done(job: Parameters<typeof undo>[0]): void {
    const { request } = job
    const count = job.result?.references.length ?? 1
    const first = request.kind === 'delete' ? request.tag : (request.tags[0]?.tag ?? '')
    const words = t(
      'remove.undo.done',
      { reference: `${request.repository}:${first}`, n: number(count), repository: request.repository },
      count,
    )
    let notice: MessageReactive | null = null
    async function onUndo(): Promise<void> {
      notice?.destroy()
      try {
        const n = await undo(job)
        if (n === 0) message.info(t('remove.undo.nothing'))
        else
          message.info(
            t('remove.deleted.restoring', { reference: `${request.repository}:${first}`, n: number(n) }, n),
          )
      } catch (thrown) {
        message.error(errorText(errorInfoOf(thrown)))
      }
    }
    const button = (): ReturnType<typeof h> =>
      h(
        'button',
        {
          type: 'button',
          class: 'link-button',
          'data-testid': 'undo-delete',
          onClick: () => void onUndo(),
        },
        t('remove.undo.undo'),
      )
    notice = message.success(() => [words, ' ', button()], {
      duration: undoTime,
      closable: true,
      keepAliveOnHover: true,
    })
  }

  function tell(job: Job): void {
    if (!isDeletion(job)) return
    if (!isEnded(job.state)) underWay.add(job.id)
    else if (underWay.delete(job.id)) {
      if (job.state === 'succeeded') done(job)
      else if (job.error?.code === 'DELETE_DISABLED')
        message.info(t('remove.undo.switchedOff', { host: job.host }), { duration: 8000 })
    }
  }
  watch(
    () => jobs.jobs,
    (all) => all.forEach(tell),
    { immediate: true },
  )
}
