// @vitest-environment happy-dom
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import PoolSwitcher from '@/components/frame/PoolSwitcher.vue'
import { createMessages } from '@/i18n'
import { usePoolsStore } from '@/stores/pools'
import { answeringBridge, Refusal } from '../../support/answering-bridge'
import { poolList, samplePool } from '../../support/deploy-samples'
import { waitFor } from '../../../support/wait'

const pools = [samplePool(), samplePool({ id: 'far', name: 'Far', state: 'offline' })]
const router = createRouter({
  history: createMemoryHistory(),
  routes: ['/', '/pools'].map((path) => ({ path, name: path.slice(1), component: { render: () => null } })),
})
let wrapper: VueWrapper
let refuse = false

beforeEach(async () => {
  refuse = false
  answeringBridge({
    'pool:list': () => poolList(pools),
    'pool:choose': ({ id }) => {
      if (refuse) throw new Refusal({ code: 'POOL_UNKNOWN', context: { pool: 'Far' }, detail: null })
      return poolList(pools, { currentId: id, revision: 2 })
    },
  })
  setActivePinia(createPinia())
  await usePoolsStore().load()
  wrapper = mount(PoolSwitcher, {
    attachTo: document.body,
    global: { plugins: [createMessages('en'), router] },
  })
  find('pool-status').click()
  await waitFor(() => find('pool-menu'))
  await flushPromises()
})
afterEach(() => {
  wrapper.unmount()
  document.body.replaceChildren()
  vi.unstubAllGlobals()
})
function find(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-testid="${id}"]`)
  if (!found) throw new Error(`no ${id}`)
  return found
}
const press = (key: string): boolean =>
  find('pool-menu').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))

it('shows the current pool and takes another one by the keyboard', async () => {
  expect(find('pool-status').textContent).toContain('This computer')
  await waitFor(() => expect(document.activeElement).toBe(find('choose-pool-This computer')))
  press('ArrowDown')
  expect(document.activeElement).toBe(find('choose-pool-Far'))
  find('choose-pool-Far').click()
  await flushPromises()
  expect(find('pool-status').textContent).toContain('Far')
  expect(find('pool-status').dataset['state']).toBe('offline')
})

it('stays open with the reason where it was refused, and leads to the pools', async () => {
  refuse = true
  find('choose-pool-Far').click()
  await flushPromises()
  expect(find('error-panel').dataset['code']).toBe('POOL_UNKNOWN')
  find('pool-manage').click()
  await waitFor(() => expect(router.currentRoute.value.path).toBe('/pools'))
})
