import type { ErrorCode } from '@shared/error'
import { type Certificate, makeAuthority } from '../../../lab/certificate'
import { plain } from '../../../support/registry/test-server'
import type { Case } from '../case'
import type { Scene } from '../scene'
import { manifest, put } from './manifests'

type Authority = ReturnType<typeof makeAuthority>
const day = 24 * 3600_000

/** A registry by https whose certificate is not right: nothing is said to it, least of all the account. */
const untrusted = (
  what: string,
  make: (authority: Authority, scene: Scene) => { certificate: Certificate; pem?: string },
  code: ErrorCode,
): Case => ({
  name: `tls: ${what}`,
  async run(scene) {
    const party = await scene.registry(make(makeAuthority(scene.folder), scene))
    put(party, manifest())
    scene.expect(await scene.failureOf(scene.signIn(party)), code)
    scene.expect((await scene.image(party)).error, code)
    scene.check(party.server.requests.length === 0, 'leaked', 'it was spoken to')
  },
})

export const securedCases: Case[] = [
  untrusted(
    'nobody vouches for it',
    (authority) => ({ certificate: authority.issue('server') }),
    'TLS_UNTRUSTED',
  ),
  untrusted(
    'another authority vouches for it',
    (authority, scene) => ({
      certificate: authority.issue('server'),
      pem: makeAuthority(scene.folder, 'another').pem,
    }),
    'TLS_UNTRUSTED',
  ),
  untrusted(
    'expired',
    (authority) => ({
      certificate: authority.issue('server', { notAfter: new Date(Date.now() - day) }),
      pem: authority.pem,
    }),
    'TLS_EXPIRED',
  ),
  untrusted(
    'not valid yet',
    (authority) => ({
      certificate: authority.issue('server', { notBefore: new Date(Date.now() + day) }),
      pem: authority.pem,
    }),
    'TLS_EXPIRED',
  ),
  untrusted(
    'for another name',
    (authority) => ({
      certificate: authority.issue('server', { names: ['registry.test'] }),
      pem: authority.pem,
    }),
    'TLS_NAME_MISMATCH',
  ),
  untrusted(
    'a client\u2019s, not a server\u2019s',
    (authority) => ({ certificate: authority.issue('server', { usage: 'client' }), pem: authority.pem }),
    'TLS_UNTRUSTED',
  ),
  {
    name: 'tls: sends its visitors on to http',
    async run(scene) {
      const authority = makeAuthority(scene.folder)
      const party = await scene.registry({ certificate: authority.issue('server'), pem: authority.pem })
      const trap = await scene.elsewhere()
      put(party, manifest())
      scene.askForToken(party)
      await scene.signIn(party)
      party.server.on('GET', /manifests/, plain(307, { location: `http://${trap.host}/` }))
      scene.expect((await scene.image(party)).error, 'REDIRECT_REFUSED')
      scene.check(trap.connections === 0, 'leaked', 'it was connected to')
    },
  },
  {
    name: 'tls: its realm is http',
    async run(scene) {
      const authority = makeAuthority(scene.folder)
      const party = await scene.registry({ certificate: authority.issue('server'), pem: authority.pem })
      const trap = await scene.elsewhere()
      party.server.on(
        '*',
        /^\/v2\//,
        plain(401, { 'www-authenticate': `Bearer realm="http://${trap.host}/token"` }),
      )
      scene.expect(await scene.failureOf(scene.signIn(party)), 'REALM_REFUSED')
      scene.check(trap.connections === 0, 'leaked', 'it was connected to')
    },
  },
  {
    name: 'tls: goes on in the clear after the handshake',
    async run(scene) {
      const authority = makeAuthority(scene.folder)
      const party = await scene.registry({ certificate: authority.issue('server'), pem: authority.pem })
      party.server.on('GET', /manifests/, (_request, response) => {
        const secured = response.socket as unknown as { _parent?: { write(text: string): void } } | null
        const { socket } = response
        if (secured?._parent) secured._parent.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}')
        socket?.destroy()
      })
      scene.expect((await scene.image(party)).error, 'CONNECTION_LOST', 'TLS_EXPECTED_HTTP', 'NOT_A_REGISTRY')
    },
  },
  {
    name: 'tls: plain http where https was meant',
    async run(scene) {
      const plainOne = await scene.elsewhere(undefined, true)
      const { id } = await scene.program.call('registry:add', {
        ...{ name: `P${plainOne.port}`, host: plainOne.host, protocol: 'https', preset: 'other' },
        ...{ trust: { kind: 'system' }, publicRole: { namespace: '' }, privateRole: null },
      })
      const password = scene.canary('password')
      const failure = scene.failureOf(
        scene.program.call('account:sign-in', {
          registryId: id,
          username: 'developer',
          password: password.value,
          keep: 'session',
        }),
      )
      scene.expect(await failure, 'TLS_EXPECTED_HTTP')
      scene.check(plainOne.requests.length === 0, 'leaked', 'it was spoken to in the clear')
    },
  },
]
