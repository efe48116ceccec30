import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytesText, parseBytes } from '@/byte-text'

it.each([
  ['', null],
  ['  ', null],
  ['512', 512 * 1024 ** 2],
  ['512 MB', 512e6],
  ['512MiB', 512 * 1024 ** 2],
  ['512m', 512 * 1024 ** 2],
  ['512Mi', 512 * 1024 ** 2],
  ['512 i', NaN],
  ['1.5 GB', 1.5e9],
  ['1,5 gib', 1.5 * 1024 ** 3],
  ['1g', 1024 ** 3],
  ['100 B', 100],
  ['ten', NaN],
  ['-5 MB', NaN],
  ['5 XB', NaN],
])('reads %j as %s bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes)
})

it('writes the shortest text that says exactly the same', () => {
  expect(bytesText(512 * 1024 ** 2)).toBe('512 MiB')
  expect(bytesText(512e6)).toBe('512 MB')
  expect(bytesText(1.5 * 1024 ** 3)).toBe('1.5 GiB')
  expect(bytesText(null)).toBe('')
  expect(bytesText(NaN)).toBe('')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
      expect(parseBytes(bytesText(bytes))).toBe(bytes)
    }),
  )
})
