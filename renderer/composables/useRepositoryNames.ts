import { computed, toValue, watch, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import { ownbaseSuffix, splitOwnbase } from '@shared/target-name'
import { useCatalogsStore } from '@/stores/catalogs'

export interface KnownName {
  imageName: string
  ownbase: boolean
}

const written = (name: KnownName): string => name.imageName + (name.ownbase ? ownbaseSuffix : '')

/** The image names that a registry's private catalog has in a namespace, sorted; from the cache, refreshed behind. */
export function useRepositoryNames(
  registryId: MaybeRefOrGetter<string>,
  namespace: MaybeRefOrGetter<string>,
): { names: ComputedRef<KnownName[]> } {
  const catalogs = useCatalogsStore()
  watch(
    () => toValue(registryId),
    (id) => void (id && catalogs.open(id, 'private')),
    { immediate: true },
  )
  const names = computed(() => {
    const prefix = `${toValue(namespace)}/`
    const repositories = catalogs.entry(toValue(registryId), 'private')?.snapshot?.repositories ?? []
    return repositories
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name }) => splitOwnbase(name.slice(prefix.length)))
      .sort((a, b) => (written(a) < written(b) ? -1 : 1))
  })
  return { names }
}
