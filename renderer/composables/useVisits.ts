import { watch } from 'vue'
import { useRoute } from 'vue-router'
import { placeKey, placeOfRoute } from '../place'
import { usePlacesStore } from '../stores/places'
import { useRegistriesStore } from '../stores/registries'

/** Tells each repository and image that the window goes to, once for each time; not those of a registry that is gone. */
export function useVisits(): void {
  const route = useRoute()
  const places = usePlacesStore()
  const registries = useRegistriesStore()
  watch(
    () => {
      const place = placeOfRoute(route)
      return place && registries.byId(place.registryId) ? placeKey(place) : null
    },
    (key) => {
      const place = placeOfRoute(route)
      if (key !== null && place) void places.visit(place)
    },
    { immediate: true },
  )
}
