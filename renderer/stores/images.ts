import type { ImageSnapshot } from '@shared/browse'
import { defineStore } from 'pinia'
import { call, on } from '../api'
import { Snapshots, type Entry, type Refresh } from './snapshots'

const keyOf = (registryId: string, repository: string, reference: string): string =>
  `${registryId} ${repository} ${reference}`

/** What a tag or a digest names, for each one that was opened. */
export const useImagesStore = defineStore('images', () => {
  const snapshots = new Snapshots<ImageSnapshot>()
  on('image:changed', (next) => snapshots.take(keyOf(next.registryId, next.repository, next.reference), next))

  return {
    entry: (registryId: string, repository: string, reference: string): Entry<ImageSnapshot> | null =>
      snapshots.get(keyOf(registryId, repository, reference)),
    open: (
      registryId: string,
      repository: string,
      reference: string,
      refresh: Refresh = 'auto',
    ): Promise<void> =>
      snapshots.read(keyOf(registryId, repository, reference), () =>
        call('image:read', { registryId, repository, reference, refresh }),
      ),
  }
})
