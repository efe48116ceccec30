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
