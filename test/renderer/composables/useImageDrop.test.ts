// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { ArchiveListing } from '@shared/archive'
import { imagesType, tagsType } from '@/composables/useImageDrag'
import { springDelay, useImageDrop } from '@/composables/useImageDrop'
import { createMessages } from '@/i18n'
import { useComposerStore } from '@/stores/composer'
import { useEngineStore } from '@/stores/engine'
import { useImageDragStore } from '@/stores/image-drag'
import { useRegistriesStore } from '@/stores/registries'
import {
  answeringBridge,
  freePlan,
  freeTransfer,
  localImage,
  privateRegistry,
  sha,
} from '../support/answering-bridge'
import { waitFor } from '../../support/wait'

const nginx = localImage('a', 'nginx:1.25')
const nothing = vi.fn()
const opened = vi.fn()
const pathOf = vi.fn<(file: unknown) => string>()
const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:any(.*)*', component: { render: () => null } }],
})
const Place = defineComponent({
  setup() {
    useImageDrop(nothing)
    return () => [
      h('nav', { 'data-drop-registry': 'mine', 'data-testid': 'rail' }),
      h('div', { 'data-drop-registry': 'mine', 'data-drop-repository': '727524/web', 'data-testid': 'row' }, [
        h('b', 'web'),
      ]),
      h('i', { 'data-drop-registry': 'mine', 'data-drop-section': 'public', 'data-testid': 'switch' }),
      h('button', { 'data-drop-spring': '', onClick: opened }),
      h('input'),
      h('p', 'elsewhere'),
    ]
  },
})

/** happy-dom has no drag of its own: an event that carries what a browser's would. */
function send(type: string, at: Element, data: Record<string, string>, files: File[] = []): Event {
  const event = new Event(type, { bubbles: true, cancelable: true })
  const dataTransfer = {
    types: Object.keys(data),
    files,
    items: files.map(({ type }) => ({ kind: 'file', type })),
    getData: (key: string) => data[key] ?? '',
    dropEffect: 'none',
  }
  Object.defineProperty(event, 'dataTransfer', { value: dataTransfer })
  Object.defineProperty(event, 'relatedTarget', { value: document.body })
  at.dispatchEvent(event)
  return event
}
function paste(at: Element, text: string): void {
  const event = new Event('paste', { bubbles: true, cancelable: true })
  Object.defineProperty(event, 'clipboardData', { value: { files: [], getData: () => text } })
  at.dispatchEvent(event)
}
const listing: ArchiveListing = {
  path: '/srv/web.tar',
  kind: 'docker-archive',
  size: 10,
  images: [{ image: 0, references: ['old/web:1.25'], digest: sha('c'), platforms: [], layers: 1, bytes: 9 }],
}
const carried = { [imagesType]: JSON.stringify([nginx.id]) }

async function begin() {
  answeringBridge({
    'registry:list': () => ({
      registries: [privateRegistry({ publicRole: { namespace: 'library' } })],
      unforgotten: 0,
      revision: 1,
    }),
    'engine:read': () => useEngineStore().state,
    'local-image:list': () => ({ images: [nginx], fetchedAt: 1, error: null, revision: 1 }),
    'push:plan': () => freePlan,
    'archive:open': () => listing,
    'archive:plan': () => freeTransfer,
    'copy:plan': () => freeTransfer,
  })
  vi.stubGlobal('slipway', { ...window.slipway, pathOf })
  await useRegistriesStore().load()
  await useEngineStore().load()
  return mount(Place, { attachTo: document.body, global: { plugins: [router, createMessages('en')] } })
}

beforeEach(() => {
  setActivePinia(createPinia())
  nothing.mockReset()
  opened.mockReset()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('goes to the repository that it is dropped on', async () => {
  const place = await begin()
  send('dragover', place.get('b').element, carried)
  expect(place.get('[data-testid=row]').classes()).toContain('drop-hover')
  expect(useImageDragStore().dropTarget).toEqual({
    registryId: 'mine',
    repository: '727524/web',
    section: 'private',
  })
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

it('leaves a drag of text alone', async () => {
  const place = await begin()
  expect(send('dragover', place.get('p').element, { 'text/plain': 'hello' }).defaultPrevented).toBe(false)
  expect(useComposerStore().isOpen).toBe(false)
  place.unmount()
})

describe('archives', () => {
  const file = new File([], 'web.tar')

  it('are opened where they are dropped, by their path', async () => {
    const place = await begin()
    pathOf.mockReturnValue('/srv/web.tar')
    send('dragover', place.get('p').element, { Files: '' })
    expect(useImageDragStore().dragging).toMatchObject({ kind: 'files' })
    send('drop', place.get('b').element, { Files: '' }, [file])
    await waitFor(() => expect(useComposerStore().items).toHaveLength(1))
    expect(useComposerStore().items[0]?.target).toMatchObject({ imageName: 'web', tag: '1.25' })
    expect(useImageDragStore().dragging).toBeNull()
    place.unmount()
  })

  it('without a path are said to be none', async () => {
    const place = await begin()
    pathOf.mockReturnValue('')
    send('drop', place.get('p').element, { Files: '' }, [file])
    expect(nothing).toHaveBeenCalledOnce()
    expect(useComposerStore().isOpen).toBe(false)
    place.unmount()
  })

  it('are opened by a pasted path, unless it is pasted into a field', async () => {
    const place = await begin()
    paste(place.get('input').element, '/srv/web.tar')
    expect(useComposerStore().isOpen).toBe(false)
    paste(place.get('p').element, 'hello')
    expect(useComposerStore().isOpen).toBe(false)
    paste(place.get('p').element, '"/srv/web.tar"')
    await waitFor(() => expect(useComposerStore().items).toHaveLength(1))
    place.unmount()
  })
})

describe('tags', () => {
  const tag = { kind: 'tag', registryId: 'mine', repository: 'library/nginx', reference: '1.25' } as const
  const carriedTags = { [tagsType]: JSON.stringify([tag, { kind: 'tag', registryId: 4 }, 'v1']) }

  it('are copied to the repository that they are dropped on', async () => {
    const place = await begin()
    send('dragover', place.get('b').element, carriedTags)
    send('drop', place.get('b').element, carriedTags)
    const composer = useComposerStore()
    expect(composer.mode).toBe('copy')
    expect(composer.items.map(({ target }) => target)).toMatchObject([
      { tenant: '727524', imageName: 'web', tag: '1.25' },
    ])
    place.unmount()
  })

  it('are copied into the namespace of the section that they are dropped on', async () => {
    const place = await begin()
    send('drop', place.get('[data-testid=switch]').element, carriedTags)
    expect(useComposerStore().items[0]?.target).toMatchObject({ tenant: 'library', imageName: 'nginx' })
    place.unmount()
  })

  it('are not taken where nothing says so, nor by the repository that they come from', async () => {
    const place = await begin()
    useImageDragStore().dragging = { kind: 'tags', tags: [{ ...tag, repository: '727524/web' }] }
    send('dragover', place.get('p').element, carriedTags)
    expect(useImageDragStore().dropTarget).toBeNull()
    send('dragover', place.get('b').element, carriedTags)
    expect(useImageDragStore().dropTarget).toBeNull()
    send('drop', place.get('p').element, carriedTags)
    expect(useComposerStore().isOpen).toBe(false)
    place.unmount()
  })

  it('that rest on the switcher open it', async () => {
    const place = await begin()
    vi.useFakeTimers()
    send('dragover', place.get('[data-drop-spring]').element, carriedTags)
    await vi.advanceTimersByTimeAsync(springDelay)
    expect(opened).toHaveBeenCalledOnce()
    place.unmount()
  })
})

it('opens nothing for a list that is none of ours', async () => {
  const place = await begin()
  send('drop', place.get('p').element, { [imagesType]: '{"a":' })
  send('drop', place.get('p').element, { [imagesType]: '["sha256:unknown", 4]' })
  expect(useComposerStore().isOpen).toBe(false)
  place.unmount()
})
