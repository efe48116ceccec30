import type { Place, Places } from '@shared/search'
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { call, on } from '../api'
import { placeKey } from '../place'

/** What the user pinned, and where the user was. */
export const usePlacesStore = defineStore('places', () => {
  const places = shallowRef<Places>({ pins: [], recent: [], revision: -1 })
  const take = (next: Places): void => {
    if (next.revision >= places.value.revision) places.value = next
  }
  on('place:changed', take)

  const pins = computed(() => places.value.pins)
  const pinned = computed(() => new Set(pins.value.map(placeKey)))

  return {
    pins,
    /** Newest first, without those that are pinned. */
    recent: computed(() => places.value.recent.filter((place) => !pinned.value.has(placeKey(place)))),
    isPinned: (place: Place): boolean => pinned.value.has(placeKey(place)),
    load: async (): Promise<void> => take(await call('place:list', undefined)),
    visit: (place: Place): Promise<void> => call('place:visit', place),
    pin: async (place: Place, keep: boolean): Promise<void> =>
      take(await call('place:pin', { place, pinned: keep })),
  }
})
