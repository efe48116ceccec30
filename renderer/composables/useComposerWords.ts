import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useArchivesStore } from '@/stores/archives'
import { useComposerStore } from '@/stores/composer'
import type { DraftMode, DraftProblems } from '@/stores/push-draft'

/** What the composer calls itself and its Start, and the first thing that keeps Start from being pressed. */
export function useComposerWords() {
  const { t } = useI18n()
  const archives = useArchivesStore()
  const composer = useComposerStore()
  const count = computed(() => composer.items.length)

  function titleOf(mode: DraftMode, n: number): string {
    switch (mode) {
      case 'push':
        return n === 0 ? t('push.titleEmpty') : t('push.title', { count: n }, n)
      case 'copy':
        return t('push.titleCopy', { count: n }, n)
      case 'retag':
        return t('push.titleRetag', { count: n }, n)
      case 'rename':
        return t('push.titleRename', { count: n }, n)
    }
  }
  function startOf(mode: DraftMode, n: number): string {
    switch (mode) {
      case 'push':
        return t('push.start', { count: n }, n)
      case 'copy':
        return t('push.startCopy', { count: n }, n)
      case 'retag':
        return t('push.startRetag', { count: n }, n)
      case 'rename':
        return t('push.startRename', { count: n }, n)
    }
  }
  const title = computed(() => titleOf(composer.mode, count.value))
  const startLabel = computed(() => startOf(composer.mode, Math.max(1, count.value)))
  const startedText = (mode: DraftMode, n: number): string =>
    t(mode === 'push' ? 'push.started' : 'push.startedCopy', { count: n }, n)

  const waiting = computed(() => {
    if (archives.reading) return t('push.waiting.reading')
    if (count.value === 0)
      return archives.archives.some(({ listing }) => listing) ? t('push.waiting.nothing') : null
    const all = [...composer.problems.values()]
    const any = (is: (one: DraftProblems) => boolean): boolean => all.some(is)
    if (any((one) => one.noRegistry)) return t('push.waiting.noRegistry')
    if (any((one) => one.issues.length > 0)) return t('push.waiting.issues')
    if (any((one) => one.itself)) return t('push.waiting.itself')
    if (any((one) => one.duplicate)) return t('push.waiting.duplicate')
    if (any((one) => one.asking)) return t('push.waiting.asking')
    if (any((one) => one.unread)) return t('push.waiting.unread')
    if (any((one) => one.needsAgreement)) return t('push.waiting.replace')
    return null
  })

  return { title, startLabel, startedText, waiting }
}
