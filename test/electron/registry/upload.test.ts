import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry, sha256 } from '../../support/registry/in-process-registry'
import { plain, refusal } from '../../support/registry/test-server'

const start = async (): Promise<InProcessRegistry> => later(await InProcessRegistry.start())
const bytes = Buffer.from('a small blob')
const puts = (registry: InProcessRegistry): string[] =>
  registry.seen('PUT', /uploads/).map(({ path }) => path)

describe('uploadBlob', () => {
  it('sends a blob once, keeping the opaque query of its session', async () => {
    const registry = await start()
    const client = clientOf(registry.endpoint())
    expect(await client.uploadBlob('a', bytes)).toEqual({ digest: sha256(bytes), size: bytes.length })
    expect(puts(registry)[0]).toMatch(/\?_state=a%2Fb0&digest=sha256%3A/)
    expect(registry.repository('a').blobs.get(sha256(bytes))?.equals(bytes)).toBe(true)
    await client.uploadBlob('a', bytes)
    expect(puts(registry)).toHaveLength(1)
  })

  it('sends an empty blob', async () => {
    const registry = await start()
    await clientOf(registry.endpoint()).uploadBlob('a', Buffer.alloc(0))
    expect(registry.repository('a').blobs.has(sha256(''))).toBe(true)
  })

  it('takes an absolute location', async () => {
    const registry = await start()
    registry.uploads.root = registry.url
    await clientOf(registry.endpoint()).uploadBlob('a', bytes)
    expect(puts(registry)).toHaveLength(1)
  })

  it.each([
    ['to another host by http', 'http://other.example/x'],
    ['with a user', 'http://u:p@127.0.0.1/x'],
  ])('refuses a location %s', async (_what, location) => {
    const registry = await start()
    registry.on('POST', /./, plain(202, { location }))
    await failure(clientOf(registry.endpoint()).uploadBlob('a', bytes), 'REDIRECT_REFUSED')
  })

  it('is RESPONSE_INVALID without a location', async () => {
    const registry = await start()
    registry.on('POST', /./, plain(202))
    await failure(clientOf(registry.endpoint()).uploadBlob('a', bytes), 'RESPONSE_INVALID')
  })

  it('does not send again what arrived although the answer got lost', async () => {
    const registry = await start()
    registry.on(
      'PUT',
      /uploads/,
      (request, response) => {
        registry.repository('a').blobs.set(sha256(request.body), request.body)
        response.destroy()
      },
      1,
    )
    await clientOf(registry.endpoint()).uploadBlob('a', bytes)
    expect(puts(registry)).toHaveLength(1)
  })

  it('begins a new session where the old one is gone, and gives up in the end', async () => {
    const registry = await start()
    registry.on('PUT', /uploads/, refusal(404, 'BLOB_UPLOAD_UNKNOWN'), 1)
    await clientOf(registry.endpoint()).uploadBlob('a', bytes)
    expect(registry.seen('POST', /uploads/)).toHaveLength(2)
    registry.on('PUT', /uploads/, refusal(404, 'BLOB_UPLOAD_UNKNOWN'))
    await failure(clientOf(registry.endpoint()).uploadBlob('a', randomBytes(9)), 'BLOB_UPLOAD_UNKNOWN')
    expect(registry.seen('POST', /uploads/)).toHaveLength(5)
  })

  it('is DENIED at once where it must not write', async () => {
    const registry = await start()
    registry.on('POST', /./, refusal(403, 'DENIED'))
    await failure(clientOf(registry.endpoint()).uploadBlob('a', bytes), 'DENIED')
    expect(registry.seen('POST', /./)).toHaveLength(1)
  })
})
