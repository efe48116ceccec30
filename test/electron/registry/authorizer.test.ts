// Long because every challenge and every way of answering it is shown here.
import { randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { silentLog } from '../../../electron/log'
import { Authorizer } from '../../../electron/registry/authorizer'
import type { Carrier } from '../../../electron/registry/carrier'
import type { Credential } from '../../../electron/registry/client'
import { defaultTiming } from '../../../electron/registry/timing'
import { Veil } from '../../../electron/veil'
import { clientOf, collect, failure, later } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'
import { json, plain, TestServer } from '../../support/registry/test-server'
import { startTokenService, type TokenService } from '../../support/registry/token-service'
import { waitFor } from '../../support/wait'

const password = randomBytes(12).toString('base64url')
const account = (username = 'ada', word = password): (() => Promise<Credential>) =>
  vi.fn(() => Promise.resolve({ username, password: word }))

async function guarded(): Promise<{ registry: InProcessRegistry; service: TokenService }> {
  const registry = later(await InProcessRegistry.start())
  const service = later(await startTokenService())
  service.passwords.set('ada', password)
  registry.on('*', /./, service.guard)
  registry.seed('team/app', 'v1')
  return { registry, service }
}

describe('Bearer', () => {
  it('reads public content with a token for nobody', async () => {
    const { registry, service } = await guarded()
    const client = clientOf(registry.endpoint())
    expect((await client.headManifest('team/app', 'v1')).digest).toMatch(/^sha256:/)
    expect(service.requests[0]?.headers.authorization).toBeUndefined()
  })

  it('asks with service and every scope, up front for pull and push', async () => {
    const { registry, service } = await guarded()
    const client = clientOf(registry.endpoint(), { resolveCredential: account() })
    await client.uploadBlob('team/app', Buffer.from('blob'))
    const query = new URL(service.requests.at(-1)?.path ?? '', service.realm).searchParams
    expect(query.get('service')).toBe('test')
    expect(query.getAll('scope')).toEqual(['repository:team/app:pull,push'])
    expect(query.get('account')).toBe('ada')
    expect(service.requests).toHaveLength(1)
  })

  it('asks anew after a challenge that led nowhere, since another registry may have made it', async () => {
    const { registry, service } = await guarded()
    const client = clientOf(registry.endpoint(), { resolveCredential: account() })
    const { realm } = service
    service.realm = realm.replace('127.0.0.1', 'r.example')
    await failure(client.headManifest('team/app', 'v1'), 'REALM_REFUSED')
    service.realm = realm
    expect((await client.headManifest('team/app', 'v1')).digest).toMatch(/^sha256:/)
  })

  it('asks anew also where many had been led nowhere at once', async () => {
    const authorizer = new Authorizer({
      ...{ registry: new URL('http://127.0.0.1:5000'), resolveCredential: account(), log: silentLog },
      ...{ confirmedRealms: () => [], veil: new Veil(), timing: defaultTiming },
      // A realm that is refused is not asked.
      carrier: null as unknown as Carrier,
      closing: new AbortController().signal,
    })
    const challenge = 'Bearer realm="https://r.example/token",service="x"'
    const scopes = ['repository:team/app:pull']
    const led = Array.from({ length: 3 }, () => authorizer.regrant(challenge, null, scopes, {}))
    await Promise.all(led.map((one) => failure(one, 'REALM_REFUSED')))
    expect(await authorizer.grant(scopes, {})).toBeNull()
  })

  it('does not ask for a credential before it is challenged', async () => {
    const registry = later(await InProcessRegistry.start())
    registry.seed('a', 'v1')
    const resolveCredential = account()
    await clientOf(registry.endpoint(), { resolveCredential }).fetchManifest('a', 'v1')
    expect(resolveCredential).not.toHaveBeenCalled()
    expect(registry.requests[0]?.headers.authorization).toBeUndefined()
  })

  it('asks once for many requests, and goes on with that token', async () => {
    const { registry, service } = await guarded()
    const client = clientOf(registry.endpoint(), { resolveCredential: account() })
    await Promise.all(Array.from({ length: 40 }, () => client.headManifest('team/app', 'v1')))
    await client.fetchManifest('team/app', 'v1')
    expect(service.requests).toHaveLength(1)
  })

  it('refreshes once for many requests when the token is no longer accepted', async () => {
    const { registry, service } = await guarded()
    const client = clientOf(registry.endpoint(), { resolveCredential: account() })
    await client.headManifest('team/app', 'v1')
    service.tokens.clear()
    await Promise.all(Array.from({ length: 20 }, () => client.headManifest('team/app', 'v1')))
    expect(service.requests).toHaveLength(2)
  })

  it('accepts access_token, and counts 60 seconds where no life is told', async () => {
    const { registry, service } = await guarded()
    service.server.on('GET', '/token', () => {
      service.tokens.set('t', ['repository:team/app:pull'])
      return false
    })
    service.server.on('GET', '/token', json(200, { access_token: 't' }), 1)
    service.tokens.set('t', ['repository:team/app:pull'])
    const client = clientOf(registry.endpoint())
    await client.headManifest('team/app', 'v1')
    await client.headManifest('team/app', 'v1')
    expect(service.requests).toHaveLength(1)
  })

  it('asks again when a token has ended, without being refused first', async () => {
    const { registry, service } = await guarded()
    service.seconds = 0.02
    const client = clientOf(registry.endpoint())
    await client.headManifest('team/app', 'v1')
    await waitFor(async () => {
      await client.headManifest('team/app', 'v1')
      expect(service.requests.length).toBeGreaterThan(1)
    })
    expect(registry.requests.filter(({ headers }) => headers.authorization === undefined)).toHaveLength(1)
  })

  it('calls a granted subset denied, after one more try', async () => {
    const { registry, service } = await guarded()
    service.grant = (scope) => scope.replace(',push', '')
    const client = clientOf(registry.endpoint(), { resolveCredential: account() })
    await client.headManifest('team/app', 'v1')
    await failure(
      client.putManifest('team/app', 'v2', { mediaType: 'x/y', bytes: Buffer.from('{}') }),
      'DENIED',
    )
    expect(registry.seen('PUT', /manifests/)).toHaveLength(2)
  })

  it('calls a refused token for nobody UNAUTHORIZED: an account may help', async () => {
    const { registry, service } = await guarded()
    service.grant = () => null
    await failure(clientOf(registry.endpoint()).headManifest('team/app', 'v1'), 'UNAUTHORIZED')
  })

  it('calls a wrong password UNAUTHORIZED, and asks for the credential anew the next time', async () => {
    const { registry } = await guarded()
    const resolveCredential = vi.fn(account('ada', 'wrong'))
    const client = clientOf(registry.endpoint(), { resolveCredential })
    const error = await failure(client.headManifest('team/app', 'v1'), 'UNAUTHORIZED')
    expect(error.context).toMatchObject({ host: registry.host, repository: 'team/app' })
    resolveCredential.mockImplementation(account())
    await client.headManifest('team/app', 'v1')
  })

  it('does not go on with old tokens once the account is refused', async () => {
    const { registry, service } = await guarded()
    const client = clientOf(registry.endpoint(), { resolveCredential: account() })
    await client.ping()
    service.passwords.clear()
    await failure(client.headManifest('team/app', 'v1'), 'UNAUTHORIZED')
    await failure(client.ping(), 'UNAUTHORIZED')
  })

  it('uses the wider scope of a challenge from then on', async () => {
    const { registry, service } = await guarded()
    registry.on('GET', /manifests/, (request, response) => {
      const token = String(request.headers.authorization).replace('Bearer ', '')
      if (service.tokens.get(token)?.includes('registry:special:*')) return false
      const challenge = `Bearer realm="${service.realm}",scope="registry:special:* repository:team/app:pull"`
      response.writeHead(401, { 'www-authenticate': challenge }).end()
      return undefined
    })
    const client = clientOf(registry.endpoint())
    await client.fetchManifest('team/app', 'v1')
    await client.fetchManifest('team/app', 'v1')
    expect(service.requests).toHaveLength(1)
  })

  it('sends an identity token by POST, and never in a URL', async () => {
    const { registry, service } = await guarded()
    const secret = randomBytes(12).toString('hex')
    service.tokens.set('t', ['repository:team/app:pull'])
    service.server.on('POST', '/token', json(200, { access_token: 't' }))
    await clientOf(registry.endpoint(), { resolveCredential: account('<token>', secret) }).headManifest(
      'team/app',
      'v1',
    )
    const form = new URLSearchParams(service.requests[0]?.body.toString())
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: secret,
      service: 'test',
      scope: 'repository:team/app:pull',
    })
    expect(JSON.stringify([service.requests[0]?.path, registry.requests])).not.toContain(secret)
  })

  it('sends no credential to a realm on another host, and says which one wants it', async () => {
    const registry = later(await InProcessRegistry.start())
    const other = later(await TestServer.start())
    const realm = `http://localhost:${other.port}/token`
    registry.on('*', /./, plain(401, { 'www-authenticate': `Bearer realm="${realm}",service="s"` }))
    const resolveCredential = account()
    const refused = await failure(
      clientOf(registry.endpoint(), { resolveCredential }).headManifest('a', 'v1'),
      'REALM_REFUSED',
    )
    expect(refused.context.reference).toBe(realm)
    expect(other.requests).toHaveLength(0)
    other.on('GET', '/token', json(200, { token: 't' }))
    const confirmed = clientOf(registry.endpoint(), { resolveCredential, confirmedRealms: () => [realm] })
    await failure(confirmed.headManifest('a', 'v1'), 'DENIED')
    expect(other.requests[0]?.headers.authorization).toMatch(/^Basic /)
  })

  it('does not follow a realm to another origin with a credential', async () => {
    const { registry, service } = await guarded()
    const other = later(await TestServer.start())
    service.server.on('GET', '/token', plain(307, { location: `${other.url}/token` }))
    const client = clientOf(registry.endpoint(), { resolveCredential: account() })
    await failure(client.headManifest('team/app', 'v1'), 'REDIRECT_REFUSED')
    expect(other.requests).toHaveLength(0)
  })

  it.each([
    ['a token with a line feed', json(200, { token: 'a\r\nx: y' })],
    ['no token', json(200, { token: 7 })],
    ['broken JSON', plain(200, {}, '{"token":"secr')],
    ['a list', json(200, [])],
  ])('is RESPONSE_INVALID for %s', async (_what, handler) => {
    const { registry, service } = await guarded()
    service.server.on('GET', '/token', handler)
    const error = await failure(
      clientOf(registry.endpoint()).headManifest('team/app', 'v1'),
      'RESPONSE_INVALID',
    )
    expect(JSON.stringify(error.toInfo())).not.toContain('secr')
  })

  it('lets one waiter go without taking the token from the others', async () => {
    const { registry, service } = await guarded()
    let open = (): void => {}
    const gate = new Promise<void>((done) => (open = done))
    service.server.on('GET', '/token', async () => {
      await gate
      return false as const
    })
    const client = clientOf(registry.endpoint())
    const leaving = new AbortController()
    const first = client.headManifest('team/app', 'v1', { signal: leaving.signal })
    const second = client.headManifest('team/app', 'v1')
    await waitFor(() => expect(service.requests).toHaveLength(1))
    leaving.abort()
    await failure(first, 'CANCELLED')
    open()
    expect((await second).digest).toMatch(/^sha256:/)
    expect(service.requests).toHaveLength(1)
  })
})

describe('Basic', () => {
  async function basic(): Promise<InProcessRegistry> {
    const registry = later(await InProcessRegistry.start())
    registry.seed('a', 'v1')
    const right = `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`
    registry.on('*', /./, (request, response) => {
      if (request.headers.authorization === right) return false
      response.writeHead(401, { 'www-authenticate': 'Negotiate, Basic realm="r"' }).end()
      return undefined
    })
    return registry
  }

  it('passes over Negotiate and is refused only once', async () => {
    const registry = await basic()
    const client = clientOf(registry.endpoint(), { resolveCredential: account() })
    await client.headManifest('a', 'v1')
    await client.headManifest('a', 'v1')
    expect(registry.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([
      false,
      true,
      true,
    ])
  })

  it('is UNAUTHORIZED with a wrong password and without an account', async () => {
    const registry = await basic()
    const wrong = clientOf(registry.endpoint(), { resolveCredential: account('ada', 'wrong') })
    await failure(wrong.headManifest('a', 'v1'), 'UNAUTHORIZED')
    await failure(wrong.headManifest('a', 'v1'), 'UNAUTHORIZED')
    await failure(clientOf(registry.endpoint()).headManifest('a', 'v1'), 'UNAUTHORIZED')
  })

  it('is DENIED where the account is known and the right is missing', async () => {
    const registry = await basic()
    registry.on('GET', /tags/, plain(403))
    const client = clientOf(registry.endpoint(), { resolveCredential: account() })
    await failure(collect(client.listTags('a')), 'DENIED')
  })

  it('says which schemes there are where none is ours', async () => {
    const registry = await basic()
    registry.on('*', /./, plain(401, { 'www-authenticate': 'Negotiate, NTLM' }))
    const error = await failure(clientOf(registry.endpoint()).headManifest('a', 'v1'), 'UNAUTHORIZED')
    expect(error.detail).toContain('negotiate')
  })
})
