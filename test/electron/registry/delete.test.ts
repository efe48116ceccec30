import { describe, expect, it } from 'vitest'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry, sha256 } from '../../support/registry/in-process-registry'
import { plain, refusal } from '../../support/registry/test-server'

const start = async (): Promise<InProcessRegistry> => later(await InProcessRegistry.start())

describe('deleteManifest', () => {
  it('deletes by digest', async () => {
    const registry = await start()
    const { digest } = registry.seed('a', 'v1')
    await clientOf(registry.endpoint()).deleteManifest('a', digest)
    expect(registry.repository('a').tags.size).toBe(0)
  })

  it.each([400, 405])('is DELETE_DISABLED for %i', async (status) => {
    const registry = await start()
    registry.on('DELETE', /./, refusal(status, 'UNSUPPORTED'))
    const { digest } = registry.seed('a', 'v1')
    const error = await failure(clientOf(registry.endpoint()).deleteManifest('a', digest), 'DELETE_DISABLED')
    expect(error.context).toMatchObject({ repository: 'a', digest, status })
  })

  it('is MANIFEST_UNKNOWN for what is not there, and takes no tag', async () => {
    const registry = await start()
    const client = clientOf(registry.endpoint())
    await failure(client.deleteManifest('a', sha256('x')), 'MANIFEST_UNKNOWN')
    await failure(client.deleteManifest('a', 'v1'), 'DIGEST_INVALID')
    expect(registry.requests).toHaveLength(1)
  })

  it('is done where it was carried out although the answer got lost', async () => {
    const registry = await start()
    const { digest } = registry.seed('a', 'v1')
    registry.on(
      'DELETE',
      /./,
      (_request, response) => {
        registry.repository('a').manifests.delete(digest)
        response.destroy()
      },
      1,
    )
    await clientOf(registry.endpoint()).deleteManifest('a', digest)
    expect(registry.requests).toHaveLength(2)
  })
})

describe('deleteTag', () => {
  it('tells whether the registry can', async () => {
    const registry = await start()
    registry.seed('a', 'v1')
    const client = clientOf(registry.endpoint())
    expect(await client.deleteTag('a', 'v1')).toBe('unsupported')
    registry.on('DELETE', /./, plain(202))
    expect(await client.deleteTag('a', 'v1')).toBe('deleted')
  })

  it('never takes a digest, which would delete every tag that shares it', async () => {
    const registry = await start()
    const { digest } = registry.seed('a', 'v1')
    await failure(clientOf(registry.endpoint()).deleteTag('a', digest), 'INPUT_INVALID')
    expect(registry.requests).toHaveLength(0)
  })
})
