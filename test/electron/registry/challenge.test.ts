import { describe, expect, it } from 'vitest'
import { chooseChallenge, parseChallenges } from '../../../electron/registry/challenge'

const read = (header: string): unknown =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])

describe('parseChallenges', () => {
  it('reads a registry challenge with a quoted comma in its scope', () => {
    expect(
      read('Bearer realm="https://auth.example/token",service="r",scope="repository:a/b:pull,push"'),
    ).toEqual([
      ['bearer', { realm: 'https://auth.example/token', service: 'r', scope: 'repository:a/b:pull,push' }],
    ])
  })

  it('separates several challenges in one header, with parameters in any order and case', () => {
    expect(read('Negotiate, BASIC Realm="a, b" , Bearer SERVICE=s,realm = "https://x/" ')).toEqual([
      ['negotiate', {}],
      ['basic', { realm: 'a, b' }],
      ['bearer', { service: 's', realm: 'https://x/' }],
    ])
  })

  it('passes over token68 credentials and unescapes quoted pairs', () => {
    expect(read('Negotiate YIIGzg==, Basic realm="a \\"b\\" \\\\ c"')).toEqual([
      ['negotiate', {}],
      ['basic', { realm: 'a "b" \\ c' }],
    ])
  })

  it('keeps the first parameter of a name, so that a second realm cannot slip in', () => {
    expect(read('Bearer realm="https://one/",realm="https://two/"')).toEqual([
      ['bearer', { realm: 'https://one/' }],
    ])
  })

  it.each(['', ',,,', '"', 'Bearer realm="never closed', '\u0000\u0001', '='.repeat(50_000)])(
    'ends on broken text (%#)',
    (header) => {
      expect(chooseChallenge(parseChallenges(header))).toBeNull()
    },
  )
})

describe('chooseChallenge', () => {
  it('takes Bearer before Basic and passes over what it does not speak', () => {
    expect(chooseChallenge(parseChallenges('Basic realm="r", Bearer realm="https://x/"'))?.scheme).toBe(
      'bearer',
    )
    expect(chooseChallenge(parseChallenges('Negotiate, Basic realm="r"'))?.scheme).toBe('basic')
    expect(chooseChallenge(parseChallenges('Negotiate, NTLM'))).toBeNull()
  })
})
