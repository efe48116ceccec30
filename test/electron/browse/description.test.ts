import { describe as suite, expect, it } from 'vitest'
import { describe } from '../../../electron/browse/description'
import { boundedText, httpLink } from '../../../electron/browse/hostile-text'

suite('describe', () => {
  it('takes labels before annotations, and the OCI names before the older ones', () => {
    expect(
      describe(
        {
          'org.opencontainers.image.title': 'Label',
          'org.label-schema.name': 'Old',
          'org.label-schema.vendor': 'Pier',
        },
        { 'org.opencontainers.image.title': 'Annotation', 'org.opencontainers.image.licenses': 'MIT' },
      ),
    ).toMatchObject({ title: 'Label', vendor: 'Pier', licenses: 'MIT', description: null })
  })

  it('passes over empty texts and links that are none', () => {
    expect(
      describe({
        'org.opencontainers.image.title': ' ',
        'org.label-schema.name': 'Name',
        'org.opencontainers.image.source': 'file:///etc/passwd',
        'org.label-schema.vcs-url': 'https://example.com/app',
      }),
    ).toMatchObject({ title: 'Name', source: 'https://example.com/app' })
  })

  it('is null where nothing is said', () => {
    expect(describe({ maintainer: 'x' }, null, undefined)).toBeNull()
  })

  it('does not take what every object has for a label', () => {
    expect(
      describe(
        JSON.parse('{"__proto__": {"org.opencontainers.image.title": "x"}}') as Record<string, string>,
      ),
    ).toBeNull()
  })
})

suite('hostile text', () => {
  it('shows what would hide or turn it, and loses its excess', () => {
    expect(boundedText('a\u0000b\u001b[31mc\u202ed\te\r\nf\u200e', 100)).toBe('a␀b␛[31mc\ufffdd\te\nf')
    expect(boundedText('x'.repeat(50), 10)).toBe(`${'x'.repeat(9)}…`)
    expect(boundedText('中文 ok', 10)).toBe('中文 ok')
  })

  it.each([
    ['https://example.com/a b', 'https://example.com/a%20b'],
    ['http://example.com', 'http://example.com/'],
    ['javascript:alert(1)', null],
    ['data:text/html,x', null],
    ['https://user:secret@example.com/', null],
    ['not a link', null],
    [`https://example.com/${'x'.repeat(3000)}`, null],
  ])('%s as a link is %s', (text, link) => {
    expect(httpLink(text)).toBe(link)
  })
})
