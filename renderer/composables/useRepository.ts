import type { RepositorySnapshot } from '@shared/browse'
import type { ErrorInfo } from '@shared/error'
import { computed, onBeforeUnmount, onMounted } from 'vue'
import { useRepositoriesStore } from '../stores/repositories'
import { namespaceOf, useRegistriesStore } from '../stores/registries'
import type { Section } from '@shared/registry'

export type RepositoryCondition = 'ready' | 'loading' | 'failed' | 'empty' | 'gone'

/** One repository while its page is shown; reads that only this page waits for end with it. */
export function useRepository(section: Section, registryId: string, repository: string) {
  const registries = useRegistriesStore()
  const repositories = useRepositoriesStore()

  const registry = computed(() => registries.byId(registryId))
  const namespace = computed(() => (registry.value ? namespaceOf(registry.value, section) : ''))
  const entry = computed(() => repositories.entry(registryId, repository))
  const snapshot = computed<RepositorySnapshot | null>(() => entry.value?.snapshot ?? null)
  const error = computed<ErrorInfo | null>(() => entry.value?.error ?? snapshot.value?.error ?? null)
  const condition = computed<RepositoryCondition>(() => {
    if (!registry.value) return 'gone'
    const known = snapshot.value
    if (known && known.tags.length > 0) return 'ready'
    if (error.value) return 'failed'
    if (!known || known.fetchedAt === null) return 'loading'
    return 'empty'
  })

  const refresh = (): void => void repositories.open(registryId, repository, 'force')
  const focus = (tags: string[]): void => void repositories.focus(registryId, repository, tags)
  onMounted(() => {
    if (registry.value) void repositories.open(registryId, repository)
  })
  onBeforeUnmount(() => void repositories.leave(registryId, repository))

  return { registry, namespace, snapshot, error, condition, refresh, focus }
}
