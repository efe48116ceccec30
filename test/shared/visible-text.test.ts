import { expect, it } from 'vitest'
import { closedText, escapedJson, visibleText } from '@shared/visible-text'

it('shows control characters as their pictures, and leaves lines as they are', () => {
  expect(visibleText('a\u0000b\u001b[31m\u007f\tc\nd\r\ne\rf')).toBe('a␀b␛[31m␡\tc\nd\r\ne␍f')
})

it.each([...'\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u009b\u2028'])(
  'puts a mark where %j would turn the text or its line',
  (sign) => expect(visibleText(`invoice${sign}gnp.exe`)).toBe('invoice\ufffdgnp.exe'),
)

it.each(['中文 ok', 'שלום 1.0', 'مرحبا\u200f', '👩‍🚀', ''])('leaves %j as it is', (text) =>
  expect(visibleText(text)).toBe(text),
)

it('closes a name that runs from right to left, and no other', () => {
  expect(closedText('אבג 12')).toBe('אבג 12\u200e')
  expect(closedText('abc')).toBe('abc')
})

it('escapes what turns a direction in JSON, which says the same', () => {
  const json = JSON.stringify({ 'a\u202e': '\u2069\u0000"' })
  expect(escapedJson(json)).toBe(String.raw`{"a\u202e":"\u2069\u0000\""}`)
  expect(JSON.parse(escapedJson(json))).toEqual(JSON.parse(json))
})
