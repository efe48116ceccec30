import { describe, expect, it } from 'vitest'
import { byteSize, duration, isTime, relativeTime, speed } from '@/format'

describe('byteSize', () => {
  it('counts in thousands, with fewer digits the larger the number', () => {
    expect([0, 999, 1000, 4100, 38_240_000, 410_000_000, 999_600_000].map((n) => byteSize(n, 'en'))).toEqual([
      '0 B',
      '999 B',
      '1 KB',
      '4.1 KB',
      '38.2 MB',
      '410 MB',
      '1 GB',
    ])
  })
  it('never shows a negative size', () => {
    expect(byteSize(-5, 'en')).toBe('0 B')
  })
  it('tells a speed', () => {
    expect(speed(4_200_000, 'en')).toBe('4.2 MB/s')
  })
})

describe('relativeTime', () => {
  const now = Date.UTC(2026, 0, 10)
  it.each([
    [30_000, 'now'],
    [3 * 60_000, '3 minutes ago'],
    [26 * 3_600_000, 'yesterday'],
    [40 * 86_400_000, 'last month'],
    [800 * 86_400_000, '2 years ago'],
  ])('%i ms ago is %s', (ago, text) => {
    expect(relativeTime(now - ago, now, 'en')).toBe(text)
  })
  it('speaks Chinese', () => {
    expect(relativeTime(now - 3 * 60_000, now, 'zh-CN')).toBe('3分钟前')
  })
})

it('takes a time that no calendar has for no time', () => {
  expect([0, null, undefined, 9e15, Number.NaN].map(isTime)).toEqual([true, false, false, false, false])
})

it('writes a duration in its two largest units', () => {
  expect([5, 80, 3600, 7260].map((seconds) => duration(seconds, 'en'))).toEqual([
    '5 sec',
    '1 min 20 sec',
    '1 hr',
    '2 hr 1 min',
  ])
})
