// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { NMessageProvider } from 'naive-ui'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { isRegistryJob, type Job, type JobRequest } from '@shared/job'
import TransferRow from '@/components/transfers/TransferRow.vue'
import { createMessages } from '@/i18n'
import { useJobsStore } from '@/stores/jobs'
import { answeringBridge, pushJob, sha } from '../../support/answering-bridge'

const copy: JobRequest = {
  kind: 'copy',
  from: { registryId: 'mine', repository: '727524/nginx', reference: 'v1' },
  digest: sha('d'),
  registryId: 'mine',
  repository: '727524/nginx',
  tag: 'v2',
  replaces: null,
  removeSource: true,
}
function show(job: Job) {
  if (!isRegistryJob(job)) throw new Error('a job on a registry')
  const bridge = answeringBridge({
    'job:pause': ({ id }) => pushJob({ id, request: copy, state: 'paused', revision: 2 }),
    'job:resume': ({ id }) => pushJob({ id, request: copy, state: 'queued', revision: 3 }),
  })
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/', component: { render: () => null } }],
  })
  const wrapper = mount(
    { render: () => h(NMessageProvider, () => h(TransferRow, { job })) },
    { global: { plugins: [createMessages('en'), router] } },
  )
  return { bridge, wrapper }
}

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => vi.unstubAllGlobals())

it('pauses what can go on later', async () => {
  const { bridge, wrapper } = show(pushJob({ request: copy }))
  await wrapper.get('[data-testid=transfer-pause]').trigger('click')
  await flushPromises()
  expect(bridge.asked('job:pause')).toEqual([{ id: 'job' }])
  expect(useJobsStore().byId('job')?.state).toBe('paused')
})

it('lets a paused one go on, or be cancelled', async () => {
  const { bridge, wrapper } = show(pushJob({ request: copy, state: 'paused' }))
  expect(wrapper.find('[data-testid=transfer-pause]').exists()).toBe(false)
  expect(wrapper.find('[data-testid=transfer-cancel]').exists()).toBe(true)
  await wrapper.get('[data-testid=transfer-resume]').trigger('click')
  await flushPromises()
  expect(bridge.asked('job:resume')).toEqual([{ id: 'job' }])
})

it('has no pause for what the engine pushes', () => {
  const { wrapper } = show(pushJob())
  expect(wrapper.find('[data-testid=transfer-pause]').exists()).toBe(false)
})

it('calls a copy whose source goes a rename, from the old name to the new one', () => {
  const { wrapper } = show(pushJob({ request: copy }))
  expect(wrapper.get('[data-testid=transfer-job]').attributes('aria-label')).toBe(
    'Rename registry.example/727524/nginx:v2',
  )
  expect(wrapper.text()).toContain('registry.example/727524/nginx:v1')
})

it('tells all tags of a deletion', () => {
  const request: JobRequest = {
    kind: 'delete-tags',
    registryId: 'mine',
    repository: '727524/nginx',
    tags: ['v1', 'v2', 'v3'].map((tag) => ({ tag, digest: sha('d') })),
  }
  const { wrapper } = show(pushJob({ request }))
  expect(wrapper.get('[data-testid=transfer-job]').attributes('aria-label')).toContain('and 2 more tags')
  expect(wrapper.text()).toContain('v2, v3')
})
