// @vitest-environment happy-dom
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { NMessageProvider } from 'naive-ui'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Pool, PoolNode } from '@shared/pool'
import RegistryDialogs from '@/components/registry/RegistryDialogs.vue'
import { createMessages } from '@/i18n'
import { usePoolsStore } from '@/stores/pools'
import PoolsView from '@/views/PoolsView.vue'
import { type AnsweringBridge, answeringBridge, Refusal } from '../../support/answering-bridge'
import { poolList, samplePool } from '../../support/deploy-samples'
import { waitFor } from '../../../support/wait'

const node = (changes: Partial<PoolNode>): PoolNode => ({
  id: 'n1',
  name: 'node-1',
  role: 'manager',
  leader: true,
  state: 'ready',
  availability: 'active',
  address: '10.0.0.1',
  cpus: 4,
  memoryBytes: 8e9,
  engineVersion: '28.3.2',
  ...changes,
})
const swarm = samplePool({
  id: 'swarm',
  name: 'Cluster',
  kind: 'swarm',
  source: 'added',
  canBeginSwarm: false,
  nodes: [node({}), node({ id: 'n2', name: 'node-2', role: 'worker', leader: false, availability: 'drain' })],
})
const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:any(.*)*', component: { render: () => null } }],
})
let bridge: AnsweringBridge
let wrapper: VueWrapper

async function show(pools: Pool[]): Promise<void> {
  bridge = answeringBridge({
    'pool:list': () => poolList(pools),
    'pool:choose': ({ id }) => poolList(pools, { currentId: id, revision: 2 }),
    'pool:refresh': () => poolList(pools, { revision: 2 }),
    'pool:remove': () => poolList([], { revision: 3 }),
    'pool:copy-join-command': () => undefined,
    'pool:change-node': () => {
      throw new Refusal({ code: 'ENGINE_FAILED', context: { side: 'pool' }, detail: 'last manager' })
    },
    'pool:begin-swarm': () => poolList([swarm], { revision: 4 }),
    'pool:test': () => [
      { step: 'address', state: 'ok', text: 'h:22', error: null, milliseconds: 1 },
      {
        step: 'connect',
        state: 'failed',
        text: null,
        error: { code: 'SSH_DENIED', context: { side: 'pool', host: 'h' }, detail: 'Permission denied' },
        milliseconds: 5,
      },
    ],
    'pool:add': ({ name, host }) =>
      poolList([...pools, samplePool({ id: 'new', name, host })], { revision: 5 }),
  })
  setActivePinia(createPinia())
  await usePoolsStore().load()
  wrapper = mount(
    { render: () => h(NMessageProvider, () => [h(PoolsView), h(RegistryDialogs)]) },
    { attachTo: document.body, global: { plugins: [createMessages('en'), router] } },
  )
  await flushPromises()
}
beforeEach(() => void document.body.replaceChildren())
afterEach(() => {
  wrapper.unmount()
  document.body.replaceChildren()
  vi.unstubAllGlobals()
})

const find = <E extends HTMLElement = HTMLElement>(selector: string): E => {
  const found = document.querySelector<E>(selector)
  if (!found) throw new Error(`no ${selector}`)
  return found
}
const at = (id: string): string => `[data-testid="${id}"]`
async function press(selector: string): Promise<void> {
  find(selector).click()
  await flushPromises()
}
async function choose(menu: string, label: string): Promise<void> {
  await press(menu)
  const option = await waitFor(() => {
    const options = [...document.querySelectorAll<HTMLElement>('.n-dropdown-option-body')]
    const found = options.find((one) => one.textContent?.includes(label))
    if (!found) throw new Error(`no ${label}`)
    return found
  })
  option.click()
  await flushPromises()
}

it('tells what each pool has, and makes another one current', async () => {
  await show([samplePool(), swarm])
  const card = find(at('pool-This computer'))
  expect(card.dataset['current']).toBe('true')
  for (const words of ['1.5 of 8 cores', '4 GB of 16 GB', 'not told', '2 of 3 running', 'linux/amd64']) {
    expect(card.textContent).toContain(words)
  }
  await press(`${at('pool-Cluster')} ${at('pool-choose')}`)
  expect(find(at('pool-Cluster')).dataset['current']).toBe('true')
})

it('shows why a pool does not answer, and asks it again', async () => {
  const error = { code: 'ENGINE_STOPPED' as const, context: { side: 'pool' as const }, detail: null }
  await show([samplePool({ state: 'offline', usage: null, error })])
  expect(find(at('error-panel')).dataset['code']).toBe('ENGINE_STOPPED')
  await press(at('pool-ask'))
  expect(bridge.asked('pool:refresh')).toEqual([{ id: 'here' }])
})

it('lists the hosts of a swarm and says in place what was refused', async () => {
  await show([swarm])
  await press(at('pool-nodes-toggle'))
  expect(find(at('node-node-1')).textContent).toContain('leader')
  expect(find(at('node-node-2')).textContent).toContain('drained')
  await choose(`${at('node-node-1')} ${at('node-more')}`, 'Make it a worker')
  expect(bridge.asked('pool:change-node')).toEqual([{ id: 'swarm', nodeId: 'n1', action: 'demote' }])
  expect(find(at('error-panel')).dataset['code']).toBe('ENGINE_FAILED')
})

it('puts the join command into the clipboard and says that it holds a secret', async () => {
  await show([swarm])
  await choose(at('pool-more'), 'for a host to join')
  expect(bridge.asked('pool:copy-join-command')).toEqual([{ id: 'swarm', role: 'worker' }])
  expect(document.body.textContent).toContain('It holds a secret')
})

it('asks before it removes one that was added', async () => {
  await show([samplePool({ id: 'far', name: 'Far', source: 'added' }), swarm])
  await choose(`${at('pool-Far')} ${at('pool-more')}`, 'Remove…')
  expect(bridge.asked('pool:remove')).toEqual([])
  await press(at('remove-pool-confirm'))
  expect(bridge.asked('pool:remove')).toEqual([{ id: 'far' }])
})

it('begins a swarm on an engine that is in none', async () => {
  await show([samplePool()])
  await choose(at('pool-more'), 'Begin a swarm')
  find<HTMLFormElement>('.dialog-shell form').dispatchEvent(new Event('submit', { cancelable: true }))
  await flushPromises()
  expect(bridge.asked('pool:begin-swarm')).toEqual([{ id: 'here', address: null }])
  expect(find(at('pool-Cluster')).dataset['kind']).toBe('swarm')
})

it('tests and adds an engine by hand', async () => {
  await show([])
  await press(at('pool-add'))
  const type = async (id: string, text: string): Promise<void> => {
    const input = find<HTMLInputElement>(at(id))
    input.value = text
    input.dispatchEvent(new Event('input', { bubbles: true }))
    await flushPromises()
  }
  await press(at('pool-test'))
  expect(bridge.asked('pool:test')).toEqual([])
  expect(find(at('pool-host')).getAttribute('aria-invalid')).toBe('true')
  await type('pool-name', 'Build')
  await type('pool-host', 'ann@h')
  await press(at('pool-test'))
  expect(find('[data-step=connect]').textContent).toContain('Permission denied')
  expect(find(at('pool-steps')).textContent).toContain('It cannot be used like this.')
  find<HTMLFormElement>('.pool-form').dispatchEvent(new Event('submit', { cancelable: true }))
  await flushPromises()
  expect(bridge.asked('pool:add')).toEqual([
    { name: 'Build', host: 'ssh://ann@h', certificates: null, sshConfig: null },
  ])
  expect(find(at('pool-Build'))).toBeTruthy()
})
