import { usePoolsStore } from '@/stores/pools'

/** The name of a pool; its id where the list does not have it (any more). */
export function usePoolName(): (id: string) => string {
  const pools = usePoolsStore()
  return (id) => pools.byId(id)?.name ?? id
}
