import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { canonicalHost } from '@shared/reference'
import { formatTarget } from '@shared/target-name'
import type { DraftSource } from '@/stores/draft-source'
import { type Dragged, useImageDragStore } from '@/stores/image-drag'
import { draftRepository, makeDraft } from '@/stores/push-draft'
import { namespaceOf, useRegistriesStore } from '@/stores/registries'

/** More names than this are only counted. */
const previewed = 3

/** What is told while something is dragged: what would go where, under which names, and whether it would at all. */
export function useDropWords() {
  const { t } = useI18n()
  const drag = useImageDragStore()
  const registries = useRegistriesStore()

  const kind = computed(() => drag.dragging?.kind ?? 'images')
  /** Images and archives may be dropped anywhere; tags only where a place says so. */
  const target = computed(
    () =>
      drag.dropTarget ??
      (kind.value === 'tags' ? null : { registryId: null, repository: null, section: 'private' as const }),
  )
  const registry = computed(() => {
    const to = target.value
    return to && (registries.byId(to.registryId) ?? registries.current('private'))
  })
  const host = computed(() => (registry.value ? canonicalHost(registry.value.host) : ''))
  const namespace = computed(() =>
    registry.value && target.value ? namespaceOf(registry.value, target.value.section) : '',
  )
  const sources = computed((): readonly DraftSource[] => {
    const { dragging } = drag
    if (dragging?.kind === 'tags') return dragging.tags
    if (dragging?.kind !== 'images') return []
    return dragging.images.map((image) => ({
      kind: 'image',
      image,
      reference: image.references[0] ?? null,
      resumable: false,
    }))
  })
  const count = computed(() => (drag.dragging?.kind === 'files' ? drag.dragging.count : sources.value.length))
  const lands = computed(() => registry.value !== null)

  function headlineOf(what: Dragged['kind'], n: number): string {
    const repository = target.value?.repository
    const place = [host.value, repository ?? namespace.value].filter(Boolean).join('/')
    const values = { count: n, place }
    switch (what) {
      case 'tags':
        if (!lands.value) return t('push.drag.copyNowhere')
        return repository ? t('push.drag.copyOnto', values, n) : t('push.drag.copyInto', values, n)
      case 'files':
        if (!lands.value) return t('push.drag.filesNoRegistry')
        return repository ? t('push.drag.filesOnto', values, n) : t('push.drag.files', values, n)
      case 'images':
        if (!lands.value) return t('local.drag.noRegistry')
        return repository ? t('local.drag.onto', values, n) : t('local.drag.into', values, n)
    }
  }
  const headline = computed(() => headlineOf(kind.value, count.value))

  /** The names that they would get as things are. */
  const names = computed(() => {
    const one = registry.value
    if (!one) return []
    const aim = {
      registryId: one.id,
      host: host.value,
      namespace: namespace.value,
      repository: target.value?.repository ?? null,
    }
    return sources.value.slice(0, previewed).map((source) => {
      const draft = makeDraft(source, aim, source.kind === 'tag' ? 'copy' : 'push')
      if (draft.target.imageName === '') return formatTarget({ ...draft.target, imageName: '…' })
      return `${draft.target.host}/${draftRepository(draft)}:${draft.target.tag}`
    })
  })
  const more = computed(() => (names.value.length > 0 ? Math.max(0, sources.value.length - previewed) : 0))
  const hint = computed(() => (kind.value === 'files' ? t('push.drag.filesHint') : null))

  return { headline, names, more, hint, lands }
}
