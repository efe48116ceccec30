import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import {
  apiHost,
  canonicalHost,
  formatReference,
  isHost,
  isRepository,
  isTag,
  parseReference,
  pullCommand,
  referenceHost,
  shortDigest,
} from '@shared/reference'

const digest = `sha256:${'ab'.repeat(32)}`

describe('parseReference', () => {
  it.each([
    ['nginx', 'docker.io', 'library/nginx', null, null],
    ['nginx:1.25', 'docker.io', 'library/nginx', '1.25', null],
    ['bitnami/nginx', 'docker.io', 'bitnami/nginx', null, null],
    ['index.docker.io/nginx', 'docker.io', 'library/nginx', null, null],
    ['localhost/x', 'localhost', 'x', null, null],
    ['127.0.0.1:5000/727524/web:v1', '127.0.0.1:5000', '727524/web', 'v1', null],
    [`a.example/x@${digest}`, 'a.example', 'x', null, digest],
    [`a.example:443/x/y:1@${digest}`, 'a.example:443', 'x/y', '1', digest],
    ['[::1]:5000/x', '[::1]:5000', 'x', null, null],
    ['Registry.Example/x', 'registry.example', 'x', null, null],
  ])('reads %s', (text, host, repository, tag, digestOf) => {
    expect(parseReference(text)).toEqual({ host, repository, tag, digest: digestOf })
  })

  it.each([
    '',
    'UPPER',
    'a..b/x:',
    'x:',
    'x@sha256:12',
    '/x',
    'x/',
    'a b',
    'x:-t',
    'host:99999999/x',
    'Owner/x',
    'ab'.repeat(32),
    '<none>:<none>',
  ])('refuses %j', (text) => expect(parseReference(text)).toBeNull())

  it('gives back what it wrote', () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,8})?$/)
    fc.assert(
      fc.property(
        fc.array(component, { minLength: 2, maxLength: 4 }),
        fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
        (components, tag) => {
          const reference = { host: 'a.example:5000', repository: components.join('/'), tag, digest: null }
          expect(parseReference(formatReference(reference))).toEqual(reference)
        },
      ),
    )
  })

  it('answers null or a reference for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const reference = parseReference(text)
        if (reference) expect(isRepository(reference.repository)).toBe(true)
      }),
    )
  })
})

describe('hosts', () => {
  it('knows the aliases of Docker Hub', () => {
    expect(canonicalHost('registry-1.docker.io')).toBe('docker.io')
    expect(apiHost('docker.io')).toBe('registry-1.docker.io')
    expect(apiHost('Reg.Example:5000')).toBe('reg.example:5000')
  })
  it('writes out the port of a lone word, which docker takes for an owner at Docker Hub', () => {
    expect(referenceHost({ host: 'registry', protocol: 'https' })).toBe('registry:443')
    expect(referenceHost({ host: 'Registry', protocol: 'http' })).toBe('registry:80')
    expect(parseReference('registry:443/x')?.host).toBe('registry:443')
    expect(referenceHost({ host: 'localhost', protocol: 'http' })).toBe('localhost')
    expect(referenceHost({ host: 'Reg.Example:5000', protocol: 'https' })).toBe('reg.example:5000')
    expect(referenceHost({ host: 'index.docker.io', protocol: 'https' })).toBe('docker.io')
  })
  it.each(['a', 'a.example', 'a:1', '127.0.0.1:65535', '[::1]', '[fe80::1]:5000'])('accepts %s', (host) =>
    expect(isHost(host)).toBe(true),
  )
  it.each(['', 'http://a', 'a/b', 'a:0', 'a:65536', 'a b', 'user@a', '-a', 'a-'])('refuses %j', (host) =>
    expect(isHost(host)).toBe(false),
  )
})

it('knows tags by the grammar', () => {
  expect(isTag('v1.0_x-y')).toBe(true)
  expect(isTag('.hidden')).toBe(false)
  expect(isTag('x'.repeat(129))).toBe(false)
})

it('writes pull commands by tag and by digest', () => {
  expect(pullCommand('dockerhub.yonyou.com', 'library/nginx', 'latest')).toBe(
    'docker pull dockerhub.yonyou.com/library/nginx:latest',
  )
  expect(pullCommand('a.example', 'x', digest)).toBe(`docker pull a.example/x@${digest}`)
  expect(shortDigest(digest)).toBe('abababababab')
})
