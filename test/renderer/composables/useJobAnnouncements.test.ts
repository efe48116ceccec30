// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { noProgress } from '@shared/job'
import JobAnnouncer from '@/components/transfers/JobAnnouncer.vue'
import { createMessages } from '@/i18n'
import { useJobsStore } from '@/stores/jobs'
import { answeringBridge, pushJob } from '../support/answering-bridge'

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => vi.unstubAllGlobals())

it('tells the start, each quarter once, and the end; and nothing of the history', async () => {
  const bridge = answeringBridge({ 'job:list': () => [pushJob({ id: 'old', state: 'failed' })] })
  const jobs = useJobsStore()
  const announcer = mount(JobAnnouncer, { global: { plugins: [createMessages('en')] } })
  await jobs.load()
  await nextTick()
  expect(announcer.text()).toBe('')

  let revision = 1
  const tell = async (changes: Parameters<typeof pushJob>[0]): Promise<string> => {
    bridge.emit('job:changed', pushJob({ revision: ++revision, ...changes }))
    await nextTick()
    return announcer.text()
  }
  const at = (completed: number) => ({ progress: { ...noProgress, completed, total: 100 } })
  const title = 'Push registry.example/727524/nginx:v1'
  expect(await tell({})).toBe(`${title}: started`)
  expect(await tell(at(24))).toBe(`${title}: started`)
  expect(await tell(at(55))).toBe(`${title}: 50 percent`)
  expect(await tell(at(10))).toBe(`${title}: 50 percent`)
  expect(await tell(at(30))).toBe(`${title}: 50 percent`)
  expect(await tell(at(80))).toBe(`${title}: 75 percent`)
  expect(await tell({ ...at(100), state: 'succeeded' })).toBe(`${title}: done`)
  announcer.unmount()
})
