import { expect, it, vi } from 'vitest'
import { joinSignals, onAbort, pause, untilAborted } from '../../../electron/registry/signal'
import { failure } from '../../support/registry/clients'

it('tells everybody who waits, at once where it is too late, and nobody who left', () => {
  const controller = new AbortController()
  const stays = vi.fn()
  const left = vi.fn()
  onAbort(controller.signal, stays)
  onAbort(controller.signal, left)()
  controller.abort()
  expect(stays).toHaveBeenCalledOnce()
  expect(left).not.toHaveBeenCalled()
  const late = vi.fn()
  onAbort(controller.signal, late)
  expect(late).toHaveBeenCalledOnce()
})

it('joins signals until it is released', () => {
  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()]
  const joined = joinSignals(first.signal, undefined, second.signal)
  second.abort()
  expect(joined.signal.aborted).toBe(true)
  const released = joinSignals(third.signal)
  released.release()
  third.abort()
  expect(released.signal.aborted).toBe(false)
})

it('ends a pause, and a wait for what is shared, with CANCELLED', async () => {
  const controller = new AbortController()
  const waits = [pause(60_000, controller.signal), untilAborted(new Promise(() => {}), controller.signal)]
  const outcomes = Promise.all(waits.map((each) => failure(each, 'CANCELLED')))
  controller.abort()
  await outcomes
  await failure(pause(60_000, controller.signal), 'CANCELLED')
  await pause(1)
})
