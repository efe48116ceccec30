import { expect, it } from 'vitest'
import { nextLink, nextPage } from '../../../electron/registry/link'

it.each([
  ['</v2/_catalog?n=1&last=a>; rel="next"', '/v2/_catalog?n=1&last=a'],
  ['<a>; rel=prev, <b>; title="x, y; rel=next"; rel=next', 'b'],
  ['<a>; rel="last next"', 'a'],
  ['<a,b>;rel=next', 'a,b'],
  ['<a>; rel="prev"', null],
  ['nonsense', null],
  ['<a>; title="; rel=next"', null],
  ['<a>; xrel=next', null],
  ['<a>; rel=prev; rel=next', null],
  ['<<a>; rel=next', 'a'],
  [undefined, null],
])('finds the next link in %s', (header, target) => {
  expect(nextLink(header)).toBe(target)
})

it('refuses a link to another scheme, host, port or user', () => {
  const page = new URL('https://r.example/v2/_catalog?n=1')
  expect(String(nextPage('</v2/_catalog?last=a>; rel=next', page))).toBe(
    'https://r.example/v2/_catalog?last=a',
  )
  expect(String(nextPage('<https://r.example/v2/x>; rel=next', page))).toBe('https://r.example/v2/x')
  for (const target of [
    '//e.example/',
    'http://r.example/',
    'https://r.example:8443/',
    'https://a@r.example/',
  ]) {
    expect(nextPage(`<${target}>; rel=next`, page)).toBe('bad')
  }
  expect(nextPage(undefined, page)).toBe('none')
})
