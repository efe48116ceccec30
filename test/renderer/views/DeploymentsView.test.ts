// @vitest-environment happy-dom
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { NMessageProvider } from 'naive-ui'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { createMemoryHistory, createRouter, RouterView, type Router } from 'vue-router'
import type { Job } from '@shared/job'
import type { DeploymentList } from '@shared/running'
import { createMessages } from '@/i18n'
import { useJobsStore } from '@/stores/jobs'
import { usePoolsStore } from '@/stores/pools'
import DeploymentsView from '@/views/DeploymentsView.vue'
import { answeringBridge, sha } from '../support/answering-bridge'
import { detail, list, pool, poolJob, pools, spec, summary } from '../support/deployment-samples'

const empty = { render: () => null }
let wrapper: VueWrapper
let router: Router

async function show(changes: Partial<DeploymentList> = {}, jobs: Job[] = [], havePools = true) {
  const bridge = answeringBridge({
    'deployment:list': () => list(changes),
    'deployment:check-drift': () => list({ ...changes, revision: 3 }),
    'deployment:read': () => detail(),
    'deployment:apply': () => poolJob(),
    'pool:list': () => (havePools ? pools(pool()) : pools()),
    'job:list': () => jobs,
    'app:open-external': () => undefined,
  })
  setActivePinia(createPinia())
  await usePoolsStore().load()
  await useJobsStore().load()
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/deployments', name: 'deployments', component: DeploymentsView },
      { path: '/deployments/:poolId/:id/:tab?', name: 'deployment', component: empty },
      { path: '/pools', name: 'pools', component: empty },
      { path: '/public', name: 'public', component: empty },
      { path: '/deploy', name: 'deploy', component: empty },
    ],
  })
  await router.push('/deployments')
  wrapper = mount(() => h(NMessageProvider, () => h(RouterView)), {
    global: { plugins: [router, createMessages('en')] },
    attachTo: document.body,
  })
  await flushPromises()
  return bridge
}
beforeEach(() => {
  // The table draws what is on screen: without a layout nothing is.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000)
})
afterEach(() => {
  wrapper.unmount()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

it('lists what runs, and opens an address with one click', async () => {
  const bridge = await show()
  const row = wrapper.get('[data-testid=deployment-shop]')
  expect(row.text()).toContain('Running')
  expect(row.text()).toContain('nginx:1.27')
  expect(row.text()).toContain('2 / 2')
  expect(row.text()).toContain('This computer')
  await row.get('[data-testid=open-address]').trigger('click')
  await flushPromises()
  expect(bridge.asked('app:open-external')).toEqual([{ url: 'http://127.0.0.1:8080/' }])
  expect(router.currentRoute.value.name).toBe('deployments')
})

it('opens a deployment', async () => {
  await show()
  await wrapper.get('[data-testid=deployment-shop]').trigger('click')
  await flushPromises()
  expect(router.currentRoute.value.params).toMatchObject({ poolId: 'local', id: 'd1' })
})

it('brings in what the tag names by now, with one click', async () => {
  const bridge = await show({ deployments: [summary({ drift: { digest: sha('b'), seenAt: 1 } })] })
  await wrapper.get('[data-testid=drift-upgrade]').trigger('click')
  await flushPromises()
  expect(bridge.asked('deployment:apply')).toMatchObject([{ reason: 'upgrade', baseVersion: 2 }])
})

it('shows one that is still being made by its job', async () => {
  const job = poolJob({}, { deploymentId: 'new', spec: spec({ name: 'fresh' }) })
  await show({ deployments: [] }, [job])
  expect(wrapper.get('[data-testid=deployment-fresh]').text()).toContain('Deploying')
  await wrapper.get('[data-testid=deployment-fresh]').trigger('click')
  await flushPromises()
  expect(router.currentRoute.value.params['id']).toBe('new')
})

it('names a pool that did not answer, with its reason', async () => {
  const error = { code: 'ENGINE_LOST' as const, context: {}, detail: 'EPIPE' }
  await show({ pools: [{ poolId: 'local', fetchedAt: 1, error }] })
  const troubles = wrapper.get('[data-testid=pool-troubles]')
  expect(troubles.text()).toContain('Did not answer: This computer')
  expect(troubles.find('[data-code=ENGINE_LOST]').exists()).toBe(false)
  await troubles.get('button').trigger('click')
  expect(troubles.find('[data-code=ENGINE_LOST]').exists()).toBe(true)
  expect(wrapper.find('[data-testid=deployment-shop]').exists()).toBe(true)
})

it('has what others run folded away', async () => {
  await show({
    others: [
      {
        poolId: 'local',
        id: 'o',
        kind: 'container',
        name: 'db',
        image: 'postgres:16',
        state: 'running',
        createdAt: 1,
        addresses: [],
      },
    ],
  })
  expect(wrapper.text()).not.toContain('postgres:16')
  await wrapper.get('[data-testid=others-fold]').trigger('click')
  await flushPromises()
  expect(wrapper.text()).toContain('postgres:16')
})

it('refreshes by asking the pools, and the registries for drift', async () => {
  const bridge = await show()
  await wrapper.get('[data-testid=refresh]').trigger('click')
  await flushPromises()
  expect(bridge.asked('deployment:list')).toEqual([{ refresh: false }, { refresh: true }])
  expect(bridge.asked('deployment:check-drift')).toEqual([null])
})

it('has one button for nothing here, for no match, and for no pool', async () => {
  await show({ deployments: [] })
  expect(wrapper.text()).toContain('Nothing deployed yet')
  wrapper.unmount()

  await show()
  await wrapper.get('[data-testid=filter] input').setValue('zzz')
  await flushPromises()
  expect(wrapper.text()).toContain('No deployment matches “zzz”')
  wrapper.unmount()

  await show({ deployments: [], pools: [] }, [], false)
  expect(wrapper.text()).toContain('No pool to deploy to')
})
