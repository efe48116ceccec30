import { History, Search, Star } from '@lucide/vue'
import type { Place } from '@shared/search'
import { computed, type ComputedRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import { addressOf, placeKey, placeName, placeOfHit, placeOfRoute } from '../place'
import { fieldIcons, groupHits, hitKey, hitName, hitSnippet } from '../search-hit'
import { usePlacesStore } from '../stores/places'
import { useRegistriesStore } from '../stores/registries'
import type { PaletteItem } from './usePaletteItems'
import { useSearch } from './useSearch'

/** How many recent places and hits the palette offers; the search page has more. */
const recentLimit = 8
const hitLimit = 40

/** The places that the palette offers: pinned and recent ones before anything is typed, then what the search finds. */
export function usePlaceItems(text: Readonly<Ref<string>>): {
  items: ComputedRef<PaletteItem[]>
  settled: () => Promise<void>
  failed: ComputedRef<boolean>
} {
  const { t } = useI18n()
  const route = useRoute()
  const router = useRouter()
  const places = usePlacesStore()
  const registries = useRegistriesStore()
  const search = useSearch(text, hitLimit)

  const nameOf = (registryId: string): string => registries.byId(registryId)?.name ?? ''

  function placeItems(group: 'pinned' | 'recent', from: readonly Place[]): PaletteItem[] {
    const shown = placeOfRoute(route)
    return from
      .filter((place) => place.repository !== '' && registries.byId(place.registryId))
      .filter((place) => !shown || placeKey(place) !== placeKey(shown))
      .map((place) => ({
        key: `${group} ${placeKey(place)}`,
        group,
        label: placeName(place),
        note: nameOf(place.registryId),
        icon: group === 'pinned' ? Star : History,
        run: () => void router.push(addressOf(place)),
      }))
  }

  const found = computed<PaletteItem[]>(() =>
    groupHits(search.answer.value.hits).flatMap(({ field, hits }) =>
      hits.map((hit) => ({
        key: `hit ${hitKey(hit)}`,
        group: field,
        label: hitName(hit),
        snippet: hitSnippet(hit),
        note: nameOf(hit.registryId),
        icon: fieldIcons[field],
        run: () => void router.push(addressOf(placeOfHit(hit))),
      })),
    ),
  )
  const everything = computed<PaletteItem>(() => ({
    key: 'everything',
    group: 'search',
    label: t('search.everything', { text: text.value.trim() }),
    icon: Search,
    run: () => void router.push({ name: 'search', query: { q: text.value.trim() } }),
  }))

  return {
    items: computed(() => {
      if (text.value.trim() !== '') return found.value.length > 0 ? [...found.value, everything.value] : []
      return [
        ...placeItems('pinned', places.pins),
        ...placeItems('recent', places.recent).slice(0, recentLimit),
      ]
    }),
    settled: search.settled,
    failed: computed(() => search.error.value !== null),
  }
}
