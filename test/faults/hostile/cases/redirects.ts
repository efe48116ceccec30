import { mediaTypes } from '@shared/oci'
import { plain } from '../../../support/registry/test-server'
import type { Case } from '../case'
import type { Party, Scene } from '../scene'
import { manifest, put } from './manifests'

/** A registry with an account and a token, which sends manifests elsewhere. */
async function sending(scene: Scene, location: (party: Party) => string, status = 307): Promise<Party> {
  const party = await scene.registry()
  put(party, manifest())
  scene.askForToken(party)
  await scene.signIn(party)
  party.server.on('GET', /\/manifests\//, (request, response) => {
    if (request.headers.authorization === undefined) return false
    return plain(status, { location: location(party) })(request, response)
  })
  return party
}

const refused = (what: string, location: (party: Party) => string): Case => ({
  name: `redirect: to ${what}`,
  async run(scene) {
    const party = await sending(scene, location)
    scene.expect((await scene.image(party)).error, 'REDIRECT_REFUSED')
  },
})

export const redirectCases: Case[] = [
  refused('a file', () => 'file:///etc/passwd'),
  refused('a socket', () => 'unix:///var/run/docker.sock'),
  refused('data', () => 'data:application/json,{}'),
  refused('a script', () => 'javascript:alert(1)'),
  refused('FTP', () => 'ftp://127.0.0.1/x'),
  refused('a broken address', () => 'http://[::1/x'),
  refused('a user', ({ server }) => `http://user:word@${server.host}/x`),
  refused('a machine\u2019s metadata', () => 'http://169.254.169.254/latest/meta-data/'),
  refused('a machine\u2019s metadata, as a number', () => 'http://2852039166/latest/'),
  refused('a machine\u2019s metadata, in IPv6', () => 'http://[::ffff:169.254.169.254]/latest/'),
  refused('a link-local address', () => 'http://[fe80::1]/x'),
  refused('itself', ({ server }) => `${server.url}/v2/a/manifests/v1`),
  {
    name: 'redirect: a hundred hops',
    async run(scene) {
      const party = await sending(scene, ({ server }) => `${server.url}/hop/0`)
      party.server.on('GET', /^\/hop\//, ({ path }, response) => {
        response.writeHead(302, { location: `/hop/${Number(path.slice(5)) + 1}` }).end()
      })
      scene.expect((await scene.image(party)).error, 'REDIRECT_REFUSED')
      scene.check(party.server.seen('GET', /hop/).length <= 10, 'lost', 'more than ten hops')
    },
  },
  {
    name: 'redirect: elsewhere, without the token',
    async run(scene) {
      const trap = await scene.elsewhere(
        plain(200, { 'content-type': mediaTypes.ociManifest }, JSON.stringify(manifest())),
        true,
      )
      const party = await sending(scene, () => `http://localhost:${trap.port}/m`)
      scene.honest.add(party.id)
      const { error } = await scene.image(party)
      scene.check(error === null, 'lost', `${error?.code}`)
      scene.check(trap.requests.length > 0, 'lost', 'it was not followed')
      scene.check(
        trap.requests.every(({ headers }) => headers.authorization === undefined),
        'leaked',
        'with Authorization',
      )
    },
  },
  {
    name: 'redirect: elsewhere and back, without the token',
    async run(scene) {
      const party = await sending(scene, () => `http://localhost:${trap.port}/m`)
      const trap = await scene.elsewhere(plain(302, { location: `${party.server.url}/stolen` }), true)
      party.server.on('GET', '/stolen', ({ headers }, response) => {
        scene.check(headers.authorization === undefined, 'leaked', 'the token came back')
        response.writeHead(404).end()
      })
      scene.expect((await scene.image(party)).error, 'MANIFEST_UNKNOWN')
    },
  },
  {
    name: 'redirect: elsewhere, which asks for the account',
    async run(scene) {
      const challenge = { 'www-authenticate': 'Basic realm="x", Bearer realm="http://localhost:1/token"' }
      const trap = await scene.elsewhere(plain(401, challenge), true)
      const party = await sending(scene, () => `http://localhost:${trap.port}/m`)
      scene.expect((await scene.image(party)).error, 'REGISTRY_FAILED')
      scene.check(trap.requests.length === 1, 'leaked', 'it was asked again')
    },
  },
  {
    name: 'redirect: an upload of the account\u2019s goes nowhere else',
    async run(scene) {
      const trap = await scene.elsewhere()
      const [from, to] = [await scene.registry(), await scene.registry()]
      scene.honest.add(from.id)
      scene.askForToken(to)
      await scene.signIn(to)
      const { digest } = from.server.seed('a', 'v1')
      for (const [method, path] of [
        ['POST', /uploads/],
        ['PUT', /manifests/],
      ] as const)
        to.server.on(method, path, (request, response) => {
          if (request.headers.authorization === undefined) return false
          return plain(307, { location: `https://localhost:${trap.port}/` })(request, response)
        })
      scene.expect(
        (await scene.copy(from, digest, to)).error,
        'HTTP_EXPECTED_TLS',
        'REDIRECT_REFUSED',
        'TLS_EXPECTED_HTTP',
        'CONNECTION_LOST',
      )
      scene.named.add(trap.host)
      scene.check(trap.requests.length === 0, 'leaked', 'something was sent there')
    },
  },
  ...(
    [
      'http://localhost:TRAP/u',
      'http://169.254.169.254/u',
      'file:///tmp/u',
      'http://user:word@OWN/u',
      'unix:///var/run/docker.sock',
    ] as const
  ).map((location): Case => ({
    name: `upload: the session is at ${location}`,
    async run(scene) {
      const trap = await scene.elsewhere()
      const [from, to] = [await scene.registry(), await scene.registry()]
      scene.honest.add(from.id)
      scene.askForToken(to)
      await scene.signIn(to)
      const { digest } = from.server.seed('a', 'v1')
      const there = location.replace('TRAP', String(trap.port)).replace('OWN', to.server.host)
      to.server.on('POST', /uploads/, (request, response) => {
        if (request.headers.authorization === undefined) return false
        return plain(202, { location: there })(request, response)
      })
      scene.expect((await scene.copy(from, digest, to)).error, 'REDIRECT_REFUSED', 'RESPONSE_INVALID')
      scene.check(trap.connections === 0, 'leaked', 'it was connected to')
    },
  })),
  {
    name: 'blob: the layer lies elsewhere, and is read without the token',
    async run(scene) {
      const [from, to] = [await scene.registry(), await scene.registry()]
      for (const { id } of [from, to]) scene.honest.add(id)
      const { digest } = from.server.seed('a', 'v1')
      const blobs = from.server.repository('a').blobs
      const storage = await scene.elsewhere(
        ({ path }, response) => void response.writeHead(200).end(blobs.get(path.slice(1))),
        true,
      )
      scene.askForToken(from)
      await scene.signIn(from)
      from.server.on('GET', /\/blobs\//, (request, response) => {
        if (request.headers.authorization === undefined) return false
        return plain(307, {
          location: `http://localhost:${storage.port}/${request.path.split('/').pop() ?? ''}`,
        })(request, response)
      })
      const { error } = await scene.copy(from, digest, to)
      scene.check(error === null, 'lost', `${error?.code} ${error?.detail}`)
      scene.check(storage.requests.length > 0, 'lost', 'the storage was not asked')
      scene.check(
        storage.requests.every(({ headers }) => headers.authorization === undefined),
        'leaked',
        'with Authorization',
      )
    },
  },
  {
    name: 'blob: other bytes than the digest names are not passed on',
    async run(scene) {
      const [from, to] = [await scene.registry(), await scene.registry()]
      scene.honest.add(from.id)
      const { digest, configDigest } = from.server.seed('a', 'v1')
      from.server.on('GET', /\/blobs\//, (request, response) => {
        if (request.path.endsWith(configDigest)) return false
        return plain(200, {}, Buffer.alloc(64, 7))(request, response)
      })
      scene.expect((await scene.copy(from, digest, to)).error, 'DIGEST_MISMATCH')
      scene.check(to.server.seen('PUT', /manifests/).length === 0, 'falseSuccess', 'a manifest was put')
    },
  },
  {
    name: 'blob: the addresses of foreign layers are not visited',
    async run(scene) {
      const trap = await scene.elsewhere()
      const [from, to] = [await scene.registry(), await scene.registry()]
      for (const { id } of [from, to]) scene.honest.add(id)
      const urls = [`http://localhost:${trap.port}/layer`, 'http://169.254.169.254/', 'file:///etc/passwd']
      const layer = { mediaType: mediaTypes.ociConfig, digest: `sha256:${'b'.repeat(64)}`, size: 5, urls }
      const foreign = { ...layer, mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' }
      const digest = put(from, manifest({ layers: [foreign] }))
      await scene.image(from)
      await scene.copy(from, digest, to)
      const named = put(from, manifest({ layers: [layer] }))
      scene.expect((await scene.copy(from, named, await scene.registry())).error, 'BLOB_UNKNOWN')
      scene.check(trap.connections === 0, 'leaked', 'it was connected to')
    },
  },
]
