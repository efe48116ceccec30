// @vitest-environment happy-dom
import type { CatalogSnapshot, RepositorySummary } from '@shared/browse'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useCatalogsStore } from '@/stores/catalogs'
import { answeringBridge } from '../support/answering-bridge'

const row = (name: string, newestTag: string | null = null): RepositorySummary => ({
  name,
  addedByHand: false,
  tagCount: null,
  newestTag,
  newestCreated: null,
  title: null,
  description: null,
  summarizedAt: newestTag === null ? null : 1,
})
const snapshot = (repositories: RepositorySummary[], revision = 1): CatalogSnapshot => ({
  registryId: 'r',
  section: 'public',
  repositories,
  count: repositories.length,
  listing: 'supported',
  fetchedAt: 1,
  complete: true,
  source: 'registry',
  refreshing: false,
  error: null,
  revision,
})

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => vi.unstubAllGlobals())

it('puts summaries that come in behind the list into their rows', async () => {
  const bridge = answeringBridge({ 'catalog:read': () => snapshot([row('a'), row('b')]) })
  const catalogs = useCatalogsStore()
  await catalogs.open('r', 'public')
  bridge.emit('catalog:summarized', { registryId: 'r', summaries: [row('b', 'v2'), row('elsewhere', 'v9')] })
  expect(catalogs.entry('r', 'public')?.snapshot?.repositories).toEqual([row('a'), row('b', 'v2')])
})

it('keeps the catalogs of two sections apart', async () => {
  answeringBridge({ 'catalog:read': ({ section }) => ({ ...snapshot([row(section)]), section }) })
  const catalogs = useCatalogsStore()
  await Promise.all([catalogs.open('r', 'public'), catalogs.open('r', 'private')])
  expect(catalogs.entry('r', 'private')?.snapshot?.repositories).toEqual([row('private')])
  expect(catalogs.entry('r', 'public')?.snapshot?.repositories).toEqual([row('public')])
})

it('shows the first rows of a long list before the rest has come', async () => {
  const all = [row('a'), row('b'), row('c')]
  const shown: number[] = []
  answeringBridge({
    'catalog:read': ({ first }) => {
      shown.push(catalogs.entry('r', 'public')?.snapshot?.repositories.length ?? 0)
      return first === undefined ? snapshot(all, 2) : { ...snapshot(all.slice(0, 1)), count: all.length }
    },
  })
  const catalogs = useCatalogsStore()
  await catalogs.open('r', 'public')
  expect(shown).toEqual([0, 1])
  expect(catalogs.entry('r', 'public')?.snapshot?.repositories).toEqual(all)
})

it('keeps the rows that it has where a change says that they are the same', async () => {
  const bridge = answeringBridge({ 'catalog:read': () => snapshot([row('a')]) })
  const catalogs = useCatalogsStore()
  await catalogs.open('r', 'public')
  bridge.emit('catalog:changed', { ...snapshot([], 2), repositories: null, refreshing: true })
  expect(catalogs.entry('r', 'public')?.snapshot).toMatchObject({
    refreshing: true,
    repositories: [row('a')],
  })
})
