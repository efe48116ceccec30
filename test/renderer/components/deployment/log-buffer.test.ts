import { expect, it } from 'vitest'
import type { LogLine } from '@shared/running'
import { LogBuffer } from '@/components/deployment/log-buffer'

const lines = (count: number, from = 0, size = 1): LogLine[] =>
  Array.from({ length: count }, (_, index) => ({
    at: null,
    from: 'shop-1',
    channel: 'out',
    text: `${from + index}`.padEnd(size),
  }))

it('keeps the number of a line while older ones go', () => {
  const buffer = new LogBuffer({ lines: 100, characters: 1e6 })
  buffer.add(lines(90))
  expect(buffer.get(89)?.text).toBe('89')
  buffer.add(lines(30, 90))
  expect(buffer.end).toBe(120)
  expect(buffer.end - buffer.first).toBeLessThanOrEqual(100)
  expect(buffer.get(0)).toBeUndefined()
  expect(buffer.get(119)?.text).toBe('119')
  expect(buffer.get(buffer.first)?.text).toBe(String(buffer.first))
})

it('holds 100,000 lines, and of more only the end', () => {
  const buffer = new LogBuffer()
  for (let at = 0; at < 100_000; at += 2000) buffer.add(lines(2000, at))
  expect([buffer.first, buffer.end]).toEqual([0, 100_000])
  for (let at = 100_000; at < 300_000; at += 2000) buffer.add(lines(2000, at))
  expect(buffer.end - buffer.first).toBeLessThanOrEqual(200_000)
  expect(buffer.get(299_999)?.text).toBe('299999')
})

it('is bounded in characters too', () => {
  const buffer = new LogBuffer({ lines: 1000, characters: 10_000 })
  for (let at = 0; at < 200; at++) buffer.add(lines(1, at, 1000))
  expect(buffer.end - buffer.first).toBeLessThanOrEqual(10)
  expect(buffer.get(199)?.text.trim()).toBe('199')
})

it('begins anew', () => {
  const buffer = new LogBuffer()
  buffer.add(lines(3))
  buffer.clear()
  expect([buffer.first, buffer.end]).toEqual([0, 0])
})
