import { describe, expect, it } from 'vitest'
import { judgeRealm, type RealmQuestion } from '../../../electron/registry/realm'
import { failure } from '../../support/registry/clients'

const addresses: Record<string, string[]> = {
  'registry.example': ['203.0.113.1'],
  'auth.example': ['203.0.113.2'],
  'inside.example': ['10.0.0.9'],
  'corp.example': ['10.0.0.5'],
  'meta.example': ['169.254.169.254'],
}
const resolve = (host: string): Promise<string[]> => {
  const found = addresses[host]
  return found ? Promise.resolve(found) : Promise.reject(new Error('ENOTFOUND'))
}
const judge = (
  realm: string,
  more: Partial<Omit<RealmQuestion, 'registry'>> & { registry?: string } = {},
): Promise<URL> =>
  judgeRealm({
    realm,
    confirmed: [],
    withCredential: true,
    resolve,
    ...more,
    registry: new URL(more.registry ?? 'https://registry.example/'),
  })

describe('credentials go to', () => {
  it("the registry's own host name, on any port", async () => {
    expect((await judge('https://registry.example:8443/token')).host).toBe('registry.example:8443')
    const local = await judge('http://127.0.0.1:5001/token', { registry: 'http://127.0.0.1:5000/' })
    expect(local.port).toBe('5001')
  })

  it('the token service of Docker Hub', async () => {
    const registry = 'https://registry-1.docker.io/'
    expect((await judge('https://auth.docker.io/token', { registry })).host).toBe('auth.docker.io')
    await failure(judge('https://auth.docker.io.example/token', { registry }), 'REALM_REFUSED')
  })

  it('a realm that the user confirmed, and to no other path of that host', async () => {
    const confirmed = ['https://auth.example/token']
    expect((await judge('https://auth.example/token?x=1', { confirmed })).host).toBe('auth.example')
    await failure(judge('https://auth.example/other', { confirmed }), 'REALM_REFUSED')
  })
})

describe('REALM_REFUSED', () => {
  it('names the realm to confirm for another host', async () => {
    const error = await failure(judge('https://auth.example/token?service=x'), 'REALM_REFUSED')
    expect(error.context.reference).toBe('https://auth.example/token')
    expect(error.detail).toBe('https://auth.example/token')
    expect(error.context.host).toBe('registry.example')
  })

  it.each([
    ['http where the registry is https', 'http://registry.example/token'],
    ['a user in the URL', 'https://user:word@registry.example/token'],
    ['another scheme', 'file:///etc/passwd'],
    ['no URL', 'nonsense'],
    ['a private address of a public registry', 'https://inside.example/token'],
    ['the address where clouds keep credentials', 'https://meta.example/token'],
    ['the same in letters of IPv6', 'https://[::ffff:a9fe:a9fe]/token'],
    ['this machine', 'https://127.0.0.1/token'],
  ])('cannot be helped for %s', async (_what, realm) => {
    const error = await failure(judge(realm, { confirmed: [realm] }), 'REALM_REFUSED')
    expect(error.context.reference).toBeUndefined()
    expect(error.detail).not.toContain('word')
  })

  it('lets a registry inside a network have its realm inside as well, once that is confirmed', async () => {
    const registry = 'https://corp.example/'
    const confirmed = ['https://inside.example/token']
    expect((await judge('https://inside.example/token', { registry, confirmed })).host).toBe('inside.example')
    await failure(judge('https://inside.example/token', { registry }), 'REALM_REFUSED')
    await failure(
      judge('https://meta.example/token', { registry, confirmed: ['https://meta.example/token'] }),
      'REALM_REFUSED',
    )
  })
})

it('asks any proper realm for a token for nobody, but none inside a network', async () => {
  expect((await judge('https://auth.example/token', { withCredential: false })).host).toBe('auth.example')
  await failure(judge('https://inside.example/token', { withCredential: false }), 'REALM_REFUSED')
})
