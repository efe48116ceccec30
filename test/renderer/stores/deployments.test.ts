// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useDeploymentsStore } from '@/stores/deployments'
import { Refusal, answeringBridge } from '../support/answering-bridge'
import { detail, list, summary } from '../support/deployment-samples'

const key = { poolId: 'local', id: 'd1' }
beforeEach(() => setActivePinia(createPinia()))
afterEach(() => vi.unstubAllGlobals())

it('drops a list that is older than the one it has', async () => {
  const bridge = answeringBridge({ 'deployment:list': () => list({ revision: 5 }) })
  const store = useDeploymentsStore()
  await store.load()
  bridge.emit('deployment:changed', list({ revision: 7, deployments: [] }))
  bridge.emit('deployment:changed', list({ revision: 6 }))
  expect(store.list.deployments).toEqual([])
})

it('keeps the list and tells why it could not be asked for', async () => {
  let answers = true
  answeringBridge({
    'deployment:list': () => {
      if (answers) return list()
      throw new Refusal({ code: 'INTERNAL', context: {}, detail: null })
    },
  })
  const store = useDeploymentsStore()
  await store.load()
  answers = false
  await store.load(true)
  expect(store.find(key)?.name).toBe('shop')
  expect(store.error?.code).toBe('INTERNAL')
})

it('takes the details of what was opened, the newest word only', async () => {
  const bridge = answeringBridge({ 'deployment:read': () => detail({ revision: 3 }) })
  const store = useDeploymentsStore()
  bridge.emit('deployment:detail-changed', detail({ revision: 9 }))
  expect(store.entry(key)).toBeNull()
  await store.open(key)
  bridge.emit('deployment:detail-changed', detail({ revision: 4, summary: summary({ state: 'failed' }) }))
  bridge.emit('deployment:detail-changed', detail({ revision: 2 }))
  expect(store.entry(key)?.snapshot?.summary.state).toBe('failed')
})

it('sends the key alone where a whole summary is given', async () => {
  const bridge = answeringBridge({ 'deployment:read': () => detail() })
  await useDeploymentsStore().open(summary())
  expect(bridge.asked('deployment:read')).toEqual([key])
})
