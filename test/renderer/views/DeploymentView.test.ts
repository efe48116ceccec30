// @vitest-environment happy-dom
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { NInputNumber, NMessageProvider } from 'naive-ui'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { createMemoryHistory, createRouter, RouterView, type Router } from 'vue-router'
import type { Job } from '@shared/job'
import type { DeploymentDetail } from '@shared/running'
import { createMessages } from '@/i18n'
import { useJobsStore } from '@/stores/jobs'
import { usePoolsStore } from '@/stores/pools'
import DeploymentView from '@/views/DeploymentView.vue'
import { answeringBridge, Refusal, sha } from '../support/answering-bridge'
import { detail, image, pool, poolJob, pools, spec, summary, version } from '../support/deployment-samples'

const empty = { render: () => null }
let wrapper: VueWrapper
let router: Router

async function show(answer: Partial<DeploymentDetail> | 'unknown' = {}, jobs: Job[] = [], tab = '') {
  let known = answer
  const bridge = answeringBridge({
    'deployment:read': () => {
      if (known === 'unknown') throw new Refusal({ code: 'DEPLOYMENT_UNKNOWN', context: {}, detail: null })
      return detail(known)
    },
    'deployment:watch': () => undefined,
    'deployment:unwatch': () => undefined,
    'deployment:apply': () => poolJob({ id: 'applied' }),
    'job:enqueue': (request) => poolJob({ id: 'asked', request }),
    'pool:list': () => pools(pool()),
    'job:list': () => jobs,
    'app:open-external': () => undefined,
  })
  setActivePinia(createPinia())
  await usePoolsStore().load()
  await useJobsStore().load()
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/deployments', name: 'deployments', component: empty },
      { path: '/deployments/:poolId/:id/:tab?', name: 'deployment', component: DeploymentView, props: true },
      { path: '/pools', name: 'pools', component: empty },
      { path: '/deploy', name: 'deploy', component: empty },
    ],
  })
  await router.push(`/deployments/local/d1/${tab}`)
  wrapper = mount(() => h(NMessageProvider, () => h(RouterView)), {
    global: { plugins: [router, createMessages('en')] },
    attachTo: document.body,
  })
  await flushPromises()
  return { bridge, becomes: (next: typeof answer) => (known = next) }
}
const click = async (id: string): Promise<void> => {
  await wrapper.get(`[data-testid=${id}]`).trigger('click')
  await flushPromises()
}
const inDialog = (id: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(`[data-testid=${id}]`)
  if (!found) throw new Error(`no ${id}`)
  return found.querySelector('input') ?? found
}
async function type(id: string, text: string): Promise<void> {
  const input = inDialog(id)
  if (!(input instanceof HTMLInputElement)) throw new Error(`${id} is no field`)
  input.value = text
  input.dispatchEvent(new Event('input'))
  input.dispatchEvent(new Event('change'))
  await flushPromises()
}
async function submit(id: string): Promise<void> {
  inDialog(id).closest('form')?.dispatchEvent(new Event('submit'))
  await flushPromises()
}

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000)
})
afterEach(() => {
  wrapper.unmount()
  document.body.replaceChildren()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

it('shows state, address and instances, and follows while it is shown', async () => {
  const { bridge } = await show()
  expect(wrapper.get('[data-testid=deployment-state]').text()).toBe('Running')
  expect(wrapper.text()).toContain('2 of 2 running')
  expect(wrapper.find('[data-testid=instance-2]').exists()).toBe(true)
  await click('deployment-open')
  expect(bridge.asked('app:open-external')).toEqual([{ url: 'http://127.0.0.1:8080/' }])
  bridge.emit('deployment:detail-changed', detail({ revision: 2, summary: summary({ state: 'degraded' }) }))
  await flushPromises()
  expect(wrapper.get('[data-testid=deployment-state]').text()).toBe('Degraded')
  expect(bridge.asked('deployment:watch')).toEqual([{ poolId: 'local', id: 'd1' }])
  wrapper.unmount()
  expect(bridge.asked('deployment:unwatch')).toEqual([{ poolId: 'local', id: 'd1' }])
})

it('stops what runs, and starts what is stopped', async () => {
  const { bridge } = await show()
  await click('deployment-stop')
  expect(bridge.asked('job:enqueue')).toMatchObject([{ action: 'stop', deploymentId: 'd1' }])
  wrapper.unmount()
  const stopped = await show({ summary: summary({ state: 'stopped' }), instances: [] })
  await click('deployment-start')
  expect(stopped.bridge.asked('job:enqueue')).toMatchObject([{ action: 'start' }])
})

it('is removed only when its name was typed, and its volumes only when asked', async () => {
  const { bridge } = await show({
    spec: spec({ volumes: [{ kind: 'volume', name: 'data', path: '/data', readOnly: false }] }),
  })
  await click('deployment-remove')
  await submit('remove-name')
  expect(bridge.asked('job:enqueue')).toEqual([])
  await type('remove-name', 'shop')
  await submit('remove-name')
  expect(bridge.asked('job:enqueue')).toMatchObject([{ action: 'remove', volumes: false }])
})

it('scales', async () => {
  const { bridge } = await show()
  await click('deployment-scale')
  wrapper.getComponent(NInputNumber).vm.$emit('update:value', 4)
  await flushPromises()
  await submit('scale-count')
  expect(bridge.asked('deployment:apply')).toMatchObject([
    { reason: 'scale', spec: { instances: 4 }, baseVersion: 2 },
  ])
})

it('rolls back with one click', async () => {
  const old = version(1, { spec: spec({ image: image('1.26') }), digest: sha('b') })
  const { bridge } = await show({ versions: [version(2), old] }, [], 'history')
  expect(wrapper.get('[data-testid=version-2]').text()).toContain('docker.io/library/nginx:1.26')
  expect(wrapper.find('[data-testid=roll-back-2]').exists()).toBe(false)
  await click('roll-back-1')
  expect(bridge.asked('deployment:apply')).toMatchObject([
    { reason: 'rollback', spec: { image: { tag: '1.26', digest: sha('b') } } },
  ])
})

it('shows its settings and leads to their form', async () => {
  await show(
    { spec: spec({ environment: [{ name: 'MODE', value: '<b>x</b>', secret: false }] }) },
    [],
    'settings',
  )
  expect(wrapper.get('[data-testid=settings-pane]').text()).toContain('<b>x</b>')
  await click('edit-settings')
  expect(router.currentRoute.value).toMatchObject({ name: 'deploy', query: { poolId: 'local', id: 'd1' } })
})

it('keeps each tab in the address', async () => {
  await show()
  await click('tab-events')
  expect(router.currentRoute.value.path).toBe('/deployments/local/d1/events')
  expect(wrapper.text()).toContain('No events yet')
})

it('shows the job while there is nothing else, and the deployment once it is there', async () => {
  const { bridge, becomes } = await show('unknown', [poolJob()])
  expect(wrapper.text()).toContain('It is being deployed')
  expect(wrapper.find('[data-testid=transfer-job]').exists()).toBe(true)
  becomes({})
  bridge.emit('job:changed', poolJob({ state: 'succeeded', endedAt: 2000, revision: 2 }))
  await flushPromises()
  expect(wrapper.find('[data-testid=instance-1]').exists()).toBe(true)
  expect(wrapper.find('[data-testid=transfer-job]').exists()).toBe(false)
})

it('tells what failed on the same page', async () => {
  const error = { code: 'PORT_IN_USE' as const, context: { port: '8080' }, detail: null }
  await show('unknown', [poolJob({ state: 'failed', endedAt: 2000, error })])
  expect(wrapper.find('[data-code=PORT_IN_USE]').exists()).toBe(true)
  expect(wrapper.text()).toContain('It was not deployed')
})

it('holds changes back while one is under way', async () => {
  await show({}, [poolJob({}, { baseVersion: 2, reason: 'upgrade' })])
  expect(wrapper.get('[data-testid=deployment-state]').text()).toBe('Changing')
  for (const id of ['deployment-stop', 'deployment-scale', 'deployment-remove', 'deployment-upgrade']) {
    expect(wrapper.get(`[data-testid=${id}]`).attributes('disabled')).toBeDefined()
  }
})

it('does not go on showing what was removed meanwhile', async () => {
  const { bridge } = await show()
  const error = { code: 'DEPLOYMENT_UNKNOWN' as const, context: {}, detail: null }
  bridge.emit('deployment:detail-changed', detail({ revision: 2, error }))
  await flushPromises()
  expect(wrapper.find('[data-testid=instance-1]').exists()).toBe(false)
  expect(wrapper.text()).toContain('This deployment is not there any more')
})

it('says so when it is gone', async () => {
  await show('unknown')
  expect(wrapper.text()).toContain('This deployment is not there any more')
  expect(wrapper.text()).toContain('Show all deployments')
})
