// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { imagesType } from '@/composables/useImageDrag'
import { springDelay, useImageDrop } from '@/composables/useImageDrop'
import { createMessages } from '@/i18n'
import { useComposerStore } from '@/stores/composer'
import { useEngineStore } from '@/stores/engine'
import { useImageDragStore } from '@/stores/image-drag'
import { useRegistriesStore } from '@/stores/registries'
import { answeringBridge, freePlan, localImage, privateRegistry } from '../support/answering-bridge'

const nginx = localImage('a', 'nginx:1.25')
const files = vi.fn()
const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:any(.*)*', component: { render: () => null } }],
})
const Place = defineComponent({
  setup() {
    useImageDrop(files)
    return () => [
      h('nav', { 'data-drop-registry': 'mine', 'data-testid': 'rail' }),
      h('div', { 'data-drop-registry': 'mine', 'data-drop-repository': '727524/web', 'data-testid': 'row' }, [
        h('b', 'web'),
      ]),
      h('p', 'elsewhere'),
    ]
  },
})

/** happy-dom has no drag of its own: an event that carries what a browser's would. */
function send(type: string, at: Element, data: Record<string, string>): Event {
  const event = new Event(type, { bubbles: true, cancelable: true })
  const dataTransfer = {
    types: Object.keys(data),
    getData: (key: string) => data[key] ?? '',
    dropEffect: 'none',
  }
  Object.defineProperty(event, 'dataTransfer', { value: dataTransfer })
  Object.defineProperty(event, 'relatedTarget', { value: document.body })
  at.dispatchEvent(event)
  return event
}
const carried = { [imagesType]: JSON.stringify([nginx.id]) }

async function begin() {
  answeringBridge({
    'registry:list': () => ({ registries: [privateRegistry()], revision: 1 }),
    'engine:read': () => useEngineStore().state,
    'local-image:list': () => ({ images: [nginx], fetchedAt: 1, error: null, revision: 1 }),
    'push:plan': () => freePlan,
  })
  await useRegistriesStore().load()
  await useEngineStore().load()
  return mount(Place, { attachTo: document.body, global: { plugins: [router, createMessages('en')] } })
}

beforeEach(() => {
  setActivePinia(createPinia())
  files.mockReset()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('goes to the repository that it is dropped on', async () => {
  const place = await begin()
  send('dragover', place.get('b').element, carried)
  expect(place.get('[data-testid=row]').classes()).toContain('drop-hover')
  expect(useImageDragStore().dropTarget).toEqual({ registryId: 'mine', repository: '727524/web' })
  send('drop', place.get('b').element, carried)
  expect(useComposerStore().items[0]?.target).toMatchObject({
    tenant: '727524',
    imageName: 'web',
    tag: '1.25',
  })
  expect(place.get('[data-testid=row]').classes()).not.toContain('drop-hover')
  place.unmount()
})

it('goes to the private namespace when it is dropped anywhere else', async () => {
  const place = await begin()
  const event = send('dragover', place.get('p').element, carried)
  expect(event.defaultPrevented).toBe(true)
  send('drop', place.get('p').element, carried)
  expect(useComposerStore().items[0]?.target).toMatchObject({ tenant: '727524', imageName: 'nginx' })
  place.unmount()
})

it('opens the section that a drag rests on', async () => {
  const place = await begin()
  vi.useFakeTimers()
  send('dragover', place.get('nav').element, carried)
  await vi.advanceTimersByTimeAsync(springDelay)
  expect(router.currentRoute.value.path).toBe('/private/mine')
  place.unmount()
})

it('tells of dropped files, and leaves a drag of text alone', async () => {
  const place = await begin()
  send('drop', place.get('p').element, { Files: '' })
  expect(files).toHaveBeenCalledOnce()
  expect(send('dragover', place.get('p').element, { 'text/plain': 'hello' }).defaultPrevented).toBe(false)
  expect(useComposerStore().isOpen).toBe(false)
  place.unmount()
})

it('opens nothing for a list that is none of ours', async () => {
  const place = await begin()
  send('drop', place.get('p').element, { [imagesType]: '{"a":' })
  send('drop', place.get('p').element, { [imagesType]: '["sha256:unknown", 4]' })
  expect(useComposerStore().isOpen).toBe(false)
  place.unmount()
})
