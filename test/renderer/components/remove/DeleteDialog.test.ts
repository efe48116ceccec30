// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { NMessageProvider } from 'naive-ui'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import DeleteDialog from '@/components/remove/DeleteDialog.vue'
import { createMessages } from '@/i18n'
import { useRegistriesStore } from '@/stores/registries'
import { Refusal, answeringBridge, privateRegistry, pushJob, sha } from '../../support/answering-bridge'

type Enqueue = Parameters<typeof answeringBridge>[0]['job:enqueue']

async function begin(siblings: string[], enqueue: Enqueue = () => pushJob()) {
  const bridge = answeringBridge({
    'registry:list': () => ({ registries: [privateRegistry()], unforgotten: 0, revision: 1 }),
    'delete:plan': () => ({ digest: sha('d'), siblings }),
    'job:enqueue': enqueue,
  })
  await useRegistriesStore().load()
  const shown: boolean[] = []
  const props = {
    registryId: 'mine',
    repository: '727524/nginx',
    tag: 'v1',
    show: true,
    'onUpdate:show': (show: boolean) => void shown.push(show),
  }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/', component: { render: () => null } }],
  })
  const wrapper = mount(
    { render: () => h(NMessageProvider, () => h(DeleteDialog, props)) },
    { attachTo: document.body, global: { plugins: [createMessages('en'), router] } },
  )
  await flushPromises()
  return { bridge, wrapper, shown }
}
const find = (id: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(`[data-testid="${id}"]`)
  if (!found) throw new Error(`no ${id}`)
  return found
}
const going = (): string[] => [...find('delete-list').children].map((item) => item.textContent?.trim() ?? '')

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => {
  document.body.replaceChildren()
  vi.unstubAllGlobals()
})

it('takes only the tag unless the user chooses otherwise, and tells the siblings it knew', async () => {
  const { bridge, wrapper, shown } = await begin(['latest', 'v1.0'])
  expect(going()).toEqual(['registry.example/727524/nginx:v1'])
  find('delete-confirm').click()
  await flushPromises()
  expect(bridge.asked('job:enqueue')).toMatchObject([
    { kind: 'delete', tag: 'v1', digest: sha('d'), siblings: ['latest', 'v1.0'], extent: 'tag' },
  ])
  expect(shown).toEqual([false])
  wrapper.unmount()
})

it('lists every reference that goes with the whole manifest', async () => {
  const { bridge, wrapper } = await begin(['latest'])
  find('delete-extent-manifest').querySelector('input')?.click()
  await flushPromises()
  expect(going()).toEqual(['registry.example/727524/nginx:v1', 'registry.example/727524/nginx:latest'])
  find('delete-confirm').click()
  await flushPromises()
  expect(bridge.asked('job:enqueue')).toMatchObject([{ extent: 'manifest' }])
  wrapper.unmount()
})

it('shows a refusal in place and stays open', async () => {
  const { wrapper, shown } = await begin([], () => {
    throw new Refusal({ code: 'REGISTRY_UNKNOWN', context: {}, detail: null })
  })
  find('delete-confirm').click()
  await flushPromises()
  expect(find('delete-dialog').querySelector('[data-code=REGISTRY_UNKNOWN]')).not.toBeNull()
  expect(shown).toEqual([])
  wrapper.unmount()
})
