import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalUrl, fileOf, isOwnPage, servePage } from '../../electron/page'

let folder: string
beforeAll(() => {
  const base = mkdtempSync(join(tmpdir(), 'slipway-page-'))
  folder = join(base, 'renderer')
  mkdirSync(folder)
  writeFileSync(join(folder, 'index.html'), '<meta name="nonce" content="%STYLE_NONCE%">')
  writeFileSync(join(folder, 'index.js'), 'ok')
  writeFileSync(join(base, 'outside.js'), 'secret')
  mkdirSync(join(base, 'renderer-other'))
  writeFileSync(join(base, 'renderer-other', 'x.js'), 'secret')
})
afterAll(() => rmSync(join(folder, '..'), { recursive: true }))

describe('our page', () => {
  it('serves its files with a strict policy', async () => {
    const response = await servePage(folder, { url: 'slipway://app/', method: 'GET' })
    expect(response.status).toBe(200)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("connect-src 'none'")
    expect(policy).not.toContain('unsafe')
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1]
    expect(await response.text()).toBe(`<meta name="nonce" content="${nonce}">`)
  })
  it('gives each load its own nonce', async () => {
    const load = async (): Promise<string> =>
      (await servePage(folder, { url: 'slipway://app/index.html', method: 'GET' })).text()
    expect(await load()).not.toBe(await load())
  })
  it.each([
    'slipway://app/../outside.js',
    'slipway://app/%2e%2e/outside.js',
    'slipway://app/..%2foutside.js',
    'slipway://app/..%5coutside.js',
    'slipway://app/%2e%2e%2frenderer-other/x.js',
    'slipway://app//etc/hosts',
    'slipway://app/index.js%00.html',
    'slipway://other/index.js',
    'file:///etc/hosts',
    'slipway://app/%',
    'slipway://app/nothing.js',
    'slipway://app/index',
  ])('does not serve %s', async (url) => {
    expect((await servePage(folder, { url, method: 'GET' })).status).toBe(404)
  })
  it('answers GET only', async () => {
    expect((await servePage(folder, { url: 'slipway://app/', method: 'POST' })).status).toBe(404)
  })
  it('knows itself', () => {
    expect(isOwnPage('slipway://app/index.html#/public')).toBe(true)
    expect(isOwnPage('slipway://app.example/')).toBe(false)
    expect(isOwnPage('https://app/')).toBe(false)
    expect(isOwnPage('nonsense')).toBe(false)
    expect(fileOf(folder, 'https://app/index.js')).toBeNull()
  })
})

describe('what may be opened in the browser', () => {
  it('is http and https', () => {
    expect(externalUrl('https://a.example/x')).toBe('https://a.example/x')
    expect(externalUrl('http://a.example')).toBe('http://a.example/')
  })
  it.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'slipway://app/',
    'https://u:p@a.example/',
    'smb://a',
    '',
    'x',
  ])('is not %s', (url) => expect(externalUrl(url)).toBeNull())
})
