import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import { coverHeaders, Veil } from '../../electron/veil'

const secret = `p ä+/"${randomBytes(15).toString('base64')}`

describe('a veil', () => {
  const veil = new Veil([secret])
  it.each([0, 1, 2, 3, 4, 5])('covers base64 of what a secret stands within, %i bytes in', (before) => {
    const bytes = Buffer.from(`${'x'.repeat(before)}${secret}${'y'.repeat(before % 3)}`)
    for (const encoding of ['base64', 'base64url'] as const) {
      const covered = veil.cover(`a ${bytes.toString(encoding)} b`)
      expect(covered).toMatch(/^a \S{0,8}•••\S{0,6} b$/)
    }
  })
  it('leaves other texts alone', () => {
    const text = 'no basic auth credentials; the bearer of bad news: sha256:0123456789abcdef0123 is gone'
    expect(veil.cover(text)).toBe(text)
  })
  it('does not look for what is too short to be told from other words', () => {
    expect(new Veil(['abc', '   ']).cover('abcdef')).toBe('abcdef')
  })
  it('covers a signed token that is not ours, however it is said back', () => {
    const part = (): string => randomBytes(60).toString('base64url')
    const token = `eyJ0eXAiOiJKV1QifQ.${part()}.${part()}`
    for (const said of [
      `Bearer ${token}`,
      encodeURIComponent(`Bearer ${token}`),
      `x%20${token}`,
      Buffer.from(token).toString('base64'),
      Buffer.from(token).toString('hex'),
    ])
      expect(coverHeaders(`sent ${said} back`)).toMatch(/^sent [\w%]*?\s?(%20)?••• back$/)
  })
  it('covers the longer of two secrets whole', () => {
    expect(new Veil(['abcdef', 'abcdefgh']).cover('x abcdefgh y')).toBe('x ••• y')
  })
  it('covers a key of many lines that is said line by line', () => {
    const lines = [0, 1, 2].map(() => randomBytes(24).toString('base64'))
    const covered = new Veil([lines.join('\n')]).cover(lines.map((line) => `app: ${line}`).join('\n'))
    for (const line of lines) expect(covered).not.toContain(line)
  })
  it('covers what is sent last, however many secrets there were', () => {
    const many = new Veil()
    const tokens = Array.from({ length: 400 }, () => randomBytes(12).toString('hex'))
    for (const token of tokens) many.hide(token)
    expect(many.cover(tokens.at(-1) ?? '')).toBe('•••')
    expect(many.cover(tokens[0] ?? '')).toBe(tokens[0])
    many.hide(tokens.at(-100) ?? '', randomBytes(12).toString('hex'))
    expect(many.cover(tokens.at(-100) ?? ''), 'used again').toBe('•••')
  })
  it('shows no piece of a secret at the end of a text that is cut', () => {
    for (let at = 0; at < secret.length; at += 1) {
      const text = `${'x'.repeat(65_536 - at)}${secret}${'y'.repeat(100)}`
      expect(veil.cover(text).replace(/[xy•]/g, '')).toBe('')
    }
  })
  it('covers an error with its context, and keeps one that says nothing', () => {
    const plain = new AppError('DENIED', { host: 'a.example', status: 403 }, { detail: 'no' })
    expect(veil.coverError(plain)).toBe(plain)
    const cause = new Error(secret)
    const about = { side: 'registry', field: 'realm', reference: `https://a/${secret}`, status: 403 } as const
    const covered = veil.coverError(new AppError('DENIED', about, { detail: secret, cause }))
    expect(covered.toInfo()).toEqual({
      ...{ code: 'DENIED', detail: '•••' },
      context: { ...about, reference: 'https://a/•••' },
    })
    expect(covered.cause).toBeUndefined()
  })
  it('leaves what we know ourselves as it is, though it be the same word', () => {
    const error = new AppError(
      'DENIED',
      { side: 'registry', reference: 'a.example/registry:1' },
      { detail: 'the registry' },
    )
    expect(new Veil(['registry']).coverError(error).toInfo()).toEqual({
      ...error.toInfo(),
      detail: 'the •••',
    })
  })
})

describe('headers in a text of others', () => {
  const token = randomBytes(24).toString('base64')
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const jwt = `${part({ alg: 'RS256' })}.${part({ sub: 'ada' })}.${randomBytes(32).toString('base64url')}`
  it.each([
    [`denied for Authorization: Basic ${token}.`, 'denied for Authorization: Basic •••'],
    [`got "bearer ${token}"`, 'got "bearer •••"'],
    [`token ${jwt} ended`, 'token ••• ended'],
    ['unauthorized: no basic auth credentials', 'unauthorized: no basic auth credentials'],
  ])('are covered: %#', (text, covered) => expect(coverHeaders(text)).toBe(covered))
})
