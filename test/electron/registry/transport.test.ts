import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLog } from '../../../electron/log'
import { RegistryClient } from '../../../electron/registry/client'
import { makeAuthority, type CertificateAuthority } from '../../lab/certificate'
import { freePort } from '../../lab/ports'
import { temporaryFolder, type TemporaryFolder } from '../../lab/temporary'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'
import { plain } from '../../support/registry/test-server'

let folder: TemporaryFolder
let authority: CertificateAuthority
beforeEach(() => {
  folder = temporaryFolder('tls')
  authority = makeAuthority(folder.path)
})
afterEach(() => folder.remove())

const system = { kind: 'system' } as const

async function rawServer(onData: (data: Buffer) => string | Buffer | null): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', (data) => {
      const answer = onData(data)
      if (answer !== null) socket.end(answer)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  later({ stop: () => void server.close() })
  return (server.address() as AddressInfo).port
}

describe('TLS', () => {
  it('trusts a private authority for its registry only', async () => {
    const registry = later(await InProcessRegistry.start({ certificate: authority.issue('server') }))
    registry.seed('a', 'v1')
    await clientOf(registry.endpoint(authority.pem)).headManifest('a', 'v1')
    const error = await failure(clientOf(registry.endpoint()).headManifest('a', 'v1'), 'TLS_UNTRUSTED')
    expect(error.context.host).toBe(registry.host)
    const other = makeAuthority(folder.path, 'another')
    await failure(clientOf(registry.endpoint(other.pem)).headManifest('a', 'v1'), 'TLS_UNTRUSTED')
  })

  it('is not weakened by NODE_TLS_REJECT_UNAUTHORIZED', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const registry = later(await InProcessRegistry.start({ certificate: authority.issue('server') }))
    await failure(clientOf(registry.endpoint()).headManifest('a', 'v1'), 'TLS_UNTRUSTED')
    expect(registry.requests).toHaveLength(0)
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  it('tells an expired certificate and one for another name', async () => {
    const expired = authority.issue('expired', { notAfter: new Date(Date.now() - 3600_000) })
    const first = later(await InProcessRegistry.start({ certificate: expired }))
    await failure(clientOf(first.endpoint(authority.pem)).headManifest('a', 'v1'), 'TLS_EXPIRED')
    const second = later(
      await InProcessRegistry.start({ certificate: authority.issue('o', { names: ['other.example'] }) }),
    )
    await failure(clientOf(second.endpoint(authority.pem)).headManifest('a', 'v1'), 'TLS_NAME_MISMATCH')
  })

  it('tells https spoken to http, and http spoken to https', async () => {
    const unsafe = later(await InProcessRegistry.start())
    const https = { ...unsafe.endpoint(), protocol: 'https' as const }
    await failure(clientOf(https).headManifest('a', 'v1'), 'TLS_EXPECTED_HTTP')

    const safe = later(await InProcessRegistry.start({ certificate: authority.issue('server') }))
    const http = { ...safe.endpoint(), protocol: 'http' as const }
    const error = await clientOf(http)
      .headManifest('a', 'v1')
      .catch((thrown: unknown) => thrown)
    // Node's TLS server just hangs up; Go's and nginx' say what they want.
    expect(['HTTP_EXPECTED_TLS', 'CONNECTION_LOST']).toContain((error as { code: string }).code)
    const nginx = later(await InProcessRegistry.start())
    nginx.on(
      'GET',
      /./,
      plain(400, { 'content-type': 'text/plain' }, 'Client sent an HTTP request to an HTTPS server.\n'),
    )
    await failure(clientOf(nginx.endpoint()).fetchManifest('a', 'v1'), 'HTTP_EXPECTED_TLS')
    const alert = await rawServer(() => Buffer.from([0x15, 3, 1, 0, 2, 2, 22]))
    const raw = clientOf({ host: `127.0.0.1:${alert}`, protocol: 'http', trust: system })
    await failure(raw.fetchManifest('a', 'v1'), 'HTTP_EXPECTED_TLS')
  })
})

describe('the way', () => {
  const at = (host: string, more = {}): RegistryClient =>
    clientOf({ host, protocol: 'http', trust: system }, more)

  it('tells a refused connection and an unknown host', async () => {
    const host = `127.0.0.1:${await freePort()}`
    const error = await failure(at(host).ping(), 'CONNECTION_REFUSED')
    expect(error.context).toMatchObject({ side: 'registry', host })
    await failure(at('no-such-host.invalid').ping(), 'HOST_UNKNOWN')
  })

  it('tells something that does not speak HTTP', async () => {
    const port = await rawServer(() => 'SSH-2.0-OpenSSH_9.2\r\n')
    await failure(at(`127.0.0.1:${port}`).ping(), 'NOT_A_REGISTRY')
  })

  it('ends when another protocol is answered that nobody asked for', async () => {
    const port = await rawServer(
      () => 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n',
    )
    const endpoint = { host: `127.0.0.1:${port}`, protocol: 'http', trust: system } as const
    await failure(clientOf(endpoint).ping(), 'CONNECTION_LOST')
  })

  it('ends when nothing is answered', async () => {
    const port = await rawServer(() => null)
    await failure(at(`127.0.0.1:${port}`, { timing: { answer: 50 } }).ping(), 'TIMED_OUT')
  })

  it('ends when the head of an answer drips', async () => {
    const port = await rawServer(() => null)
    const client = at(`127.0.0.1:${port}`, { timing: { answer: 80, idle: 10_000 } })
    await failure(client.ping(), 'TIMED_OUT')
  })

  it('ends when TLS is never answered', async () => {
    const port = await rawServer(() => null)
    const client = clientOf(
      { host: `127.0.0.1:${port}`, protocol: 'https', trust: system },
      { timing: { connect: 60 } },
    )
    await failure(client.ping(), 'TIMED_OUT')
  })

  it('uses one connection for requests one after the other', async () => {
    const registry = later(await InProcessRegistry.start())
    registry.seed('a', 'v1')
    const client = clientOf(registry.endpoint())
    for (let i = 0; i < 5; i += 1) {
      await client.headManifest('a', 'v1')
      await client.fetchManifest('a', 'v1')
    }
    expect(registry.connections).toBe(1)
  })
})

it('keeps its secrets out of errors', async () => {
  const registry = later(await InProcessRegistry.start())
  const password = Math.random().toString(36)
  registry.on('*', /./, plain(401, { 'www-authenticate': 'Basic realm="r"' }))
  const client = new RegistryClient({
    endpoint: registry.endpoint(),
    resolveCredential: () => Promise.resolve({ username: 'ada', password }),
    confirmedRealms: () => [],
    log: silentLog,
  })
  const error = await failure(later(client).ping(), 'UNAUTHORIZED')
  const text = JSON.stringify(error.toInfo()) + String(error.stack) + String(error.cause)
  expect(text).not.toContain(password)
  expect(text).not.toContain(Buffer.from(`ada:${password}`).toString('base64'))
})
