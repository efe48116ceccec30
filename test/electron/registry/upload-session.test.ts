import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { withDigest } from '../../../electron/registry/upload-session'
import { makeAuthority } from '../../lab/certificate'
import { temporaryFolder } from '../../lab/temporary'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry, sha256 } from '../../support/registry/in-process-registry'
import { plain, refusal } from '../../support/registry/test-server'
import { startTokenService } from '../../support/registry/token-service'

const start = async (): Promise<InProcessRegistry> => later(await InProcessRegistry.start())
const blob = Buffer.from('a layer')
const digest = sha256(blob)

describe('mountBlob', () => {
  it('takes a blob over from another repository, both named in one token', async () => {
    const registry = await start()
    const tokens = later(await startTokenService())
    registry.on('*', /^\/v2\//, tokens.guard)
    registry.repository('from').blobs.set(digest, blob)
    expect(await clientOf(registry.endpoint()).mountBlob('to', digest, 'from')).toBe('mounted')
    expect(registry.repository('to').blobs.has(digest)).toBe(true)
    const scopes = new URL(tokens.requests[0]?.path ?? '', registry.url).searchParams.getAll('scope')
    expect(scopes).toEqual(['repository:from:pull', 'repository:to:pull,push'])
  })

  it('answers the session that was opened instead', async () => {
    const registry = await start()
    const client = clientOf(registry.endpoint())
    const session = await client.mountBlob('to', digest, 'from')
    expect(session).toMatchObject({
      offset: 0,
      location: expect.stringContaining('/v2/to/blobs/uploads/') as string,
    })
  })

  it.each([
    [403, 'DENIED'],
    [404, 'NAME_UNKNOWN'],
    [405, 'UNSUPPORTED'],
    [401, 'UNAUTHORIZED'],
  ])('is null where it is refused with %i', async (status, code) => {
    const registry = await start()
    registry.on('POST', /mount=/, refusal(status, code))
    expect(await clientOf(registry.endpoint()).mountBlob('to', digest, 'from')).toBeNull()
  })

  it('fails where nobody refused it', async () => {
    const registry = await start()
    registry.on('POST', /mount=/, plain(503))
    await failure(clientOf(registry.endpoint()).mountBlob('to', digest, 'from'), 'REGISTRY_FAILED')
  })
})

describe('a location on another host', () => {
  it('is used by https, without Authorization, and back', async () => {
    const folder = temporaryFolder('authority')
    later({ stop: () => folder.remove() })
    const authority = makeAuthority(folder.path)
    const certificate = authority.issue('registry')
    const registry = later(await InProcessRegistry.start({ certificate }))
    const storage = later(await InProcessRegistry.start({ certificate }))
    registry.on('POST', /uploads/, (request, response) => {
      storage.uploads.root = storage.url
      storage.uploads.serve(request, 'a', new URL(request.path, registry.url), response)
    })
    registry.on('*', /^\/v2\/a\//, (request, response) => {
      if (request.headers.authorization) return false
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
    })
    const password = randomBytes(9).toString('hex')
    const client = clientOf(registry.endpoint(authority.pem), {
      resolveCredential: () => Promise.resolve({ username: 'ada', password }),
    })
    const large = randomBytes(2_000_000)
    await client.uploadStream('a', {
      ...{ digest: sha256(large), size: large.length },
      open: (from) => Promise.resolve(Readable.from([large.subarray(from)], { objectMode: false })),
    })
    expect(registry.seen('POST', /uploads/).at(-1)?.headers.authorization).toMatch(/^Basic /)
    expect(storage.seen('PATCH', /uploads/)).toHaveLength(1)
    expect(storage.seen('PUT', /uploads/)).toHaveLength(1)
    expect(storage.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true)
  })
})

it('appends a digest to a query byte for byte', () => {
  expect(withDigest(new URL('http://r/u?_state=a%2Fb=='), 'sha256:00').href).toBe(
    'http://r/u?_state=a%2Fb==&digest=sha256%3A00',
  )
  expect(withDigest(new URL('http://r/u'), 'sha256:00').search).toBe('?digest=sha256%3A00')
})
