import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Engine as Client } from '../../../electron/engine/engine'
import { startEngine, type Engine } from '../../lab/engine'
import { startFaultProxy, type FaultProxy } from '../../lab/fault-proxy'
import { busyboxTar, importImage } from '../../lab/machine-image'
import { buildImage, buildIndex } from '../../lab/oci-image'
import { startPodman, type Podman } from '../../lab/podman'
import { randomBytesOf } from '../../lab/random-bytes'
import { startRegistry, type Registry } from '../../lab/registry'
import { clientOf, holds, transferOf } from './lab-engine'

const megabyte = 1_000_000
const size = 40 * megabyte

let registry: Registry
/** The same registry, behind a line that can be slow. */
let proxy: FaultProxy
let docker: Engine
let podman: Podman
/** Digest of an index of two platforms. */
let app = ''

beforeAll(async () => {
  registry = await startRegistry()
  proxy = await startFaultProxy({ to: registry.host })
  const insecureRegistries = [registry.host, proxy.address]
  ;[docker, podman] = await Promise.all([startEngine(), startPodman({ insecureRegistries })])
  const big = { path: 'opt/big', data: randomBytesOf('transfer', size) }
  for (const { host } of [docker, podman]) await importImage(host, 'big:latest', [], busyboxTar([big]))
  const layers = [4, 6].map((size, index) => ({ size: size * megabyte, share: 1, seed: `layer-${index}` }))
  const arm = { os: 'linux', architecture: 'arm64', variant: 'v8' }
  const images = [{ os: 'linux', architecture: 'amd64' }, arm].map((platform) =>
    buildImage({ seed: 'app', format: 'docker', platform, layers }),
  )
  const index = buildIndex('docker', images)
  app = index.manifest.digest
  registry.storage.put('library/app', index, 'v1')
})
afterAll(async () => {
  await proxy?.stop()
  await Promise.all([docker?.stop(), podman?.stop(), registry?.stop()])
})
afterEach(() => {
  proxy.faults = {}
})

async function digestIn(repository: string, tag: string): Promise<string | null> {
  const accept = [
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.oci.image.manifest.v1+json',
  ].join(',')
  const url = `${registry.url}/v2/${repository}/manifests/${tag}`
  const answer = await fetch(url, { method: 'HEAD', headers: { accept } })
  return answer.ok ? answer.headers.get('docker-content-digest') : null
}

async function tagBig(client: Client, repository: string): Promise<string> {
  const id = (await client.imageIdOf('big:latest')) ?? ''
  await client.tagImage(id, repository, 'v1')
  return `${repository}:v1`
}

/** Resolves when nothing was passed on for half a second. */
async function quiet(): Promise<void> {
  let since = performance.now()
  let before = proxy.seen.up
  await holds(() => {
    if (proxy.seen.up !== before) since = performance.now()
    before = proxy.seen.up
    return performance.now() - since > 500
  })
}

describe.each([
  ['docker', () => docker],
  ['podman', () => podman],
])('%s', (product, engine) => {
  it('pushes, and tells the digest that the registry has then', async () => {
    const client = clientOf(engine().host)
    const reference = await tagBig(client, `${registry.host}/${product}/pushed`)
    const push = transferOf(reference)
    const { digest } = await client.push(push)
    expect(digest).toBe(await digestIn(`${product}/pushed`, 'v1'))
    expect(push.seen[0]?.total).toBeGreaterThan(size)
    expect(push.seen.at(-1)).toMatchObject({ phase: 'pushing', parts: [{ state: 'done' }] })
    expect(push.seen.at(-1)?.completed).toBe(push.seen.at(-1)?.total)
    expect(push.lines.some((line) => line.includes(digest))).toBe(true)

    const again = transferOf(reference)
    expect(await client.push(again)).toEqual({ digest })
    expect(again.seen.at(-1)?.completed).toBe(again.seen.at(-1)?.total)
    await expect(client.push(transferOf(`${registry.host}/none/such:v1`))).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
    })
  })

  it('stops sending when a push is cancelled', async () => {
    const client = clientOf(engine().host)
    const repository = `${product}/cancelled`
    const push = transferOf(await tagBig(client, `${proxy.address}/${repository}`))
    proxy.faults = { delay: 20 }
    const before = proxy.seen.up
    const pushing = client.push(push)
    const failed = expect(pushing).rejects.toMatchObject({ code: 'CANCELLED', context: { side: 'engine' } })
    await holds(() => proxy.seen.up - before > 2 * megabyte)
    push.cancel()
    await failed
    await quiet()
    // The line is fast again: an engine that went on behind our back would be done in no time.
    proxy.faults = {}
    await quiet()
    expect(proxy.seen.up - before).toBeLessThan(size / 2)
    expect(await digestIn(repository, 'v1')).toBeNull()
    await expect(client.push(push)).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('says that the registry is gone when its line is cut for good', async () => {
    const client = clientOf(engine().host)
    const reference = await tagBig(client, `127.0.0.1:1/${product}/nowhere`)
    await expect(client.push(transferOf(reference))).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE_REGISTRY',
      context: { host: '127.0.0.1:1', reference },
    })
  })

  it('pulls with progress by tag and by digest, and tells digest and image', async () => {
    const client = clientOf(engine().host)
    const pull = transferOf(`${proxy.address}/library/app:v1`)
    proxy.faults = { delay: 2 }
    const { digest, imageId } = await client.pull({ ...pull, platform: null })
    expect(await client.imageIdOf(pull.reference)).toBe(imageId)
    expect(pull.seen.at(-1)).toMatchObject({ phase: 'verifying' })
    expect(pull.seen.at(-1)?.parts.every(({ state }) => state === 'done' || state === 'exists')).toBe(true)
    if (product === 'docker') {
      expect(pull.seen.some(({ parts }) => parts.some((part) => part.state === 'active'))).toBe(true)
      expect(pull.seen.at(-1)?.completed).toBeGreaterThan(10 * megabyte)
    }
    // Podman knows the index's digest and the manifest's, and does not say which it was asked for.
    expect(digest).toBe(product === 'docker' ? app : null)
    const byDigest = transferOf(`${proxy.address}/library/app@${app}`)
    expect(await client.pull({ ...byDigest, platform: null })).toEqual({ digest: app, imageId })
  })

  it('pulls another platform, and says so when there is none', async () => {
    const client = clientOf(engine().host)
    const reference = `${registry.host}/library/app:v1`
    const { imageId } = await client.pull({ ...transferOf(reference), platform: 'linux/arm64' })
    expect((await client.inspectImage(imageId)).platform).toMatch(/^linux\/arm64/)
    const missing = client.pull({ ...transferOf(reference), platform: 'linux/s390x' })
    await expect(missing).rejects.toMatchObject({ code: 'PLATFORM_MISSING' })
    const unknown = client.pull({ ...transferOf(`${registry.host}/library/app:v9`), platform: null })
    await expect(unknown).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' })
  })

  it('stops receiving when a pull is cancelled', async () => {
    const client = clientOf(engine().host)
    const layers = [{ size: 30 * megabyte, share: 1 }]
    const image = buildImage({ seed: `cancelled-${product}`, format: 'docker', layers })
    registry.storage.put('library/cancelled', image, 'v1')
    const pull = transferOf(`${proxy.address}/library/cancelled:v1`)
    proxy.faults = { delay: 20 }
    const before = proxy.seen.down
    const failed = expect(client.pull({ ...pull, platform: null })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    await holds(() => proxy.seen.down - before > megabyte)
    pull.cancel()
    await failed
    await quiet()
    proxy.faults = {}
    await quiet()
    expect(await client.imageIdOf(pull.reference)).toBeNull()
  })

  it('is lost when it ends in mid-push, and never counts as success', async () => {
    const client = clientOf(engine().host)
    const push = transferOf(await tagBig(client, `${proxy.address}/${product}/lost`))
    proxy.faults = { delay: 20 }
    const before = proxy.seen.up
    const failed = expect(client.push(push)).rejects.toMatchObject({ code: 'ENGINE_LOST' })
    await holds(() => proxy.seen.up - before > megabyte)
    await ('kill' in engine() ? docker.kill() : podman.halt())
    await failed
    await holds(() => client.state.status === 'stopped')
    await engine().start()
    await holds(() => client.state.status === 'connected')
  })
})
