import type { CatalogChange, CatalogSnapshot, CatalogSummaries, RepositorySummary } from '@shared/browse'
import type { Section } from '@shared/registry'
import { defineStore } from 'pinia'
import { call, on } from '../api'
import { Snapshots, type Entry, type Refresh } from './snapshots'

const keyOf = (registryId: string, section: Section): string => `${registryId} ${section}`

/** More rows than any screen shows. */
const firstScreen = 200

/** Resolves once the next frame is on the screen; in a window that paints nothing, soon. */
const painted = (): Promise<void> =>
  new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(() => done()))
    setTimeout(done, 500)
  })

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
  const changed = ({ repositories, ...next }: CatalogChange): void => {
    const key = keyOf(next.registryId, next.section)
    const held = repositories ?? snapshots.get(key)?.snapshot?.repositories
    if (held) snapshots.take(key, { ...next, repositories: held })
  }
  on('catalog:changed', changed)
  on('catalog:summarized', summarized)

  /** A catalog that is not here yet shows its first rows before the rest of a long list has come over. */
  async function open(registryId: string, section: Section, refresh: Refresh = 'auto'): Promise<void> {
    const key = keyOf(registryId, section)
    const read = (input: { refresh: Refresh; first?: number }): Promise<void> =>
      snapshots.read(key, () => call('catalog:read', { registryId, section, ...input }))
    if (snapshots.get(key)?.snapshot) return read({ refresh })
    await read({ refresh, first: firstScreen })
    const { repositories, count } = snapshots.get(key)?.snapshot ?? { repositories: [], count: 0 }
    if (count <= repositories.length) return
    await painted()
    await read({ refresh: 'never' })
  }

  return {
    entry: (registryId: string, section: Section): Entry<CatalogSnapshot> | null =>
      snapshots.get(keyOf(registryId, section)),
    all: (): CatalogSnapshot[] => snapshots.all(),
    open,
    /** What is on screen is read first; the summaries come as events. At most 200 names. */
    summarize: (registryId: string, names: string[]): Promise<void> =>
      call('catalog:summarize', { registryId, names: names.slice(0, 200) }),
    addRepository: (registryId: string, repository: string): Promise<void> =>
      call('catalog:add-repository', { registryId, repository }),
    removeRepository: (registryId: string, repository: string): Promise<void> =>
      call('catalog:remove-repository', { registryId, repository }),
  }
})
