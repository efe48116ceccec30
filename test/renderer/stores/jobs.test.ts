// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useJobsStore } from '@/stores/jobs'
import { Refusal, answeringBridge, pushJob } from '../support/answering-bridge'

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => vi.unstubAllGlobals())

it('drops a snapshot that is older than the one it has', async () => {
  const bridge = answeringBridge({ 'job:list': () => [pushJob({ revision: 5 })] })
  const jobs = useJobsStore()
  await jobs.load()
  bridge.emit('job:changed', pushJob({ revision: 7, state: 'succeeded' }))
  bridge.emit('job:changed', pushJob({ revision: 6, state: 'running' }))
  expect(jobs.byId('job')?.state).toBe('succeeded')
})

it('keeps an event that came before the first list was answered', async () => {
  const bridge = answeringBridge({ 'job:list': () => [pushJob({ revision: 5 })] })
  const jobs = useJobsStore()
  const loading = jobs.load()
  bridge.emit('job:changed', pushJob({ revision: 9, state: 'failed' }))
  await loading
  expect(jobs.byId('job')?.revision).toBe(9)
})

it('sorts newest first and tells what is under way', async () => {
  answeringBridge({
    'job:list': () => [
      pushJob({ id: 'old', createdAt: 1, state: 'succeeded' }),
      pushJob({ id: 'new', createdAt: 3, state: 'queued' }),
      pushJob({ id: 'mid', createdAt: 2 }),
    ],
  })
  const jobs = useJobsStore()
  await jobs.load()
  expect(jobs.jobs.map((job) => job.id)).toEqual(['new', 'mid', 'old'])
  expect(jobs.running.map((job) => job.id)).toEqual(['new', 'mid'])
})

it('does not bring a forgotten job back with a late snapshot', async () => {
  const bridge = answeringBridge({ 'job:list': () => [pushJob()], 'job:forget': () => undefined })
  const jobs = useJobsStore()
  await jobs.load()
  await jobs.forget('job')
  bridge.emit('job:changed', pushJob({ revision: 9 }))
  expect(jobs.jobs).toEqual([])
})

it('sends the digest that the user agreed to cover with a retry', async () => {
  const bridge = answeringBridge({ 'job:retry': () => pushJob({ attempt: 2, revision: 2 }) })
  await useJobsStore().retry('job', 'sha256:d')
  expect(bridge.asked('job:retry')).toEqual([{ id: 'job', replaces: 'sha256:d' }])
})

it('tells why the list could not be read', async () => {
  answeringBridge({
    'job:list': () => {
      throw new Refusal({ code: 'STORE_FAILED', context: {}, detail: null })
    },
  })
  const jobs = useJobsStore()
  await jobs.load()
  expect(jobs.status).toBe('failed')
  expect(jobs.error?.code).toBe('STORE_FAILED')
})
