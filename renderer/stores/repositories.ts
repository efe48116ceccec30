import type { RepositorySnapshot } from '@shared/browse'
import { defineStore } from 'pinia'
import { call, on } from '../api'
import { Snapshots, type Entry, type Refresh } from './snapshots'

const keyOf = (registryId: string, repository: string): string => `${registryId} ${repository}`

/** The tags of each repository that was opened. */
export const useRepositoriesStore = defineStore('repositories', () => {
  const snapshots = new Snapshots<RepositorySnapshot>()
  on('repository:changed', (next) => snapshots.take(keyOf(next.registryId, next.repository), next))

  return {
    entry: (registryId: string, repository: string): Entry<RepositorySnapshot> | null =>
      snapshots.get(keyOf(registryId, repository)),
    open: (registryId: string, repository: string, refresh: Refresh = 'auto'): Promise<void> =>
      snapshots.read(keyOf(registryId, repository), () =>
        call('repository:read', { registryId, repository, refresh }),
      ),
    /** The tags on screen, read before the others. At most 500. */
    focus: (registryId: string, repository: string, tags: string[]): Promise<void> =>
      call('repository:focus', { registryId, repository, tags: tags.slice(0, 500) }),
    leave: (registryId: string, repository: string): Promise<void> =>
      call('repository:leave', { registryId, repository }),
  }
})
