// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { usePoolsStore } from '@/stores/pools'
import { type AnsweringBridge, answeringBridge, Refusal } from '../support/answering-bridge'
import { poolList, samplePool } from '../support/deploy-samples'

const two = [samplePool(), samplePool({ id: 'far', name: 'Far' })]
let bridge: AnsweringBridge
let refuse = false

beforeEach(() => {
  refuse = false
  bridge = answeringBridge({
    'pool:list': () => {
      if (refuse) throw new Refusal({ code: 'STORE_FAILED', context: {}, detail: null })
      return poolList(two)
    },
    'pool:choose': ({ id }) => poolList(two, { currentId: id, revision: 2 }),
    'pool:copy-join-command': () => undefined,
  })
  setActivePinia(createPinia())
})
afterEach(() => void vi.unstubAllGlobals())

it('knows the pools and the current one, as main last told them', async () => {
  const pools = usePoolsStore()
  await pools.load()
  expect(pools.current?.name).toBe('This computer')
  await pools.choose('far')
  expect(pools.current?.name).toBe('Far')
  bridge.emit('pool:changed', poolList([], { revision: 1 }))
  expect(pools.pools).toHaveLength(2)
  bridge.emit('pool:changed', poolList([], { revision: 3 }))
  expect(pools.current).toBeNull()
})

it('tells why it has no list, until main answers', async () => {
  refuse = true
  const pools = usePoolsStore()
  await pools.load()
  expect([pools.status, pools.error?.code]).toEqual(['failed', 'STORE_FAILED'])
  refuse = false
  await pools.load()
  expect([pools.status, pools.error]).toEqual(['ready', null])
})

it('never sees the secret with which a host joins', async () => {
  expect(await usePoolsStore().copyJoinCommand('far', 'worker')).toBeUndefined()
  expect(bridge.asked('pool:copy-join-command')).toEqual([{ id: 'far', role: 'worker' }])
})
