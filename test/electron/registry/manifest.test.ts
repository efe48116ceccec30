import { describe, expect, it } from 'vitest'
import { mediaTypes } from '@shared/oci'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry, sha256 } from '../../support/registry/in-process-registry'
import { type Handler, plain, refusal } from '../../support/registry/test-server'

const start = async (): Promise<InProcessRegistry> => later(await InProcessRegistry.start())
const zeros = `sha256:${'0'.repeat(64)}`

describe('headManifest', () => {
  it('answers digest, type and size by HEAD alone', async () => {
    const registry = await start()
    const { digest, manifest } = registry.seed('a', 'v1')
    const head = await clientOf(registry.endpoint()).headManifest('a', 'v1')
    expect(head).toEqual({ digest, mediaType: mediaTypes.ociManifest, size: manifest.length })
    expect(registry.requests.map(({ method }) => method)).toEqual(['HEAD'])
    expect(registry.requests[0]?.headers.accept).toContain(mediaTypes.dockerIndex)
  })

  it.each<[string, Handler]>([
    ['no digest', plain(200, { 'content-type': mediaTypes.ociManifest })],
    [
      'a broken digest',
      plain(200, { 'docker-content-digest': 'sha256:../x', 'content-type': mediaTypes.ociManifest }),
    ],
    ['no type', plain(200, { 'docker-content-digest': zeros })],
    ['405', plain(405)],
  ])('fetches and hashes where HEAD brings %s', async (_what, handler) => {
    const registry = await start()
    const { digest } = registry.seed('a', 'v1')
    registry.on('HEAD', /./, handler)
    expect((await clientOf(registry.endpoint()).headManifest('a', 'v1')).digest).toBe(digest)
  })

  it('is MANIFEST_UNKNOWN for a tag that is not there', async () => {
    const registry = await start()
    const error = await failure(clientOf(registry.endpoint()).headManifest('a', 'v9'), 'MANIFEST_UNKNOWN')
    expect(error.context).toMatchObject({ repository: 'a', tag: 'v9', status: 404 })
  })

  it('is DIGEST_MISMATCH where another digest is announced than was asked for', async () => {
    const registry = await start()
    registry.seed('a', 'v1')
    const headers = { 'docker-content-digest': zeros, 'content-type': mediaTypes.ociManifest }
    registry.on('HEAD', /./, plain(200, headers))
    await failure(clientOf(registry.endpoint()).headManifest('a', sha256('other')), 'DIGEST_MISMATCH')
  })

  it.each(['v1/../v2', 'sha256:zz', 'sha256:../../x', '', 'a b'])(
    'sends nothing for the reference %j',
    async (reference) => {
      const registry = await start()
      await clientOf(registry.endpoint())
        .headManifest('a', reference)
        .then(
          () => expect.unreachable(),
          () => expect(registry.requests).toHaveLength(0),
        )
    },
  )
})

describe('fetchManifest', () => {
  it('answers the bytes as they are, hashed', async () => {
    const registry = await start()
    const { digest, manifest } = registry.seed('a', 'v1')
    const byTag = await clientOf(registry.endpoint()).fetchManifest('a', 'v1')
    expect(byTag.bytes.equals(manifest)).toBe(true)
    expect(byTag).toMatchObject({ digest, content: { kind: 'manifest' } })
    expect((await clientOf(registry.endpoint()).fetchManifest('a', digest)).digest).toBe(digest)
  })

  it('is DIGEST_MISMATCH for other bytes than the digest or the header names', async () => {
    const registry = await start()
    const { manifest } = registry.seed('a', 'v1')
    const type = { 'content-type': mediaTypes.ociManifest }
    registry.on('GET', /./, plain(200, type, manifest))
    await failure(clientOf(registry.endpoint()).fetchManifest('a', zeros), 'DIGEST_MISMATCH')
    registry.on('GET', /./, plain(200, { ...type, 'docker-content-digest': zeros }, manifest))
    await failure(clientOf(registry.endpoint()).fetchManifest('a', 'v1'), 'DIGEST_MISMATCH')
  })

  it('is not proven by a header that repeats what was asked for', async () => {
    const registry = await start()
    const lie = { 'content-type': mediaTypes.ociManifest, 'docker-content-digest': zeros }
    registry.on('GET', /./, plain(200, lie, registry.seed('a', 'v1').manifest))
    await failure(clientOf(registry.endpoint()).fetchManifest('a', zeros), 'DIGEST_MISMATCH')
  })

  it('reads at most 4 MiB', async () => {
    const registry = await start()
    registry.on(
      'GET',
      /./,
      plain(200, { 'content-type': mediaTypes.ociManifest }, Buffer.alloc(5 * 1024 * 1024, 32)),
    )
    await failure(clientOf(registry.endpoint()).fetchManifest('a', 'v1'), 'RESPONSE_TOO_LARGE')
  })

  it('is NAME_UNKNOWN where the registry says so', async () => {
    const registry = await start()
    registry.on('GET', /./, refusal(404, 'NAME_UNKNOWN'))
    await failure(clientOf(registry.endpoint()).fetchManifest('a', 'v1'), 'NAME_UNKNOWN')
  })
})

describe('putManifest', () => {
  it('stores the bytes as they are, with their type', async () => {
    const registry = await start()
    const bytes = Buffer.from('{ "schemaVersion" : 2 }\n')
    const put = await clientOf(registry.endpoint()).putManifest('a', 'v1', {
      mediaType: mediaTypes.ociIndex,
      bytes,
    })
    expect(put.digest).toBe(sha256(bytes))
    expect(registry.repository('a').manifests.get(put.digest)).toEqual({
      mediaType: mediaTypes.ociIndex,
      bytes,
    })
  })

  it('is DIGEST_MISMATCH where it stored something else, or the digest is not of these bytes', async () => {
    const registry = await start()
    const client = clientOf(registry.endpoint())
    const manifest = { mediaType: mediaTypes.ociManifest, bytes: Buffer.from('{}') }
    await failure(client.putManifest('a', zeros, manifest), 'DIGEST_MISMATCH')
    expect(registry.requests).toHaveLength(0)
    registry.on('PUT', /./, plain(201, { 'docker-content-digest': zeros }))
    await failure(client.putManifest('a', 'v1', manifest), 'DIGEST_MISMATCH')
  })

  const bytes = Buffer.from('{"schemaVersion":2}')
  const manifest = { mediaType: mediaTypes.ociManifest, bytes }
  const puts = (registry: InProcessRegistry): number => registry.seen('PUT', /manifests/).length
  const quick = { timing: { backoff: 1 } }

  it.each<[string, Handler]>([
    ['its answer is lost', (_request, response) => void response.destroy()],
    ['a gateway fails behind it', plain(502)],
    ['a gateway gives it up', plain(504)],
  ])('is not written twice where %s', async (_what, answer) => {
    const registry = await start()
    registry.on('PUT', /manifests/, (request, response) => {
      registry.store('a', 'v1', manifest.mediaType, bytes)
      return answer(request, response)
    })
    const { digest } = await clientOf(registry.endpoint(), quick).putManifest('a', 'v1', manifest)
    expect(digest).toBe(sha256(bytes))
    expect(puts(registry)).toBe(1)
  })

  it.each<[string, Handler]>([
    ['it was cut off', (_request, response) => void response.destroy()],
    ['it was refused for now', plain(503, { 'retry-after': '0' })],
  ])('is written again where %s and the tag names something else', async (_what, answer) => {
    const registry = await start()
    registry.seed('a', 'v1')
    registry.on('PUT', /manifests/, (request, response) =>
      puts(registry) === 1 ? answer(request, response) : false,
    )
    await clientOf(registry.endpoint(), quick).putManifest('a', 'v1', manifest)
    expect(registry.repository('a').tags.get('v1')).toBe(sha256(bytes))
    expect(puts(registry)).toBe(2)
  })

  it('is written again by its digest, so that it is known whether its referrer is listed', async () => {
    const registry = await start()
    const digest = sha256(bytes)
    registry.on('PUT', /manifests/, (request, response) => {
      registry.store('a', digest, manifest.mediaType, bytes)
      if (puts(registry) === 1) return void response.destroy()
      return plain(201, { 'docker-content-digest': digest, 'oci-subject': zeros })(request, response)
    })
    expect(await clientOf(registry.endpoint(), quick).putManifest('a', digest, manifest)).toEqual({
      digest,
      subject: true,
    })
  })

  it('says what the registry said where that does not end', async () => {
    const registry = await start()
    registry.on('*', /manifests/, plain(503))
    const error = await failure(
      clientOf(registry.endpoint(), quick).putManifest('a', 'v1', manifest),
      'REGISTRY_FAILED',
    )
    expect(error.context.status).toBe(503)
    expect(puts(registry)).toBe(4)
  })

  it('says that a part is missing', async () => {
    const registry = await start()
    registry.on('PUT', /./, refusal(404, 'MANIFEST_BLOB_UNKNOWN'))
    const manifest = { mediaType: mediaTypes.ociManifest, bytes: Buffer.from('{}') }
    await failure(clientOf(registry.endpoint()).putManifest('a', 'v1', manifest), 'MANIFEST_BLOB_UNKNOWN')
  })
})
