import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry, sha256 } from '../../support/registry/in-process-registry'
import { plain, TestServer } from '../../support/registry/test-server'

const start = async (): Promise<InProcessRegistry> => later(await InProcessRegistry.start())

it('fetches a config and checks it', async () => {
  const registry = await start()
  const { config, configDigest } = registry.seed('a', 'v1')
  const client = clientOf(registry.endpoint())
  const read = await client.fetchConfig('a', { digest: configDigest, size: config.length })
  expect(read.bytes.equals(config)).toBe(true)
  expect(read.config.architecture).toBe('amd64')
})

it('is SIZE_MISMATCH and DIGEST_MISMATCH for other bytes, and does not ask for what is too large', async () => {
  const registry = await start()
  const { config, configDigest } = registry.seed('a', 'v1')
  const client = clientOf(registry.endpoint())
  await failure(client.fetchConfig('a', { digest: configDigest, size: config.length + 1 }), 'SIZE_MISMATCH')
  registry.on('GET', /./, plain(200, {}, Buffer.alloc(config.length, 32)))
  await failure(client.fetchConfig('a', { digest: configDigest, size: config.length }), 'DIGEST_MISMATCH')
  await failure(client.fetchConfig('a', { digest: 'sha256:../x', size: 1 }), 'DIGEST_INVALID')
  await failure(
    client.fetchConfig('a', { digest: configDigest, size: 5 * 1024 * 1024 }),
    'RESPONSE_TOO_LARGE',
  )
  expect(registry.requests).toHaveLength(2)
})

it.each(['{"os":', '[]', '{"os":1}', '{"history":{}}'])(
  'is RESPONSE_INVALID for the config %s',
  async (text) => {
    const registry = await start()
    registry.repository('a').blobs.set(sha256(text), Buffer.from(text))
    const descriptor = { digest: sha256(text), size: text.length }
    await failure(clientOf(registry.endpoint()).fetchConfig('a', descriptor), 'RESPONSE_INVALID')
  },
)

it('bounds a config that unpacks to more than it says', async () => {
  const registry = await start()
  registry.on('GET', /./, plain(200, { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(50_000_000))))
  const descriptor = { digest: sha256('x'), size: 100 }
  await failure(clientOf(registry.endpoint()).fetchConfig('a', descriptor), 'RESPONSE_TOO_LARGE')
})

it("never fetches from a descriptor's own addresses", async () => {
  const registry = await start()
  const other = later(await TestServer.start())
  const descriptor = { mediaType: 'x/y', digest: sha256('foreign'), size: 7, urls: [`${other.url}/foreign`] }
  await failure(clientOf(registry.endpoint()).fetchConfig('a', descriptor), 'BLOB_UNKNOWN')
  expect(other.requests).toHaveLength(0)
})
