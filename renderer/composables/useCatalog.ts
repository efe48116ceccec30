import type { RepositorySummary } from '@shared/browse'
import type { ErrorInfo } from '@shared/error'
import type { Registry, Section } from '@shared/registry'
import { computed, watch, type Ref } from 'vue'
import { useCatalogsStore } from '../stores/catalogs'
import { namespaceOf, useRegistriesStore } from '../stores/registries'

/** What the page shows instead of the list, or beside it. */
export type CatalogCondition = 'list' | 'loading' | 'failed' | 'refused' | 'sign-in' | 'nothing'

/** The catalog that a section shows of a registry (null: the section's current one), read when the registry changes. */
export function useCatalog(section: Section, registryId: Ref<string | null>) {
  const registries = useRegistriesStore()
  const catalogs = useCatalogsStore()

  const registry = computed<Registry | null>(() =>
    registryId.value === null ? registries.current(section) : registries.byId(registryId.value),
  )
  const entry = computed(() => (registry.value ? catalogs.entry(registry.value.id, section) : null))
  const snapshot = computed(() => entry.value?.snapshot ?? null)
  const repositories = computed<readonly RepositorySummary[]>(() => snapshot.value?.repositories ?? [])
  const error = computed<ErrorInfo | null>(() => entry.value?.error ?? snapshot.value?.error ?? null)
  const namespace = computed(() => (registry.value ? namespaceOf(registry.value, section) : ''))

  const condition = computed<CatalogCondition>(() => {
    if (repositories.value.length > 0) return 'list'
    const known = snapshot.value
    const anonymous = registry.value?.activeAccountId === null
    if (error.value?.code === 'LISTING_UNSUPPORTED' || known?.listing === 'refused') {
      // Many registries list a private namespace to its accounts only.
      return anonymous && section === 'private' ? 'sign-in' : 'refused'
    }
    if (anonymous && (error.value?.code === 'UNAUTHORIZED' || error.value?.code === 'DENIED'))
      return 'sign-in'
    if (error.value) return 'failed'
    if (!known || (known.fetchedAt === null && known.refreshing)) return 'loading'
    return 'nothing'
  })

  const refresh = (): void => {
    if (registry.value) void catalogs.open(registry.value.id, section, 'force')
  }
  // Another account or another address of the registry shows another list.
  const identity = computed(() => {
    const one = registry.value
    return (
      one && [one.id, one.host, one.protocol, one.activeAccountId, namespace.value, one.trust.kind].join(' ')
    )
  })
  watch(
    identity,
    (_now, before) => {
      const one = registry.value
      if (!one) return
      if (registryId.value !== null) void registries.choose(section, one.id)
      void catalogs.open(one.id, section, before?.startsWith(`${one.id} `) ? 'force' : 'auto')
    },
    { immediate: true },
  )

  return { registry, namespace, snapshot, repositories, error, condition, refresh }
}
