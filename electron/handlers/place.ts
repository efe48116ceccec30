import type { Handlers } from '@shared/contract'
import type { PlacesStore } from '../store/places'

/** Calls on pins and recent places. */
export function placeHandlers(
  places: PlacesStore,
): Pick<Handlers, Extract<keyof Handlers, `place:${string}`>> {
  return {
    'place:list': () => places.read(),
    'place:visit': async (place) => {
      await places.visit(place)
      return undefined
    },
    'place:pin': ({ place, pinned }) => places.pin(place, pinned),
  }
}
