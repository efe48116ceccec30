import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Pulse } from '../../../electron/browse/pulse'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('fires at once, then never more often than the interval allows', () => {
  const fire = vi.fn()
  const pulse = new Pulse(fire)
  pulse.touch(1000)
  pulse.touch(1000)
  pulse.touch(1000)
  expect(fire).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(999)
  expect(fire).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1)
  expect(fire).toHaveBeenCalledTimes(2)
})

it('is brought forward by a touch that may fire earlier, and not put off by a later one', () => {
  const fire = vi.fn()
  const pulse = new Pulse(fire)
  pulse.touch(250)
  pulse.touch(2500)
  pulse.touch(250)
  pulse.touch(2500)
  vi.advanceTimersByTime(250)
  expect(fire).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(5000)
  expect(fire).toHaveBeenCalledTimes(2)
})
