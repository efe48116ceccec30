// @vitest-environment happy-dom
import type { CatalogSnapshot, RepositorySummary } from '@shared/browse'
import type { ErrorInfo } from '@shared/error'
import type { Registry } from '@shared/registry'
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { NMessageProvider } from 'naive-ui'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { createMemoryHistory, createRouter, RouterView, type Router } from 'vue-router'
import { createMessages } from '@/i18n'
import { useDialogsStore } from '@/stores/dialogs'
import { useRegistriesStore } from '@/stores/registries'
import CatalogView from '@/views/CatalogView.vue'
import { answeringBridge, privateRegistry } from '../support/answering-bridge'
import { waitFor } from '../../support/wait'

const row = (name: string): RepositorySummary => ({
  name,
  addedByHand: false,
  tagCount: 1,
  newestTag: 'v1',
  newestCreated: 0,
  title: null,
  description: null,
  summarizedAt: 1,
})
const error = (code: ErrorInfo['code']): ErrorInfo => ({
  code,
  context: { registryId: 'mine' },
  detail: null,
})
const account = { id: 'a', username: 'dev', kept: 'session' as const }
const signedIn = { accounts: [account], activeAccountId: 'a' }

let wrapper: VueWrapper
let router: Router

async function show(catalog: Partial<CatalogSnapshot>, registry: Partial<Registry> = signedIn, query = '') {
  const bridge = answeringBridge({
    'registry:list': () => ({ registries: [privateRegistry(registry)], unforgotten: 0, revision: 1 }),
    'catalog:read': () => ({
      registryId: 'mine',
      section: 'private',
      repositories: [],
      listing: 'supported',
      fetchedAt: 1,
      complete: true,
      source: 'registry',
      refreshing: false,
      error: null,
      revision: 1,
      count: catalog.repositories?.length ?? 0,
      ...catalog,
    }),
    'catalog:summarize': () => undefined,
  })
  setActivePinia(createPinia())
  await useRegistriesStore().load()
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      {
        path: '/private',
        name: 'private',
        component: CatalogView,
        props: { section: 'private', registryId: null },
      },
      { path: '/:section/:registryId/:repository', name: 'repository', component: { render: () => null } },
      { path: '/local', name: 'local', component: { render: () => null } },
    ],
  })
  await router.push(`/private${query}`)
  wrapper = mount(() => h(NMessageProvider, () => h(RouterView)), {
    global: { plugins: [router, createMessages('en')] },
    attachTo: document.body,
  })
  await flushPromises()
  return bridge
}

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(800)
})
afterEach(() => {
  wrapper.unmount()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const rows = (): string[] =>
  wrapper.findAll('[data-testid^=row-]').map((one) => one.attributes('data-testid') ?? '')

it('offers to add a repository by name where the registry does not list them', async () => {
  await show({ listing: 'refused' })
  await wrapper.find('[data-testid=add-repository]').trigger('click')
  expect(useDialogsStore().current).toEqual({ kind: 'add-repository', registryId: 'mine' })
})

it('offers to sign in first where nobody is signed in', async () => {
  await show({ listing: 'refused' }, {})
  expect(wrapper.find('[data-testid=add-repository]').exists()).toBe(false)
  await wrapper.find('[data-testid=empty-sign-in]').trigger('click')
  expect(useDialogsStore().current).toMatchObject({ kind: 'sign-in', registryId: 'mine' })
})

it('keeps showing what is stored when the registry cannot be reached', async () => {
  await show({ repositories: [row('727524/web')], source: 'cache', error: error('CONNECTION_REFUSED') })
  expect(rows()).toEqual(['row-727524/web'])
  expect(wrapper.find('[data-testid=freshness-error]').exists()).toBe(true)
})

it('tells the cause where nothing is stored', async () => {
  await show({ fetchedAt: null, error: error('CONNECTION_REFUSED') })
  expect(wrapper.find('[data-testid=error-panel]').attributes('data-code')).toBe('CONNECTION_REFUSED')
})

it('filters by what the address says, keeps the address with the filter, and clears it', async () => {
  await show({ repositories: [row('727524/web'), row('727524/shop')] }, signedIn, '?q=sho')
  expect(rows()).toEqual(['row-727524/shop'])
  await wrapper.find('[data-testid=filter] input').setValue('nothing like it')
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ q: 'nothing like it' })
  await wrapper.find('[data-testid=clear-filter]').trigger('click')
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({})
  expect(rows()).toHaveLength(2)
})

it('shows a repository that appears while the page is open', async () => {
  const bridge = await show({ repositories: [row('727524/web')] })
  bridge.emit('catalog:changed', {
    registryId: 'mine',
    section: 'private',
    repositories: [row('727524/web'), row('727524/new')],
    count: 2,
    listing: 'supported',
    fetchedAt: 2,
    complete: true,
    source: 'registry',
    refreshing: false,
    error: null,
    revision: 2,
  })
  await flushPromises()
  expect(rows()).toContain('row-727524/new')
})

it('reads the summaries of what is on screen', async () => {
  const bridge = await show({ repositories: [row('727524/web')] })
  await waitFor(() =>
    expect(bridge.asked('catalog:summarize')).toEqual([{ registryId: 'mine', names: ['727524/web'] }]),
  )
})

it('opens a repository and marks its row as a place to drop', async () => {
  await show({ repositories: [row('727524/web')] })
  const shown = wrapper.find('[data-testid="row-727524/web"]')
  expect(shown.attributes()).toMatchObject({
    'data-drop-registry': 'mine',
    'data-drop-repository': '727524/web',
  })
  await shown.trigger('click')
  await flushPromises()
  expect(router.currentRoute.value.params).toEqual({
    section: 'private',
    registryId: 'mine',
    repository: '727524/web',
  })
})
