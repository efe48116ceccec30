import { expect, it } from 'vitest'
import { AppError } from '@shared/error'
import { parseJson } from '../../../electron/registry/json'

const read = (text: string | Buffer): unknown => parseJson(Buffer.from(text as string), {})

it('reads honest JSON', () => {
  expect(read('{"a":[1,{"b":null}]}')).toEqual({ a: [1, { b: null }] })
})

it.each([
  ['broken JSON', '{"a":'],
  ['bad UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
  ['a hundred levels', '['.repeat(100) + ']'.repeat(100)],
  ['a million levels', '['.repeat(1_000_000) + ']'.repeat(1_000_000)],
  ['__proto__', '{"a":{"__proto__":{"admin":true}}}'],
  ['__proto__ in escapes', '{"\\u005f_proto__":1}'],
  ['a page', '<html></html>'],
  ['nothing', ''],
  ['a million objects', `[${'{},'.repeat(1_000_000)}{}]`],
  ['millions of numbers', `[${'0,'.repeat(3_000_000)}0]`],
  // It would be read once and stored, and not be JSON to whoever reads the stored bytes.
  ['a byte order mark', '\ufeff{"a":1}'],
])('refuses %s as RESPONSE_INVALID', (_what, text) => {
  expect(() => read(text)).toThrow(AppError)
  try {
    read(text)
  } catch (error) {
    expect((error as AppError).code).toBe('RESPONSE_INVALID')
  }
  expect(({} as { admin?: boolean }).admin).toBeUndefined()
})
