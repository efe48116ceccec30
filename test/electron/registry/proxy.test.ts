import { createServer, request as httpRequest } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { proxyFromEnvironment, proxyFromSystem } from '../../../electron/registry/proxy'
import { temporaryFolder } from '../../lab/temporary'
import { makeAuthority } from '../../lab/certificate'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'

describe('proxyFromEnvironment', () => {
  const find = (url: string, environment: NodeJS.ProcessEnv): string | undefined =>
    proxyFromEnvironment(environment)(new URL(url))?.href
  const environment = { HTTPS_PROXY: 'http://proxy.example:3128', http_proxy: 'plain.example:80' }

  it('chooses by scheme, in either spelling', () => {
    expect(find('https://r.example/', environment)).toBe('http://proxy.example:3128/')
    expect(find('http://r.example/', environment)).toBe('http://plain.example/')
    expect(find('https://r.example/', { ALL_PROXY: 'http://all.example' })).toBe('http://all.example/')
    expect(find('https://r.example/', { https_proxy: 'socks5://s.example' })).toBeUndefined()
    expect(find('https://r.example/', {})).toBeUndefined()
  })

  it.each(['https://127.0.0.1/', 'https://localhost:5000/', 'https://[::1]/', 'https://127.8.8.8/'])(
    'never sends %s through one',
    (url) => expect(find(url, environment)).toBeUndefined(),
  )

  it.each([
    ['r.example', true],
    ['example', true],
    ['.example', true],
    ['*.example', true],
    ['r.example:443', true],
    ['r.example:80', false],
    ['other, r.example', true],
    ['R.EXAMPLE', true],
    ['*', true],
    ['ample', false],
    ['', false],
  ])('NO_PROXY %s exempts r.example: %s', (rule, exempt) => {
    expect(find('https://r.example/', { ...environment, NO_PROXY: rule }) === undefined).toBe(exempt)
  })

  it('reads address blocks', () => {
    const blocks = { ...environment, no_proxy: '10.0.0.0/8,192.168.1.5' }
    expect(find('https://10.9.8.7/', blocks)).toBeUndefined()
    expect(find('https://192.168.1.5/', blocks)).toBeUndefined()
    expect(find('https://11.0.0.1/', blocks)).toBeDefined()
  })
})

interface Proxy {
  url: URL
  seen: string[]
  stop(): Promise<void>
}

async function startProxy(refuseWith?: number): Promise<Proxy> {
  const seen: string[] = []
  const server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`)
    if (refuseWith) return void response.writeHead(refuseWith).end()
    const onward = httpRequest(
      incoming.url ?? '',
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      },
    )
    incoming.pipe(onward)
  })
  server.on('connect', (incoming, socket) => {
    seen.push(`CONNECT ${incoming.url}`)
    if (refuseWith) return void socket.end(`HTTP/1.1 ${refuseWith} No\r\n\r\n`)
    const [host, port] = (incoming.url ?? '').split(':')
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    for (const end of [socket, onward]) end.on('error', () => socket.destroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    seen,
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

describe('proxyFromSystem', () => {
  const registry = new URL('https://registry.example.com/v2/')
  const asking = (answers: Record<string, string>) => {
    const asked: string[] = []
    const ask = (url: string): Promise<string> => {
      asked.push(url)
      const answer = answers[url]
      return answer === undefined ? Promise.reject(new Error('no settings')) : Promise.resolve(answer)
    }
    return { asked, ask }
  }

  it('takes the first of the system’s proxies that is spoken here', async () => {
    const { ask } = asking({
      'https://registry.example.com': 'SOCKS5 socks.example:1080; PROXY proxy.example:3128; DIRECT',
    })
    const proxyFor = proxyFromSystem({}, ask)
    await proxyFor.prepare?.(registry)
    expect(proxyFor(registry)?.href).toBe('http://proxy.example:3128/')
  })

  it.each(['DIRECT', 'DIRECT; PROXY late.example:1', '', 'nonsense', 'PROXY'])(
    'goes directly for %j',
    async (text) => {
      const proxyFor = proxyFromSystem({}, asking({ 'https://registry.example.com': text }).ask)
      await proxyFor.prepare?.(registry)
      expect(proxyFor(registry)).toBeNull()
    },
  )

  it('asks once a minute for each origin, never for this machine, and goes on where nobody answers', async () => {
    let now = 0
    const { ask, asked } = asking({ 'https://registry.example.com': 'HTTPS proxy.example:443' })
    const proxyFor = proxyFromSystem({}, ask, () => now)
    for (const url of [
      registry,
      new URL('https://registry.example.com/other'),
      new URL('http://localhost:5000/'),
    ])
      await proxyFor.prepare?.(url)
    expect(asked).toEqual(['https://registry.example.com'])
    now = 61_000
    await proxyFor.prepare?.(registry)
    const unknown = new URL('http://elsewhere.example/')
    await proxyFor.prepare?.(unknown)
    expect(asked).toHaveLength(3)
    expect(proxyFor(unknown)).toBeNull()
  })

  it('asks nobody where the environment names a proxy', async () => {
    const { ask, asked } = asking({})
    const proxyFor = proxyFromSystem(
      { https_proxy: 'http://env.example:8080', NO_PROXY: 'other.example' },
      ask,
    )
    await proxyFor.prepare?.(registry)
    expect(proxyFor(registry)?.href).toBe('http://env.example:8080/')
    expect(proxyFor(new URL('https://other.example/'))).toBeNull()
    expect(asked).toEqual([])
  })
})

describe('through a proxy', () => {
  it('reads from an http registry, and again on the same connection', async () => {
    const registry = later(await InProcessRegistry.start())
    const proxy = later(await startProxy())
    const { digest } = registry.seed('a', 'v1')
    const client = clientOf(registry.endpoint(), { proxyFor: () => proxy.url })
    expect((await client.headManifest('a', 'v1')).digest).toBe(digest)
    expect((await client.fetchManifest('a', 'v1')).digest).toBe(digest)
    expect(proxy.seen).toEqual([
      `HEAD ${registry.url}/v2/a/manifests/v1`,
      `GET ${registry.url}/v2/a/manifests/v1`,
    ])
    expect(registry.connections).toBe(1)
  })

  it('reads from an https registry through one tunnel, its certificate checked as ever', async () => {
    const folder = temporaryFolder('proxy')
    later({ stop: () => folder.remove() })
    const authority = makeAuthority(folder.path)
    const registry = later(await InProcessRegistry.start({ certificate: authority.issue('server') }))
    const proxy = later(await startProxy())
    registry.seed('a', 'v1')
    const trusted = clientOf(registry.endpoint(authority.pem), { proxyFor: () => proxy.url })
    await trusted.headManifest('a', 'v1')
    await trusted.fetchManifest('a', 'v1')
    expect(proxy.seen).toEqual([`CONNECT ${registry.host}`])
    const untrusted = clientOf(registry.endpoint(), { proxyFor: () => proxy.url })
    await failure(untrusted.headManifest('a', 'v1'), 'TLS_UNTRUSTED')
  })

  it('is PROXY_FAILED where the proxy refuses or is not there, not an answer of the registry', async () => {
    const folder = temporaryFolder('proxy')
    later({ stop: () => folder.remove() })
    const authority = makeAuthority(folder.path)
    const registry = later(await InProcessRegistry.start({ certificate: authority.issue('server') }))
    const proxy = await startProxy(407)
    const client = clientOf(registry.endpoint(authority.pem), { proxyFor: () => proxy.url })
    const refused = await failure(client.headManifest('a', 'v1'), 'PROXY_FAILED')
    expect(refused.context.status).toBe(407)
    await proxy.stop()
    await failure(client.headManifest('a', 'v1'), 'PROXY_FAILED')
    expect(registry.requests).toHaveLength(0)
  })

  it('is PROXY_FAILED where the proxy of an http registry wants a sign-in', async () => {
    const registry = later(await InProcessRegistry.start())
    const proxy = later(await startProxy(407))
    const client = clientOf(registry.endpoint(), { proxyFor: () => proxy.url })
    await failure(client.headManifest('a', 'v1'), 'PROXY_FAILED')
  })
})
