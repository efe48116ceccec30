import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAuthority } from './certificate'
import { basic, httpGet } from './http-get'
import { buildImage } from './oci-image'
import { startRegistry, type Registry } from './registry'
import { seedMany, seedPublic, seedTenant } from './seed'
import { temporaryFolder } from './temporary'

const image = buildImage({ seed: 'one', format: 'docker', layers: [{ size: 1000 }] })

describe('an anonymous registry', () => {
  let registry: Registry
  beforeAll(async () => {
    registry = await startRegistry()
  })
  afterAll(() => registry.stop())

  it('shows what is seeded while it runs', async () => {
    const seeded = seedPublic(registry.storage)
    const catalog = await httpGet(`${registry.url}/v2/_catalog`)
    expect(JSON.parse(catalog.text)).toEqual({ repositories: Object.keys(seeded).sort() })
    expect(Object.keys(seeded)).toHaveLength(10)
    const tags = JSON.parse((await httpGet(`${registry.url}/v2/library/nginx/tags/list`)).text) as {
      tags: string[]
    }
    expect(tags.tags.sort()).toEqual(seeded['library/nginx']?.sort())
    const headers = { accept: 'application/vnd.oci.image.index.v1+json' }
    const index = await httpGet(`${registry.url}/v2/library/nginx/manifests/latest`, { headers })
    const { manifests } = JSON.parse(index.text) as { manifests: { platform: { architecture: string } }[] }
    const architectures = manifests.map(({ platform }) => platform.architecture)
    expect(architectures).toEqual(['amd64', 'arm64', 'unknown', 'unknown'])
  })

  it('shows ten thousand repositories that took a moment to make', async () => {
    await seedMany(registry.storage, 10_000, 3)
    const page = await httpGet(`${registry.url}/v2/_catalog?n=1000`)
    expect((JSON.parse(page.text) as { repositories: string[] }).repositories).toHaveLength(1000)
    const tags = await httpGet(`${registry.url}/v2/big/09999/tags/list`)
    expect(JSON.parse(tags.text)).toMatchObject({ tags: ['v1', 'v2', 'v3'] })
  })

  it('comes back on its port with its content', async () => {
    await registry.halt()
    await expect(httpGet(`${registry.url}/v2/`)).rejects.toThrow('ECONNREFUSED')
    await registry.start()
    expect((await httpGet(`${registry.url}/v2/library/redis/tags/list`)).status).toBe(200)
  })

  it('lets a tag be deleted, unless it may not', async () => {
    registry.storage.put('727524/app', image, 'v1')
    const path = `/v2/727524/app/manifests/${image.manifest.digest}`
    const strict = await startRegistry({ storage: registry.storage, delete: false })
    expect((await httpGet(strict.url + path, { method: 'DELETE' })).status).toBe(405)
    expect((await httpGet(registry.url + path, { method: 'DELETE' })).status).toBe(202)
    await strict.stop()
  })
})

describe('a Basic registry over TLS', () => {
  let registry: Registry
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'basic', tls: true })
  })
  afterAll(() => registry.stop())

  it('challenges, and lets in its accounts only', async () => {
    const ca = registry.authority?.pem
    const stranger = await httpGet(`${registry.url}/v2/`, { ca })
    expect(stranger.status).toBe(401)
    expect(stranger.headers['www-authenticate']).toBe('Basic realm="basic"')
    const developer = registry.accounts.developer ?? { name: '', password: '' }
    const known = { authorization: basic(developer) }
    expect((await httpGet(`${registry.url}/v2/`, { ca, headers: known })).status).toBe(200)
    const wrong = { authorization: basic({ ...developer, password: 'wrong' }) }
    expect((await httpGet(`${registry.url}/v2/`, { ca, headers: wrong })).status).toBe(401)
  })

  it('has a certificate that only its own authority vouches for', async () => {
    await expect(httpGet(`${registry.url}/v2/`)).rejects.toThrow(
      /self-signed certificate in certificate chain/,
    )
  })

  it('can have an expired certificate, or one for another name', async () => {
    const folder = temporaryFolder('certificates')
    const authority = makeAuthority(folder.path)
    const expired = authority.issue('expired', { notAfter: new Date('2020-01-01') })
    const other = authority.issue('other', { names: ['registry.example.com'] })
    const registries = await Promise.all(
      [expired, other].map((certificate) => startRegistry({ tls: true, authority, certificate })),
    )
    const codes = await Promise.all(registries.map(({ port }) => handshake(port, authority.pem)))
    expect(codes).toEqual(['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'])
    await Promise.all(registries.map((one) => one.stop()))
    folder.remove()
  })
})

describe('a Bearer registry over TLS', () => {
  let registry: Registry
  let ca: string | undefined
  const tokenFor = async (account: string, scope: string): Promise<string> => {
    const url = `${registry.tokens?.realm}?service=bearer&scope=${scope}`
    const found = registry.accounts[account]
    const headers = found ? { authorization: basic(found) } : undefined
    const { status, text } = await httpGet(url, { ca, headers })
    if (status !== 200) return `refused ${status}`
    return (JSON.parse(text) as { token: string }).token
  }
  const ask = (path: string, token: string, method = 'GET'): Promise<number> => {
    const options = { ca, method, headers: { authorization: `Bearer ${token}` } }
    return httpGet(registry.url + path, options).then(({ status }) => status)
  }
  beforeAll(async () => {
    registry = await startRegistry({ auth: 'bearer', tls: true })
    ca = registry.authority?.pem
    seedTenant(registry.storage)
    seedPublic(registry.storage)
  })
  afterAll(() => registry.stop())

  it('names its realm and the scope that it wants', async () => {
    const { status, headers } = await httpGet(`${registry.url}/v2/727524/iuap-web/tags/list`, { ca })
    expect(status).toBe(401)
    const challenge = `Bearer realm="${registry.tokens?.realm}",service="bearer",scope="repository:727524/iuap-web:pull"`
    expect(headers['www-authenticate']).toBe(challenge)
  })

  it('grants each account what it may do', async () => {
    const scope = 'repository:727524/iuap-web:pull,push'
    const upload = '/v2/727524/iuap-web/blobs/uploads/'
    expect(await ask(upload, await tokenFor('developer', scope), 'POST')).toBe(202)
    expect(await ask(upload, await tokenFor('reader', scope), 'POST')).toBe(401)
    expect(await ask('/v2/727524/iuap-web/tags/list', await tokenFor('reader', scope))).toBe(200)
    expect(await ask('/v2/_catalog', await tokenFor('reader', 'registry:catalog:*'))).toBe(200)
    expect(await ask('/v2/_catalog', await tokenFor('', 'registry:catalog:*'))).toBe(401)
    expect(
      await ask('/v2/library/redis/tags/list', await tokenFor('', 'repository:library/redis:pull')),
    ).toBe(200)
  })

  it('gives tokens of the length that was set, and none to a revoked account', async () => {
    const tokens = registry.tokens
    if (tokens === null) throw new Error('no token server')
    const scope = 'repository:727524/iuap-web:pull'
    tokens.tokenSeconds = 1
    const short = await tokenFor('developer', scope)
    expect(await ask('/v2/727524/iuap-web/tags/list', short)).toBe(200)
    // The registry allows a minute of leeway on top of a token's life.
    tokens.tokenSeconds = -61
    const late = await tokenFor('developer', scope)
    expect(await ask('/v2/727524/iuap-web/tags/list', late)).toBe(401)
    tokens.tokenSeconds = 300
    tokens.revoke('reader')
    expect(await tokenFor('reader', scope)).toBe('refused 401')
    expect(tokens.requests.refused).toBe(1)
  })

  it('takes a refresh token by POST', async () => {
    const account = registry.accounts.developer ?? { name: '', password: '' }
    const post = async (form: Record<string, string>): Promise<Record<string, unknown>> => {
      const body = new URLSearchParams({ service: 'bearer', ...form }).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const { text } = await httpGet(registry.tokens?.realm ?? '', { ca, method: 'POST', headers, body })
      return JSON.parse(text) as Record<string, unknown>
    }
    const { name: username, password } = account
    const first = await post({ grant_type: 'password', access_type: 'offline', username, password })
    const scope = 'repository:727524/workbench:pull'
    const second = await post({
      grant_type: 'refresh_token',
      refresh_token: String(first.refresh_token),
      scope,
    })
    expect(await ask('/v2/727524/workbench/tags/list', String(second.access_token))).toBe(200)
  })
})

function handshake(port: number, ca: string): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1', ca })
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code))
    socket.on('secureConnect', () => {
      socket.destroy()
      done(undefined)
    })
  })
}
