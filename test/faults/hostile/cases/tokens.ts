import type { ErrorCode } from '@shared/error'
import { json, plain, type Handler } from '../../../support/registry/test-server'
import type { Case } from '../case'
import type { Party } from '../scene'
import { manifest, put } from './manifests'

/** A registry that asks everybody for a token at this realm; the account is never sent there. */
const realm = (what: string, header: (own: string, trap: string) => string, ...codes: ErrorCode[]): Case => ({
  name: `realm: ${what}`,
  async run(scene) {
    const party = await scene.registry()
    // Who has no account may ask anywhere for a token: nothing is given away.
    const trap = await scene.elsewhere(json(200, { token: 'stolen' }), true)
    put(party, manifest())
    const value = header(party.server.host, String(trap.port))
    party.server.on('*', /^\/v2\//, plain(401, { 'www-authenticate': value }))
    scene.expect(await scene.failureOf(scene.signIn(party)), ...codes)
    scene.expect((await scene.image(party)).error, ...codes, 'UNAUTHORIZED')
    scene.check(
      trap.requests.every(({ headers }) => headers.authorization === undefined),
      'leaked',
      'the account',
    )
  },
})

const bearer = (address: string): string => `Bearer realm="${address}",service="s"`

/** A token service that answers so. */
const answer = (what: string, handler: (token: string) => Handler, codes: ErrorCode[] | null): Case => ({
  name: `token: ${what}`,
  async run(scene) {
    const party = await scene.registry()
    put(party, manifest())
    scene.askForToken(party, handler)
    const failure = await scene.failureOf(scene.signIn(party))
    if (codes) return scene.expect(failure, ...codes)
    scene.honest.add(party.id)
    scene.check(failure === null, 'lost', `${failure?.code}`)
    const { error } = await scene.image(party)
    scene.check(error === null, 'lost', `${error?.code}`)
  },
})

const invalid: ErrorCode[] = ['RESPONSE_INVALID']

export const tokenCases: Case[] = [
  realm('on another host', (_own, trap) => bearer(`http://localhost:${trap}/token`), 'REALM_REFUSED'),
  realm('with a user', (own) => bearer(`http://user:word@${own}/token`), 'REALM_REFUSED'),
  realm('a file', () => bearer('file:///etc/passwd'), 'REALM_REFUSED'),
  realm('a socket', () => bearer('unix:///var/run/docker.sock'), 'REALM_REFUSED'),
  realm('a machine\u2019s metadata', () => bearer('http://169.254.169.254/latest/'), 'REALM_REFUSED'),
  realm(
    'a machine\u2019s metadata, in IPv6',
    () => bearer('http://[::ffff:a9fe:a9fe]/latest/'),
    'REALM_REFUSED',
  ),
  realm('an address inside another network', () => bearer('http://10.0.0.1/token'), 'REALM_REFUSED'),
  realm('a mere path', () => bearer('/token'), 'REALM_REFUSED'),
  realm('nothing', () => bearer(''), 'REALM_REFUSED'),
  realm(
    'two realms, the first counts',
    (_own, trap) => `Bearer realm="http://localhost:${trap}/a",realm="http://127.0.0.1:1/b"`,
    'REALM_REFUSED',
  ),
  realm('unknown schemes', () => 'Negotiate YII=, NTLM, Digest realm="x"', 'UNAUTHORIZED'),
  realm('no grammar at all', () => ',,,"=" Bearer realm=', 'UNAUTHORIZED'),
  realm(
    'a thousand challenges',
    (_own, trap) =>
      Array.from({ length: 1000 }, (_, at) => `X${at} a="b"`).join(', ') +
      `, ${bearer(`http://localhost:${trap}/x`)}`,
    'REALM_REFUSED',
    'RESPONSE_TOO_LARGE',
  ),
  realm('10,000 quotes', () => `Bearer realm=${'"\\'.repeat(7000)}`, 'UNAUTHORIZED', 'RESPONSE_TOO_LARGE'),
  {
    name: 'realm: a header of 1 MB',
    async run(scene) {
      const party = await scene.registry()
      party.server.on(
        '*',
        /^\/v2\//,
        plain(401, { 'www-authenticate': `Bearer realm="${'x'.repeat(1_000_000)}"` }),
      )
      scene.expect(await scene.failureOf(scene.signIn(party)), 'RESPONSE_TOO_LARGE')
    },
  },
  {
    name: 'realm: redirects the account elsewhere',
    async run(scene) {
      const party = await scene.registry()
      const trap = await scene.elsewhere(json(200, { token: 'stolen' }))
      scene.askForToken(party, () => plain(307, { location: `http://localhost:${trap.port}/token` }))
      scene.expect(await scene.failureOf(scene.signIn(party)), 'REDIRECT_REFUSED')
      scene.check(trap.connections === 0, 'leaked', 'it was connected to')
    },
  },
  {
    name: 'realm: changes after the account was signed in',
    async run(scene) {
      const party: Party = await scene.registry()
      put(party, manifest())
      scene.askForToken(party)
      await scene.signIn(party)
      const trap = await scene.elsewhere(json(200, { token: 'stolen' }))
      party.server.on(
        '*',
        /^\/v2\//,
        plain(401, { 'www-authenticate': bearer(`http://localhost:${trap.port}/token`) }),
      )
      scene.expect((await scene.image(party)).error, 'REALM_REFUSED')
      scene.check(trap.connections === 0, 'leaked', 'it was connected to')
    },
  },
  {
    name: 'realm: one registry\u2019s token is not another\u2019s',
    async run(scene) {
      const [one, two] = [await scene.registry(), await scene.registry()]
      for (const party of [one, two]) {
        scene.honest.add(party.id)
        put(party, manifest())
        scene.askForToken(party)
        await scene.signIn(party)
        const { error } = await scene.image(party)
        scene.check(error === null, 'lost', `${error?.code}`)
      }
      // Asks for the same service and more scopes than anybody wants.
      const more = 'repository:b:pull,push,delete registry:catalog:*'
      two.server.on(
        '*',
        /^\/v2\//,
        plain(401, {
          'www-authenticate': `Bearer realm="${one.server.url}/token",service="lab",scope="${more}"`,
        }),
      )
      await scene.image(two)
      const sent = one.server.seen('GET', '/token').filter(({ path }) => path.includes('delete'))
      // The same host name, another port: two's account may go there, and one's token never to two (the ledger looks).
      two.password.owners.add(one.server.host)
      scene.check(
        sent.every(({ headers }) => !String(headers.authorization).includes(one.password.token)),
        'leaked',
        'one\u2019s account',
      )
    },
  },
  answer('with a line break', (token) => json(200, { token: `${token}\r\nX-Evil: 1` }), invalid),
  answer('with a NUL', (token) => json(200, { token: `${token}\0` }), invalid),
  answer('with letters beyond ASCII', (token) => json(200, { token: `${token}ä` }), invalid),
  answer('that is an object', (token) => json(200, { token: { token } }), invalid),
  answer('that is empty', () => json(200, { token: '' }), invalid),
  answer('that is not there', () => json(200, {}), invalid),
  answer('that is no JSON', () => plain(200, {}, 'token'), invalid),
  answer('with a key __proto__', () => plain(200, {}, '{"__proto__":{"token":"x"}}'), invalid),
  answer('of 1 MB', () => json(200, { token: 'x'.repeat(1_500_000) }), ['RESPONSE_TOO_LARGE']),
  answer('of 900 kB', () => json(200, { token: 'x'.repeat(900_000) }), [
    'CONNECTION_LOST',
    'RESPONSE_INVALID',
    'RESPONSE_TOO_LARGE',
    'REGISTRY_FAILED',
    'UNAUTHORIZED',
  ]),
  answer(
    'refused with the account in the words',
    () => (request, response) => {
      const given = String(request.headers.authorization ?? '')
      const words = `${given} ${Buffer.from(given.slice(6), 'base64').toString()}`
      return json(403, { errors: [{ code: 'DENIED', message: words }] })(request, response)
    },
    ['DENIED', 'UNAUTHORIZED'],
  ),
  ...[-5, 0, 1e300, -1e300, '300', null, {}, Number.MAX_SAFE_INTEGER].map((life) =>
    answer(`that lives for ${JSON.stringify(life)}`, (token) => json(200, { token, expires_in: life }), null),
  ),
  {
    name: 'token: a refresh token that nobody asked for is not used',
    async run(scene) {
      const party = await scene.registry()
      scene.honest.add(party.id)
      put(party, manifest())
      // Owned by nobody: the ledger must not see it at all.
      const refresh = scene.canary('refresh token')
      scene.askForToken(party, (token) => json(200, { token, expires_in: 1, refresh_token: refresh.token }))
      await scene.signIn(party)
      const { error } = await scene.image(party)
      scene.check(error === null, 'lost', `${error?.code}`)
    },
  },
]
