import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { nextHop } from '../../../electron/registry/redirect'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'
import { plain, TestServer } from '../../support/registry/test-server'

describe('nextHop', () => {
  const from = { method: 'GET', url: new URL('https://r.example/v2/a') }
  const hop = (location: string, method = 'GET', status = 307): ReturnType<typeof nextHop> =>
    nextHop({ ...from, method }, status, location)

  it('resolves relative targets and tells where the border is crossed', () => {
    expect(hop('../b?c=d')).toMatchObject({ trusted: true, method: 'GET' })
    expect(hop('https://r.example:444/').trusted).toBe(false)
    expect(hop('//s.example/x')).toMatchObject({ trusted: false, url: new URL('https://s.example/x') })
  })

  it.each([
    'http://r.example/',
    'ftp://r.example/',
    'https://a:b@r.example/',
    'file:///etc/passwd',
    'http://[',
  ])('refuses %s', (location) => expect(() => hop(location)).toThrow('REDIRECT_REFUSED'))

  it('keeps a write a write, or refuses', () => {
    expect(hop('/x', 'PUT', 308).method).toBe('PUT')
    expect(() => hop('/x', 'PUT', 302)).toThrow('REDIRECT_REFUSED')
  })

  it('says that a registry which sends http visitors to https wants https', () => {
    const plainRegistry = { method: 'GET', url: new URL('http://r.example/v2/') }
    expect(() => nextHop(plainRegistry, 301, 'https://r.example/v2/')).toThrow('HTTP_EXPECTED_TLS')
  })
})

describe('against a registry', () => {
  const password = randomBytes(12).toString('base64url')

  async function basic(): Promise<InProcessRegistry> {
    const registry = later(await InProcessRegistry.start())
    registry.on('*', /./, (request, response) => {
      if (request.headers.authorization) return false
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
      return undefined
    })
    return registry
  }
  const resolveCredential = (): Promise<{ username: string; password: string }> =>
    Promise.resolve({ username: 'ada', password })

  it('leaves Authorization behind at another port of the same host, and reads the blob there', async () => {
    const registry = await basic()
    const storage = later(await TestServer.start())
    const { config, configDigest } = registry.seed('a', 'v1')
    storage.on('GET', '/blob', plain(200, {}, config))
    registry.on('GET', /blobs/, (request, response) => {
      if (!request.headers.authorization) return false
      response.writeHead(307, { location: `${storage.url}/blob` }).end()
      return undefined
    })
    const client = clientOf(registry.endpoint(), { resolveCredential })
    const read = await client.fetchConfig('a', { digest: configDigest, size: config.length })
    expect(read.config.os).toBe('linux')
    expect(storage.requests).toHaveLength(1)
    expect(storage.requests[0]?.headers.authorization).toBeUndefined()
  })

  it('keeps Authorization on the way within the registry, and never brings it back after a detour', async () => {
    const registry = await basic()
    const other = later(await TestServer.start())
    registry.seed('a', 'v1')
    const seen: (string | undefined)[] = []
    registry.on('HEAD', '/inside', (request, response) => {
      seen.push(request.headers.authorization as string | undefined)
      response.writeHead(307, { location: `${other.url}/x` }).end()
    })
    registry.on('HEAD', '/last', (request, response) => {
      seen.push(request.headers.authorization as string | undefined)
      response.writeHead(403).end()
    })
    registry.on('HEAD', '/v2/a/manifests/v1', (request, response) => {
      if (!request.headers.authorization) return false
      response.writeHead(307, { location: '/inside' }).end()
      return undefined
    })
    other.on('HEAD', '/x', plain(307, { location: `${registry.url}/last` }))
    await failure(clientOf(registry.endpoint(), { resolveCredential }).headManifest('a', 'v1'), 'DENIED')
    expect(seen[0]).toMatch(/^Basic /)
    expect(other.requests[0]?.headers.authorization).toBeUndefined()
    expect(seen.slice(1).every((header) => header === undefined)).toBe(true)
  })

  it('gives up after ten hops', async () => {
    const registry = later(await InProcessRegistry.start())
    registry.on('GET', /./, plain(302, { location: '/again' }))
    await failure(clientOf(registry.endpoint()).fetchManifest('a', 'v1'), 'REDIRECT_REFUSED')
    expect(registry.requests).toHaveLength(11)
  })

  it('does not take the refusal of a storage host for one of the account', async () => {
    const registry = later(await InProcessRegistry.start())
    const storage = later(await TestServer.start())
    storage.on('GET', /./, plain(403))
    registry.on('GET', /blobs/, plain(307, { location: storage.url }))
    const { config, configDigest } = registry.seed('a', 'v1')
    const client = clientOf(registry.endpoint())
    await failure(client.fetchConfig('a', { digest: configDigest, size: config.length }), 'REGISTRY_FAILED')
  })
})
