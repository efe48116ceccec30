// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { NMessageProvider } from 'naive-ui'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { ErrorCode } from '@shared/error'
import { isPoolJob, noProgress, type Job } from '@shared/job'
import PoolJobRow from '@/components/transfers/PoolJobRow.vue'
import { createMessages } from '@/i18n'
import { answeringBridge } from '../../support/answering-bridge'
import { image, poolJob, spec } from '../../support/deployment-samples'

function show(job: Job) {
  const bridge = answeringBridge({
    'job:cancel': () => poolJob({ state: 'cancelled', revision: 2 }),
    'job:retry': () => poolJob({ attempt: 2, revision: 2 }),
    'job:enqueue': (request) => poolJob({ id: 'next', request }),
    'app:open-external': () => undefined,
  })
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: { render: () => null } },
      { path: '/deployments/:poolId/:id/:tab?', name: 'deployment', component: { render: () => null } },
    ],
  })
  if (!isPoolJob(job)) throw new Error('not a job on a pool')
  const wrapper = mount(
    { render: () => h(NMessageProvider, () => h(PoolJobRow, { job })) },
    { global: { plugins: [createMessages('en'), router] } },
  )
  return { bridge, wrapper }
}
const failed = (code: ErrorCode, detail: string | null = null): Job =>
  poolJob({ state: 'failed', startedAt: 0, endedAt: 5000, error: { code, context: {}, detail } })

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => vi.unstubAllGlobals())

it('tells its step, how long it takes, and can be cancelled', async () => {
  const progress = { ...noProgress, phase: 'health' as const }
  const { bridge, wrapper } = show(poolJob({ progress, startedAt: Date.now() - 65_000 }))
  expect(wrapper.get('[aria-current=step]').text()).toBe('Healthy')
  expect(wrapper.text()).toContain('for 1 min 5 sec')
  expect(wrapper.findAll('.done').map((step) => step.text())).toEqual(
    ['Image', 'Create', 'Start'].map((step) => `${step} done`),
  )
  await wrapper.get('[data-testid=transfer-cancel]').trigger('click')
  await flushPromises()
  expect(bridge.asked('job:cancel')).toEqual([{ id: 'job' }])
})

it('has a step for switching over where something runs already', () => {
  const change = show(poolJob({}, { baseVersion: 1, reason: 'upgrade' }))
  expect(change.wrapper.text()).toContain('Switch over')
  expect(change.wrapper.text()).toContain('Upgrade')
  expect(show(poolJob()).wrapper.text()).not.toContain('Switch over')
})

it('tells bytes and speed while the image comes', () => {
  const progress = { phase: 'pulling' as const, completed: 50e6, total: 200e6, parts: [] }
  const { wrapper } = show(poolJob({ progress, bytesPerSecond: 10e6 }))
  expect(wrapper.get('[role=progressbar]').attributes('aria-valuenow')).toBe('25')
  expect(wrapper.text()).toContain('50 MB of 200 MB')
  expect(wrapper.text()).toContain('10 MB/s')
})

it('leads to the deployment and opens its address', async () => {
  const result = {
    digest: null,
    references: [],
    deployment: { poolId: 'local', id: 'd1', url: 'http://127.0.0.1:8080/' },
  }
  const { bridge, wrapper } = show(poolJob({ state: 'succeeded', startedAt: 0, endedAt: 2000, result }))
  expect(wrapper.get('[data-testid=open-deployment]').attributes('href')).toBe('/deployments/local/d1')
  await wrapper.get('[data-testid=open-address]').trigger('click')
  await flushPromises()
  expect(bridge.asked('app:open-external')).toEqual([{ url: 'http://127.0.0.1:8080/' }])
})

it('shows the last lines of a container that ended, without their powers, and tries again', async () => {
  const log = Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n')
  const { bridge, wrapper } = show(failed('CONTAINER_EXITED', `${log}\n\x1b]0;x\x07\x1b[31mno DATABASE_URL`))
  const lines = wrapper.get('[data-testid=last-lines]').text()
  expect(lines).toContain('no DATABASE_URL')
  expect(lines).toContain('line 29')
  expect(lines).not.toContain('line 1\n')
  expect(lines).not.toContain('\x1b')
  await wrapper.get('[data-testid=error-next-step]').trigger('click')
  await flushPromises()
  expect(bridge.asked('job:retry')).toEqual([{ id: 'job', replaces: null }])
  // What failed and was new left no page to open.
  expect(wrapper.find('[data-testid=open-deployment]').exists()).toBe(false)
})

it.each(['ENGINE_UNTRUSTED_REGISTRY', 'ENGINE_UNREACHABLE_REGISTRY'] as const)(
  'offers to send the image from here after %s',
  async (code) => {
    const { bridge, wrapper } = show(failed(code))
    await wrapper.get('[data-testid=send-instead]').trigger('click')
    await flushPromises()
    expect(bridge.asked('job:enqueue')).toMatchObject([
      { kind: 'deploy', deploymentId: 'd1', spec: { image: { delivery: 'send' } } },
    ])
  },
)

it('does not offer what cannot help', () => {
  expect(show(failed('PORT_IN_USE')).wrapper.find('[data-testid=send-instead]').exists()).toBe(false)
  const foreign = spec({ image: { ...image(), registryId: null } })
  const job = { ...failed('ENGINE_UNREACHABLE_REGISTRY') }
  const unknown = poolJob({ ...job }, {})
  const request = { ...unknown.request, spec: foreign } as Job['request']
  expect(
    show({ ...job, request })
      .wrapper.find('[data-testid=send-instead]')
      .exists(),
  ).toBe(false)
})

it('names what is done to a deployment', () => {
  const request: Job['request'] = {
    kind: 'deployment-action',
    poolId: 'local',
    deploymentId: 'd1',
    name: 'shop',
    action: 'stop',
    instanceId: null,
    volumes: false,
  }
  const { wrapper } = show(poolJob({ request, progress: { ...noProgress, phase: 'stopping' } }))
  expect(wrapper.get('li').attributes('aria-label')).toBe('Stop shop')
  expect(wrapper.get('[aria-current=step]').text()).toBe('Stop')
})
