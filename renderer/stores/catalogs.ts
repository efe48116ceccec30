import type { CatalogSnapshot, CatalogSummaries, RepositorySummary } from '@shared/browse'
import type { Section } from '@shared/registry'
import { defineStore } from 'pinia'
import { call, on } from '../api'
import { Snapshots, type Entry, type Refresh } from './snapshots'

const keyOf = (registryId: string, section: Section): string => `${registryId} ${section}`

/** The same list with newer summaries in their places. */
export function withSummaries(
  list: RepositorySummary[],
  summaries: RepositorySummary[],
): RepositorySummary[] {
  const byName = new Map(summaries.map((summary) => [summary.name, summary]))
  return list.map((row) => byName.get(row.name) ?? row)
}

/** The repositories that a section shows of each registry. */
export const useCatalogsStore = defineStore('catalogs', () => {
  const snapshots = new Snapshots<CatalogSnapshot>()

  const summarized = ({ registryId, summaries }: CatalogSummaries): void => {
    for (const section of ['public', 'private'] as const) {
      const snapshot = snapshots.get(keyOf(registryId, section))?.snapshot
      if (!snapshot) continue
      const repositories = withSummaries(snapshot.repositories, summaries)
      snapshots.take(keyOf(registryId, section), { ...snapshot, repositories })
    }
  }
  on('catalog:changed', (next) => snapshots.take(keyOf(next.registryId, next.section), next))
  on('catalog:summarized', summarized)

  return {
    entry: (registryId: string, section: Section): Entry<CatalogSnapshot> | null =>
      snapshots.get(keyOf(registryId, section)),
    all: (): CatalogSnapshot[] => snapshots.all(),
    open: (registryId: string, section: Section, refresh: Refresh = 'auto'): Promise<void> =>
      snapshots.read(keyOf(registryId, section), () =>
        call('catalog:read', { registryId, section, refresh }),
      ),
    /** What is on screen is read first; the summaries come as events. At most 200 names. */
    summarize: (registryId: string, names: string[]): Promise<void> =>
      call('catalog:summarize', { registryId, names: names.slice(0, 200) }),
    addRepository: (registryId: string, repository: string): Promise<void> =>
      call('catalog:add-repository', { registryId, repository }),
    removeRepository: (registryId: string, repository: string): Promise<void> =>
      call('catalog:remove-repository', { registryId, repository }),
  }
})
