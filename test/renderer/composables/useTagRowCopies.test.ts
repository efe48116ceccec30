// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { NMessageProvider } from 'naive-ui'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h, ref } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { useTagRowCopies } from '@/composables/useTagRowCopies'
import { createMessages } from '@/i18n'
import { useComposerStore } from '@/stores/composer'
import { useRegistriesStore } from '@/stores/registries'
import { answeringBridge, privateRegistry } from '../support/answering-bridge'

const page = { render: () => null }
const router = createRouter({
  history: createMemoryHistory(),
  routes: ['/', '/deploy'].map((path) => ({ path, name: path.slice(1), component: page })),
})
let unmount: () => void

beforeEach(async () => {
  answeringBridge({
    'registry:list': () => ({ registries: [privateRegistry()], unforgotten: 0, revision: 1 }),
  })
  setActivePinia(createPinia())
  await useRegistriesStore().load()
  await router.push('/')
  const Table = defineComponent(() => {
    const { press } = useTagRowCopies(
      () => 'mine',
      () => '727524/nginx',
      ref(new Set<string>()),
    )
    return () => h('div', { onKeydown: press }, h('div', { 'data-tag': 'v1' }, h('button')))
  })
  const shown = mount(
    { render: () => h(NMessageProvider, () => h(Table)) },
    { attachTo: document.body, global: { plugins: [createMessages('en'), router] } },
  )
  unmount = () => shown.unmount()
})
afterEach(() => {
  unmount()
  document.body.replaceChildren()
  vi.unstubAllGlobals()
})
async function press(key: string, options: KeyboardEventInit = {}): Promise<void> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...options })
  document.querySelector('button')?.dispatchEvent(event)
  await flushPromises()
}

it('deploys the tag of the row with D, and leaves other keys what they are', async () => {
  await press('d', { ctrlKey: true })
  await press('x')
  expect(router.currentRoute.value.path).toBe('/')
  await press('c')
  expect(useComposerStore().isOpen).toBe(true)
  await press('d')
  expect(router.currentRoute.value).toMatchObject({
    path: '/deploy',
    query: { registryId: 'mine', repository: '727524/nginx', reference: 'v1' },
  })
})
