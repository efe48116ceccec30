import type { Sort } from '@/components/base/data-table'
import { computed, type WritableComputedRef } from 'vue'
import { useQueryText } from './useQueryText'

const write = (sort: Sort): string => `${sort.key}.${sort.order}`

/** A table's sort that lives in the address (`?sort=name.ascending`). */
export function useQuerySort(initial: Sort): WritableComputedRef<Sort | null> {
  const text = useQueryText('sort', write(initial))
  return computed<Sort | null>({
    get: () => {
      const [key, order] = text.value.split('.')
      if (!key || (order !== 'ascending' && order !== 'descending')) return initial
      return { key, order }
    },
    set: (sort) => (text.value = write(sort ?? initial)),
  })
}
