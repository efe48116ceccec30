import type { Sort } from '@/components/base/data-table'
import { computed } from 'vue'
import { useSettingsStore } from '../stores/settings'
import { useQuerySort } from './useQuerySort'

const sorts = {
  time: { key: 'created', order: 'descending' },
  version: { key: 'name', order: 'descending' },
} as const satisfies Record<'time' | 'version', Sort>

/** How tags are sorted: by the address where it says so, otherwise by the order that was last chosen. */
export function useTagOrder() {
  const settings = useSettingsStore()
  const sort = useQuerySort(sorts[settings.settings.tagOrder])
  const order = computed<'time' | 'version' | 'other'>({
    get: () => {
      if (sort.value?.key === 'created') return 'time'
      return sort.value?.key === 'name' ? 'version' : 'other'
    },
    set: (next) => {
      if (next === 'other') return
      sort.value = sorts[next]
      void settings.change({ tagOrder: next })
    },
  })
  return { sort, order }
}
