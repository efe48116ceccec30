// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, ref, type EffectScope } from 'vue'
import type { LogLine } from '@shared/running'
import { useLog, type LogWish } from '@/composables/useLog'
import { Refusal, answeringBridge } from '../support/answering-bridge'

const key = { poolId: 'local', id: 'd1' }
const line = (text: string): LogLine => ({ at: 0, from: 'shop-1', channel: 'out', text })
const lines = (streamId: string, ...texts: string[]) => ({
  streamId,
  lines: texts.map(line),
  ended: false,
  error: null,
})
let scope: EffectScope
beforeEach(() => (scope = effectScope()))
afterEach(() => {
  scope.stop()
  vi.unstubAllGlobals()
})

function begin(answer: () => Promise<string> | string) {
  const bridge = answeringBridge({
    'log:open': async () => ({ streamId: await answer() }),
    'log:close': () => undefined,
    'log:save': () => '/tmp/shop.log',
  })
  const wish = ref<LogWish>({ instanceId: null, tail: 100, since: null })
  const log = scope.run(() => useLog(key, () => wish.value))
  if (!log) throw new Error('no scope')
  const texts = (): string[] =>
    Array.from({ length: log.buffer.end - log.buffer.first }, (_, index) => log.buffer.get(index)?.text ?? '')
  return { bridge, wish, log, texts }
}

it('keeps lines that come before main has answered, and those of no other stream', async () => {
  let answer: (id: string) => void = () => undefined
  const { bridge, log, texts } = begin(() => new Promise((done) => (answer = done)))
  bridge.emit('log:lines', lines('mine', 'one'))
  bridge.emit('log:lines', lines('other', 'not mine'))
  answer('mine')
  await flushPromises()
  bridge.emit('log:lines', lines('mine', 'two'))
  bridge.emit('log:lines', lines('other', 'not mine'))
  expect(texts()).toEqual(['one', 'two'])
  expect(log.status.value).toBe('open')
})

it('begins anew for another wish, and closes what it read before', async () => {
  let count = 0
  const { bridge, wish, texts } = begin(() => `s${++count}`)
  await flushPromises()
  bridge.emit('log:lines', lines('s1', 'old'))
  wish.value = { ...wish.value, instanceId: 'c1' }
  await flushPromises()
  bridge.emit('log:lines', lines('s1', 'late'))
  bridge.emit('log:lines', lines('s2', 'new'))
  expect(texts()).toEqual(['new'])
  expect(bridge.asked('log:close')).toEqual([{ streamId: 's1' }])
  expect(bridge.asked('log:open').at(-1)).toEqual({ ...key, instanceId: 'c1', tail: 100, since: null })
})

it('closes a stream that is answered after its page was left', async () => {
  let answer: (id: string) => void = () => undefined
  const { bridge } = begin(() => new Promise((done) => (answer = done)))
  scope.stop()
  answer('late')
  await flushPromises()
  expect(bridge.asked('log:close')).toEqual([{ streamId: 'late' }])
})

it('tells that it ended, and why it broke off', async () => {
  const { bridge, log } = begin(() => 's')
  await flushPromises()
  bridge.emit('log:lines', { ...lines('s', 'last'), ended: true })
  expect(log.status.value).toBe('ended')
  log.open()
  await flushPromises()
  const error = { code: 'ENGINE_LOST' as const, context: {}, detail: null }
  bridge.emit('log:lines', { ...lines('s'), ended: true, error })
  expect([log.status.value, log.error.value?.code]).toEqual(['failed', 'ENGINE_LOST'])
})

it('tells why it could not be opened', async () => {
  const { log } = begin(() => {
    throw new Refusal({ code: 'POOL_UNKNOWN', context: {}, detail: null })
  })
  await flushPromises()
  expect([log.status.value, log.error.value?.code]).toEqual(['failed', 'POOL_UNKNOWN'])
})
