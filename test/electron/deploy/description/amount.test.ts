import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseSeconds, parseSize, sizeText, sizeWord } from '../../../../electron/deploy/description/amount'

it.each([
  [512, 512 * 2 ** 20],
  ['512', 512 * 2 ** 20],
  ['512Mi', 512 * 2 ** 20],
  ['512m', 512 * 2 ** 20],
  ['1.5GiB', 1.5 * 2 ** 30],
  ['2GB', 2e9],
  ['100 M', 1e8],
  ['1000B', 1000],
  ['lots', null],
  ['5X', null],
])('a size of %j is %j bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

it.each([
  [10, 10],
  ['10', 10],
  ['10s', 10],
  ['100ms', 0.1],
  ['1.5m', 90],
  ['1h', 3600],
  ['soon', null],
])('a time of %j is %j seconds', (text, seconds) => {
  expect(parseSeconds(text)).toBe(seconds)
})

it('sizes come back as they were', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 50 }), fc.integer({ min: 0, max: 3 }), (count, power) => {
      const bytes = Math.min(count * 1024 ** power, Number.MAX_SAFE_INTEGER)
      expect(parseSize(sizeText(bytes))).toBe(bytes)
    }),
  )
  expect([sizeWord(2 ** 30), sizeWord(1536 * 2 ** 20), sizeWord(1000)]).toEqual(['1g', '1536m', '1000b'])
})
