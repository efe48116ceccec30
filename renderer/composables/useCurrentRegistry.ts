import type { Registry, Section } from '@shared/registry'
import { computed, type ComputedRef } from 'vue'
import { useRoute } from 'vue-router'
import { useRegistriesStore } from '../stores/registries'

/** The section that the route is in; where it is in none, null. */
export function useRouteSection(): ComputedRef<Section | null> {
  const route = useRoute()
  return computed(() => {
    const first = route.path.split('/')[1]
    return first === 'public' || first === 'private' ? first : null
  })
}

/** The registry that the window is about now: the route's, or else the current private or public one. */
export function useCurrentRegistry(): ComputedRef<Registry | null> {
  const route = useRoute()
  const section = useRouteSection()
  const registries = useRegistriesStore()
  return computed(() => {
    const named = route.params['registryId']
    const byRoute = typeof named === 'string' ? registries.byId(named) : null
    if (byRoute) return byRoute
    if (section.value) return registries.current(section.value)
    return registries.current('private') ?? registries.current('public')
  })
}
