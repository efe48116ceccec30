// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { useFrameKeys } from '@/composables/useFrameKeys'
import { useRefreshKey } from '@/composables/useRefreshKey'
import { sections } from '@/router'
import { answeringBridge } from '../support/answering-bridge'
import { waitFor } from '../../support/wait'

const palette = vi.fn()
const refresh = vi.fn()
const router = createRouter({
  history: createMemoryHistory(),
  routes: ['start', ...sections].map((name) => ({
    path: `/${name}`,
    name,
    component: { render: () => null },
  })),
})
let page: ReturnType<typeof mount>

beforeEach(async () => {
  answeringBridge({})
  setActivePinia(createPinia())
  await router.push('/start')
  const Page = defineComponent(() => {
    useFrameKeys(palette)
    useRefreshKey(refresh)
    return () => null
  })
  page = mount(Page, { global: { plugins: [router] } })
})
afterEach(() => {
  page.unmount()
  vi.unstubAllGlobals()
  palette.mockReset()
  refresh.mockReset()
})

const press = (key: string, options: KeyboardEventInit = { ctrlKey: true }): void =>
  void window.dispatchEvent(new KeyboardEvent('keydown', { key, ...options, cancelable: true }))
const at = (path: string): Promise<void> => waitFor(() => expect(router.currentRoute.value.path).toBe(path))

it('goes to each section by its number, and back and forward again', async () => {
  for (const [index, section] of sections.entries()) {
    press(String(index + 1))
    await at(`/${section}`)
  }
  press('[')
  await at('/pools')
  press(']')
  await at('/settings')
})

it('opens the palette and the settings, and refreshes', async () => {
  press('k')
  expect(palette).toHaveBeenCalledTimes(1)
  press(',')
  await at('/settings')
  press('F5', {})
  press('r')
  expect(refresh).toHaveBeenCalledTimes(2)
})

it('leaves plain letters and keys that somebody took alone', () => {
  press('k', {})
  press('1', {})
  expect(palette).not.toHaveBeenCalled()
  expect(router.currentRoute.value.path).toBe('/start')
})
