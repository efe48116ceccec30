// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { useTerminalSession } from '@/composables/useTerminalSession'
import { Refusal, answeringBridge } from '../support/answering-bridge'

const key = { poolId: 'local', id: 'd1' }
const size = { columns: 80, rows: 24 }
let scope: EffectScope
beforeEach(() => (scope = effectScope()))
afterEach(() => {
  scope.stop()
  vi.unstubAllGlobals()
})

function begin(answer: () => Promise<string> | string) {
  const bridge = answeringBridge({
    'terminal:open': async () => ({ terminalId: await answer() }),
    'terminal:write': () => undefined,
    'terminal:resize': () => undefined,
    'terminal:close': () => undefined,
  })
  const output: string[] = []
  const session = scope.run(() => useTerminalSession(key, (data) => output.push(data)))
  if (!session) throw new Error('no scope')
  return { bridge, session, output }
}

it('shows what was written before main has answered', async () => {
  let answer: (id: string) => void = () => undefined
  const { bridge, session, output } = begin(() => new Promise((done) => (answer = done)))
  void session.open('c1', size)
  bridge.emit('terminal:output', { terminalId: 't', data: '# ' })
  bridge.emit('terminal:output', { terminalId: 'other', data: 'x' })
  answer('t')
  await flushPromises()
  expect(output).toEqual(['# '])
  expect(bridge.asked('terminal:open')).toEqual([{ ...key, instanceId: 'c1', ...size }])
})

it('writes, tells its size, and no more once the shell has ended', async () => {
  const { bridge, session } = begin(() => 't')
  await session.open('c1', size)
  session.write('ls\r')
  session.resize({ columns: 100, rows: 30 })
  bridge.emit('terminal:ended', { terminalId: 't', exitCode: 3 })
  session.write('more')
  await flushPromises()
  expect([session.status.value, session.exitCode.value]).toEqual(['ended', 3])
  expect(bridge.asked('terminal:write')).toEqual([{ terminalId: 't', data: 'ls\r' }])
  expect(bridge.asked('terminal:resize')).toEqual([{ terminalId: 't', columns: 100, rows: 30 }])
})

it('sends a long paste in parts', async () => {
  const { bridge, session } = begin(() => 't')
  await session.open('c1', size)
  session.write('x'.repeat(1_200_000))
  await flushPromises()
  expect(bridge.asked('terminal:write').map(({ data }) => data.length)).toEqual([500_000, 500_000, 200_000])
})

it('is closed when its page is left, also while it opens', async () => {
  let answer: (id: string) => void = () => undefined
  const { bridge, session } = begin(() => new Promise((done) => (answer = done)))
  void session.open('c1', size)
  scope.stop()
  answer('t')
  await flushPromises()
  expect(bridge.asked('terminal:close')).toEqual([{ terminalId: 't' }])
})

it('tells why there is none, and can be opened again', async () => {
  let refused = true
  const { session } = begin(() => {
    if (refused) throw new Refusal({ code: 'TERMINAL_FAILED', context: {}, detail: 'no sh' })
    return 't'
  })
  await session.open('c1', size)
  expect([session.status.value, session.error.value?.code]).toEqual(['failed', 'TERMINAL_FAILED'])
  refused = false
  await session.open('c1', size)
  expect([session.status.value, session.error.value]).toEqual(['open', null])
})
