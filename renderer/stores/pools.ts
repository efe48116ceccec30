import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { CallInput } from '@shared/contract'
import type { ErrorInfo } from '@shared/error'
import type { Pool, PoolDraft, PoolList, PoolTestStep } from '@shared/pool'
import { call, on } from '@/api'
import { errorInfoOf } from '@/call-error'

export type NodeAction = CallInput<'pool:change-node'>['action']

/** The pools as main last told them; a list older than the one at hand is dropped. */
export const usePoolsStore = defineStore('pools', () => {
  const list = shallowRef<PoolList>({ pools: [], currentId: null, revision: -1 })
  const status = ref<'loading' | 'ready' | 'failed'>('loading')
  /** Why main could not be asked; what is wrong with a pool is in the pool. */
  const error = shallowRef<ErrorInfo | null>(null)

  function take(next: PoolList): void {
    status.value = 'ready'
    if (next.revision >= list.value.revision) list.value = next
  }
  on('pool:changed', take)

  const pools = computed(() => list.value.pools)
  const byId = (id: string | null): Pool | null => pools.value.find((pool) => pool.id === id) ?? null
  const current = computed(() => byId(list.value.currentId))

  /** Asks main for what it knows; a failure stays in `error`. */
  async function load(): Promise<void> {
    try {
      take(await call('pool:list', undefined))
      error.value = null
    } catch (thrown) {
      status.value = 'failed'
      error.value = errorInfoOf(thrown)
    }
  }

  return {
    pools,
    current,
    status,
    error,
    byId,
    load,
    /** Asks all pools anew, or one; resolves when they answered or could not. */
    refresh: async (id: string | null = null): Promise<void> => take(await call('pool:refresh', { id })),
    choose: async (id: string): Promise<void> => take(await call('pool:choose', { id })),
    add: async (draft: PoolDraft): Promise<void> => take(await call('pool:add', draft)),
    change: async (id: string, draft: PoolDraft): Promise<void> =>
      take(await call('pool:change', { id, draft })),
    remove: async (id: string): Promise<void> => take(await call('pool:remove', { id })),
    test: (draft: PoolDraft): Promise<PoolTestStep[]> => call('pool:test', draft),
    /** Shows a picker; null when it was closed. */
    choosePath: (folder: boolean): Promise<string | null> => call('pool:choose-path', { folder }),
    beginSwarm: async (id: string, address: string | null): Promise<void> =>
      take(await call('pool:begin-swarm', { id, address })),
    /** Puts the command into the clipboard: its secret never comes here. */
    copyJoinCommand: (id: string, role: 'worker' | 'manager'): Promise<void> =>
      call('pool:copy-join-command', { id, role }),
    changeNode: async (id: string, nodeId: string, action: NodeAction): Promise<void> =>
      take(await call('pool:change-node', { id, nodeId, action })),
  }
})
