// @vitest-environment happy-dom
import type { Registry } from '@shared/registry'
import { defaultSettings, type Settings } from '@shared/settings'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useRegistriesStore } from '@/stores/registries'
import { useSettingsStore } from '@/stores/settings'
import { answeringBridge, privateRegistry, Refusal } from '../support/answering-bridge'

const first = privateRegistry({ id: 'first' })
const second = privateRegistry({ id: 'second', publicRole: { namespace: 'library' } })

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => vi.unstubAllGlobals())

async function loaded(registries: Registry[], settings: Settings = defaultSettings) {
  const bridge = answeringBridge({
    'registry:list': () => ({ registries, unforgotten: 0, revision: 1 }),
    'settings:read': () => settings,
    'settings:change': (patch) => ({ ...settings, ...patch }),
    'account:sign-in': () => ({ ...first, activeAccountId: 'a', reachability: 'online' }),
  })
  await useSettingsStore().load()
  const store = useRegistriesStore()
  await store.load()
  return { bridge, store }
}

it('shows the chosen registry of a section, and the first with the role where none was chosen', async () => {
  const { store } = await loaded([first, second])
  expect(store.current('private')?.id).toBe('first')
  expect(store.current('public')?.id).toBe('second')
  await store.choose('private', 'second')
  expect(store.current('private')?.id).toBe('second')
  expect(store.current('public')?.id).toBe('second')
})

it('falls back when the chosen registry has gone', async () => {
  const settings = { ...defaultSettings, current: { public: null, private: 'gone' } }
  const { store } = await loaded([first], settings)
  expect(store.current('private')?.id).toBe('first')
  expect(store.current('public')).toBeNull()
})

it('shows the answer of a sign-in before the list is told anew, and drops a list that is older', async () => {
  const { bridge, store } = await loaded([first])
  await store.signIn({ registryId: 'first', username: 'u', password: crypto.randomUUID(), keep: 'session' })
  expect(store.byId('first')?.reachability).toBe('online')
  bridge.emit('registry:changed', { registries: [], unforgotten: 0, revision: 0 })
  expect(store.registries).toHaveLength(1)
  bridge.emit('registry:changed', { registries: [], unforgotten: 0, revision: 2 })
  expect(store.registries).toHaveLength(0)
})

it('takes a change of the settings back when main refuses it', async () => {
  answeringBridge({
    'settings:change': () => {
      throw new Refusal({ code: 'STORE_FAILED', context: {}, detail: null })
    },
  })
  const settings = useSettingsStore()
  await settings.load()
  await expect(settings.change({ theme: 'dark' })).rejects.toMatchObject({ info: { code: 'STORE_FAILED' } })
  expect(settings.settings.theme).toBe('system')
})
