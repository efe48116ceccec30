// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'
import { useTagCopies } from '@/composables/useTagCopies'
import { createMessages } from '@/i18n'
import { useComposerStore } from '@/stores/composer'
import { useRegistriesStore } from '@/stores/registries'
import { answeringBridge, freeTransfer, privateRegistry, sha } from '../support/answering-bridge'

async function begin(registryId: string, repository: string) {
  answeringBridge({
    'registry:list': () => ({
      registries: [
        privateRegistry(),
        privateRegistry({
          id: 'hub',
          host: 'hub.example',
          privateRole: null,
          publicRole: { namespace: 'library' },
        }),
      ],
      unforgotten: 0,
      revision: 1,
    }),
    'copy:plan': () => freeTransfer,
  })
  await useRegistriesStore().load()
  let copies: ReturnType<typeof useTagCopies> | undefined
  const Host = defineComponent({
    setup() {
      copies = useTagCopies(
        () => registryId,
        () => repository,
      )
      return () => null
    },
  })
  mount(Host, { global: { plugins: [createMessages('en')] } })
  if (!copies) throw new Error('not set up')
  return { copies, composer: useComposerStore() }
}
const press = (key: string): KeyboardEvent => new KeyboardEvent('keydown', { key, cancelable: true })

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => vi.unstubAllGlobals())

it('promotes a public tag into the user’s own namespace', async () => {
  const { copies, composer } = await begin('hub', 'library/nginx')
  expect(copies.press(press('p'), ['1.25'])).toBe(true)
  expect(composer.mode).toBe('copy')
  expect(composer.items[0]).toMatchObject({
    registryId: 'mine',
    target: { host: 'registry.example', tenant: '727524', imageName: 'nginx', tag: '1.25' },
  })
})

it('does not offer to promote what is in the namespace already', async () => {
  const { copies } = await begin('mine', '727524/nginx')
  expect(copies.choices(['v1']).map(({ key }) => key)).toEqual(['copyTo', 'retag', 'rename'])
  expect(copies.press(press('p'), ['v1'])).toBe(false)
})

it('names anew only one tag, and renames no digest', async () => {
  const { copies } = await begin('hub', 'library/nginx')
  expect(copies.choices(['v1', 'v2']).map(({ key }) => key)).toEqual(['copyTo', 'promote'])
  expect(copies.choices([sha('d')]).map(({ key }) => key)).toEqual(['copyTo', 'retag', 'promote'])
  expect(copies.choices([])).toEqual([])
})

it('renames beside the tag, in its own repository of a public registry too', async () => {
  const { copies, composer } = await begin('hub', 'library/team/nginx')
  copies.press(press('F2'), ['v1'])
  expect(composer.mode).toBe('rename')
  const [item] = composer.items
  expect(item?.target).toMatchObject({
    host: 'hub.example',
    tenant: 'library',
    imageName: 'team/nginx',
    tag: 'v1',
  })
  expect(composer.problems.get(item?.key ?? '')?.itself).toBe(true)
})
