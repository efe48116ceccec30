import type { Sort, SortOrder } from '@/components/base/data-table'
import { computed, type WritableComputedRef } from 'vue'
import { useQueryText } from './useQueryText'

const isOrder = (text: string | undefined): text is SortOrder => text === 'ascending' || text === 'descending'
const write = (sort: Sort): string => `${sort.key}.${sort.order}`

/** A table's sort that lives in the address (`?sort=name.ascending`). */
export function useQuerySort(initial: Sort): WritableComputedRef<Sort | null> {
  const text = useQueryText('sort', write(initial))
  return computed<Sort | null>({
    get: () => {
      const [key, order] = text.value.split('.')
      return key && isOrder(order) ? { key, order } : initial
    },
    set: (sort) => (text.value = write(sort ?? initial)),
  })
}
