import { expect, it } from 'vitest'
import { parseDate } from '../../../electron/browse/date'

it.each([
  ['2024-02-29T12:30:00Z', Date.UTC(2024, 1, 29, 12, 30)],
  ['2024-02-29T12:30:00.123456789Z', Date.UTC(2024, 1, 29, 12, 30, 0, 123)],
  ['2024-02-29t12:30:00z', Date.UTC(2024, 1, 29, 12, 30)],
  ['2024-02-29T12:30:00+08:00', Date.UTC(2024, 1, 29, 4, 30)],
  ['1970-01-01T00:00:00Z', 0],
  ['0001-01-01T00:00:00Z', null],
  ['1969-12-31T23:59:59Z', null],
  ['2023-02-29T00:00:00Z', null],
  ['2023-13-01T00:00:00Z', null],
  ['2023-01-01T25:00:00Z', null],
  ['2023-01-01', null],
  ['yesterday', null],
  ['', null],
  [null, null],
  [undefined, null],
])('%s is %s', (text, time) => {
  expect(parseDate(text)).toBe(time)
})
