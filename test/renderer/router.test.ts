// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, it, vi } from 'vitest'
import type { Registry } from '@shared/registry'
import { createPlaces } from '@/router'
import { useRegistriesStore } from '@/stores/registries'
import { answeringBridge, privateRegistry } from './support/answering-bridge'

afterEach(() => vi.unstubAllGlobals())

/** The page that a start shows with these registries. */
async function firstPage(registries: Registry[]): Promise<unknown> {
  answeringBridge({ 'registry:list': () => ({ registries, unforgotten: 0, revision: 1 }) })
  setActivePinia(createPinia())
  await useRegistriesStore().load()
  const start = createPlaces()
    .getRoutes()
    .find(({ path }) => path === '/')
  return (start?.redirect as () => unknown)()
}

it('starts with the public registry, with the own one where there is no other, and with the welcome', async () => {
  const publicRole = { namespace: 'library' }
  expect(await firstPage([privateRegistry({ publicRole })])).toEqual({ name: 'public' })
  expect(await firstPage([privateRegistry({ publicRole: null })])).toEqual({ name: 'private' })
  expect(await firstPage([])).toEqual({ name: 'welcome' })
})
