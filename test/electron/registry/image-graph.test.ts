import { expect, it } from 'vitest'
import { mediaTypes } from '@shared/oci'
import { type ImageGraph, readGraph } from '../../../electron/registry/image-graph'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'

const start = async (): Promise<InProcessRegistry> => later(await InProcessRegistry.start())
const read = (registry: InProcessRegistry): Promise<ImageGraph> =>
  readGraph(clientOf(registry.endpoint()), 'app', 'v1', {
    signal: new AbortController().signal,
    concurrency: 4,
  })
const storeIndex = (registry: InProcessRegistry, manifests: object[]): string =>
  registry.store(
    'app',
    'v1',
    mediaTypes.ociIndex,
    Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })),
  )

it('is SIZE_MISMATCH where an index says another size of its image', async () => {
  const registry = await start()
  const { digest, manifest } = registry.seed('app', 'x')
  const entry = { mediaType: mediaTypes.ociManifest, digest, size: manifest.length }
  storeIndex(registry, [entry])
  expect((await read(registry)).nodes.has(digest)).toBe(true)
  storeIndex(registry, [{ ...entry, size: manifest.length + 1 }])
  await failure(read(registry), 'SIZE_MISMATCH')
})

it('is RESPONSE_TOO_LARGE for manifests that would fill the memory', async () => {
  const registry = await start()
  const { manifest } = registry.seed('app', 'x')
  const entries = Array.from({ length: 10 }, (_, at) => {
    const bytes = Buffer.from(`${manifest.toString()}${' '.repeat(4_000_000 + at)}`)
    const digest = registry.store('app', `x${at}`, mediaTypes.ociManifest, bytes)
    return { mediaType: mediaTypes.ociManifest, digest, size: bytes.length }
  })
  storeIndex(registry, entries)
  await failure(read(registry), 'RESPONSE_TOO_LARGE')
}, 30_000)
