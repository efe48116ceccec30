import { CopyPlus, FileArchive, FolderArchive, Pause, Play } from '@lucide/vue'
import { computed, type Component } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute } from 'vue-router'
import { jobName } from '@/job-name'
import { useComposerStore } from '@/stores/composer'
import { useJobsStore } from '@/stores/jobs'
import { resumableKinds } from '@shared/job'
import { useArchiveChoice } from './useArchiveChoice'
import { useTagCopies } from './useTagCopies'

export interface TransferAction {
  key: string
  label: string
  icon: Component
  run: () => void
}

/** What the palette can do about archives, the image page that is open, and transfers that can be paused. */
export function useTransferActions() {
  const { t } = useI18n()
  const route = useRoute()
  const composer = useComposerStore()
  const jobs = useJobsStore()
  const { choose } = useArchiveChoice()
  const parameter = (name: string): string => {
    const value = route.params[name]
    return typeof value === 'string' ? value : ''
  }
  const { choices } = useTagCopies(
    () => parameter('registryId'),
    () => parameter('repository'),
  )

  return computed<TransferAction[]>(() => [
    ...(route.name === 'image'
      ? choices([parameter('reference')]).map(({ key, longLabel, run }) => ({
          key,
          label: longLabel,
          icon: CopyPlus,
          run,
        }))
      : []),
    {
      key: 'archive',
      label: t('push.titleEmpty'),
      icon: FileArchive,
      run: () => void composer.openArchives([]),
    },
    {
      key: 'archive-file',
      label: t('push.archive.paletteFile'),
      icon: FileArchive,
      run: () => void choose(false),
    },
    {
      key: 'archive-folder',
      label: t('push.archive.paletteFolder'),
      icon: FolderArchive,
      run: () => void choose(true),
    },
    ...jobs.running
      .filter(({ request }) => resumableKinds.includes(request.kind))
      .flatMap((job): TransferAction[] => {
        const name = jobName(job)
        if (job.state === 'paused')
          return [
            {
              key: `resume ${job.id}`,
              label: t('transfers.actions.resumeOf', { name }),
              icon: Play,
              run: () => void jobs.resume(job.id),
            },
          ]
        if (job.state !== 'running') return []
        return [
          {
            key: `pause ${job.id}`,
            label: t('transfers.actions.pauseOf', { name }),
            icon: Pause,
            run: () => void jobs.pause(job.id),
          },
        ]
      }),
  ])
}
