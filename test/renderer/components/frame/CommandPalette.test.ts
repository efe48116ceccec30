// @vitest-environment happy-dom
import type { Place, SearchAnswer, SearchHit } from '@shared/search'
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import CommandPalette from '@/components/frame/CommandPalette.vue'
import { createMessages } from '@/i18n'
import { sections } from '@/router'
import { usePlacesStore } from '@/stores/places'
import { useRegistriesStore } from '@/stores/registries'
import { answeringBridge, privateRegistry } from '../../support/answering-bridge'

const place = (repository: string, reference: string | null = null): Place => ({
  registryId: 'mine',
  section: 'private',
  repository,
  reference,
})
const hit = (changes: Partial<SearchHit>): SearchHit => ({
  kind: 'repository',
  ...place('727524/web'),
  tag: null,
  digest: null,
  field: 'repository',
  snippet: '',
  created: null,
  ...changes,
})

let wrapper: VueWrapper
let router: Router
let answer: (text: string) => Promise<SearchAnswer> | SearchAnswer

async function open() {
  const bridge = answeringBridge({
    'registry:list': () => ({ registries: [privateRegistry()], unforgotten: 0, revision: 1 }),
    'place:list': () => ({
      pins: [place('727524/pinned')],
      recent: [place('727524/pinned'), place('727524/seen', 'v2')].map((one) => ({ ...one, visitedAt: 1 })),
      revision: 1,
    }),
    'search:query': ({ text }) => answer(text),
  })
  setActivePinia(createPinia())
  await useRegistriesStore().load()
  await usePlacesStore().load()
  const page = { render: () => null }
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: page },
      ...[...sections, 'search'].map((name) => ({
        path: `/${name}`,
        name,
        component: page,
      })),
      { path: '/:section/:registryId/:repository', name: 'repository', component: page },
      { path: '/:section/:registryId/:repository/:reference', name: 'image', component: page },
    ],
  })
  await router.push('/')
  wrapper = mount(
    { render: () => h(CommandPalette, { show: true }) },
    {
      attachTo: document.body,
      global: { plugins: [createMessages('en'), router] },
    },
  )
  await flushPromises()
  return bridge
}
const palette = (): HTMLElement => {
  const found = document.querySelector<HTMLElement>('[data-testid=palette]')
  if (!found) throw new Error('no palette')
  return found
}
const options = (): string[] =>
  [...palette().querySelectorAll('[role=option]')].map((one) => one.textContent?.trim() ?? '')
const groups = (): string[] =>
  [...palette().querySelectorAll('.group')].map((one) => one.textContent?.trim() ?? '')
async function type(text: string): Promise<void> {
  const input = palette().querySelector('input')
  if (!input) throw new Error('no field')
  input.value = text
  input.dispatchEvent(new Event('input'))
  await flushPromises()
}
const press = async (key: string): Promise<void> => {
  palette().dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
  await flushPromises()
}

beforeEach(() => (answer = () => ({ hits: [], more: false })))
afterEach(() => {
  wrapper.unmount()
  document.body.replaceChildren()
  vi.unstubAllGlobals()
})

it('offers pinned places, then recent ones that are not pinned, before anything is typed', async () => {
  await open()
  expect(groups().slice(0, 3)).toEqual(['Pinned', 'Recent', 'Go to'])
  expect(options().slice(0, 2)).toEqual(['727524/pinnedMine', '727524/seen:v2Mine'])
  await press('ArrowDown')
  await press('Enter')
  expect(router.currentRoute.value.params).toMatchObject({ repository: '727524/seen', reference: 'v2' })
})

it('finds by any field, grouped, with what matched marked and the registry named', async () => {
  answer = () => ({
    hits: [
      hit({ kind: 'image', tag: 'v1', field: 'environment', snippet: 'JAVA_HOME=/opt/jdk17' }),
      hit({ repository: '727524/jdk17_ownbase' }),
    ],
    more: false,
  })
  await open()
  await type('jdk17')
  expect(groups()).toEqual(['Repositories', 'Environment variables', 'Search'])
  expect(options()).toEqual([
    '727524/jdk17_ownbaseMine',
    '727524/web:v1JAVA_HOME=/opt/jdk17Mine',
    'All results for “jdk17”',
  ])
  expect([...palette().querySelectorAll('mark')].map((one) => one.textContent)).toContain('jdk17')
})

it('shows what a registry says as text and never as markup', async () => {
  answer = () => ({ hits: [hit({ field: 'label', snippet: '<img src=x> web' })], more: false })
  await open()
  await type('web')
  expect(palette().querySelector('img')).toBeNull()
  expect(options()[0]).toContain('<img src=x> web')
})

it('waits for the search when Enter is quicker, and opens what the whole text finds', async () => {
  let tell: (found: SearchAnswer) => void = () => {}
  await open()
  answer = () => new Promise((done) => (tell = done))
  await type('shop')
  await press('Enter')
  expect(router.currentRoute.value.path).toBe('/')
  tell({ hits: [hit({ repository: '727524/shop' })], more: false })
  await flushPromises()
  expect(router.currentRoute.value.params).toMatchObject({ repository: '727524/shop' })
})

it('leads on to the page with all results', async () => {
  answer = () => ({ hits: [hit({})], more: true })
  await open()
  await type('web')
  await press('ArrowUp')
  await press('Enter')
  expect(router.currentRoute.value).toMatchObject({ name: 'search', query: { q: 'web' } })
})
