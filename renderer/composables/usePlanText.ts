import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { DraftPlan, PlanState } from '@/stores/draft-plan'
import type { PushDraft } from '@/stores/push-draft'
import { useFormat } from './useFormat'

/** A draft's plan in words: what is sent, what comes along, which platforms are lost; null where there is nothing to say. */
export function usePlanText(draft: () => PushDraft, state: () => PlanState) {
  const { t, locale } = useI18n()
  const { bytes } = useFormat()
  const list = (names: string[]): string =>
    new Intl.ListFormat(locale.value, { type: 'conjunction' }).format(names)

  const plan = computed(() => {
    const known = state()
    return known.state === 'ready' ? known.plan : null
  })
  const told = <T>(text: (known: DraftPlan) => T): ComputedRef<T | null> =>
    computed(() => plan.value && text(plan.value))

  const isInside = computed(() => {
    const { source, registryId } = draft()
    return source.kind === 'tag' && source.registryId === registryId
  })
  const size = told(({ layers, layersThere: there, layersMounted: mounted, ...known }) => {
    if (isInside.value) return t('push.plan.inside')
    if (layers === 0) return null
    const whole = bytes(known.bytes)
    if (there + mounted === 0) return t('push.plan.all', { size: whole, layers }, layers)
    if (there >= layers) return t('push.plan.none', { layers })
    const send = bytes(Math.max(0, known.bytes - known.bytesThere - known.bytesMounted))
    if (mounted === 0) return t('push.plan.some', { send, size: whole, there, layers })
    const parts =
      there > 0
        ? [t('push.plan.there', { count: there }, there), t('push.plan.mountedShort', { count: mounted })]
        : [t('push.plan.mountedOnly', { count: mounted }, mounted)]
    return t('push.plan.parts', { send, size: whole, parts: parts.join(t('push.plan.comma')) })
  })

  const referrers = told(({ referrers: count }) =>
    count > 0 ? t('push.plan.referrers', { count }, count) : null,
  )
  const lost = told(({ platformsLost, platforms, same }) => {
    if (platformsLost.length === 0 || same) return null
    const { mode, target } = draft()
    const values = { tag: target.tag, lost: list(platformsLost) }
    const count = platformsLost.length
    const [only] = platforms
    if (!only) return t('push.plan.platformsLostUnknown', values, count)
    if (mode === 'push' && platforms.length === 1)
      return t('push.plan.platformsLost', { ...values, platform: only }, count)
    return t('push.plan.platformsLostSeveral', { ...values, platforms: list(platforms) }, count)
  })
  const same = told((known) =>
    known.existing && known.same
      ? t(draft().mode === 'push' ? 'push.plan.same' : 'push.plan.sameCopy', { tag: draft().target.tag })
      : null,
  )
  /** Whether the plan's bytes are those before compression: then less is sent. */
  const isRaw = computed(() => {
    const { source } = draft()
    return source.kind === 'image' || (source.kind === 'archive' && source.archive === 'docker-archive')
  })

  return { plan, size, referrers, lost, same, isRaw, isInside }
}
