import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Progress } from '@shared/job'
import { mediaTypes } from '@shared/oci'
import type { UploadSession } from '../../../electron/registry/client'
import { copyImage, type CopyRequest } from '../../../electron/registry/copy'
import { referrersTag } from '../../../electron/registry/referrers'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry, sha256 } from '../../support/registry/in-process-registry'
import { refusal } from '../../support/registry/test-server'

const start = async (): Promise<InProcessRegistry> => later(await InProcessRegistry.start())
const writes = (registry: InProcessRegistry): string[] =>
  registry.requests
    .filter(({ method }) => method !== 'GET' && method !== 'HEAD')
    .map(({ method, path }) => `${method} ${path}`)

type Changes = Partial<Omit<CopyRequest, 'source' | 'target'>> & {
  from?: string
  to?: string
  reference?: string
}

function copy(
  a: InProcessRegistry,
  b: InProcessRegistry,
  changes: Changes = {},
): Promise<{ digest: string }> {
  const { from = 'app', to = 'team/app', reference = 'v1', ...more } = changes
  return copyImage({
    source: { client: clientOf(a.endpoint()), repository: from, reference },
    target: { client: clientOf(b.endpoint()), repository: to, tag: 'v2' },
    sameRegistry: a === b,
    referrers: true,
    onProgress: () => {},
    signal: new AbortController().signal,
    ...more,
  })
}

/** An index of two images, one of them in an index of its own. */
function seedIndex(registry: InProcessRegistry): string {
  const entry = (digest: string, mediaType: string): object => ({
    ...{ mediaType, digest, size: registry.repository('app').manifests.get(digest)?.bytes.length },
  })
  const [one, two] = [registry.seed('app', 'x').digest, registry.seed('app', 'x').digest]
  const store = (manifests: object[], tag: string): string =>
    registry.store(
      'app',
      tag,
      mediaTypes.ociIndex,
      Buffer.from(JSON.stringify({ schemaVersion: 2, manifests }, null, 1)),
    )
  const inner = store([entry(two, mediaTypes.ociManifest)], 'x')
  const root = store(
    [
      entry(inner, mediaTypes.ociIndex),
      entry(one, mediaTypes.ociManifest),
      entry(two, mediaTypes.ociManifest),
    ],
    'v1',
  )
  registry.repository('app').tags.delete('x')
  return root
}

function seedReferrer(registry: InProcessRegistry, subject: string): string {
  const config = Buffer.from('{}')
  registry.repository('app').blobs.set(sha256(config), config)
  const layer = randomBytes(20)
  registry.repository('app').blobs.set(sha256(layer), layer)
  const manifest = {
    ...{ schemaVersion: 2, mediaType: mediaTypes.ociManifest, artifactType: 'application/spdx+json' },
    config: { mediaType: mediaTypes.ociEmpty, digest: sha256(config), size: 2 },
    layers: [{ mediaType: 'text/spdx', digest: sha256(layer), size: 20 }],
    subject: { mediaType: mediaTypes.ociManifest, digest: subject, size: 1 },
  }
  const digest = registry.store('app', 'x', mediaTypes.ociManifest, Buffer.from(JSON.stringify(manifest)))
  registry.repository('app').tags.delete('x')
  return digest
}

describe('between registries', () => {
  it('takes an index with all below it, bytes unchanged, children first and the tag last', async () => {
    const [a, b] = [await start(), await start()]
    const root = seedIndex(a)
    const progress: Progress[] = []
    expect(await copy(a, b, { onProgress: (now) => progress.push(now) })).toEqual({ digest: root })
    const [source, target] = [a.repository('app'), b.repository('team/app')]
    expect([...target.manifests.keys()].sort()).toEqual([...source.manifests.keys()].sort())
    for (const [digest, { bytes }] of target.manifests)
      expect(source.manifests.get(digest)?.bytes.equals(bytes)).toBe(true)
    expect([...target.blobs.keys()].sort()).toEqual([...source.blobs.keys()].sort())
    const puts = b.seen('PUT', /manifests/).map(({ path }) => path.split('/').at(-1))
    expect(puts.at(-1)).toBe('v2')
    expect(puts).toHaveLength(4)
    const kinds = writes(b).map((line) => (line.includes('blobs') ? 'blob' : 'manifest'))
    expect(kinds.lastIndexOf('blob')).toBeLessThan(kinds.indexOf('manifest'))
    expect(progress.at(-1)).toMatchObject({ phase: 'copying', completed: progress.at(-1)?.total })
    expect(progress.at(-1)?.parts.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done'])
    expect(writes(b).some((line) => line.includes('mount='))).toBe(false)
  })

  it('sends nothing twice: what is there exists, and a missing tag is all that is put', async () => {
    const [a, b] = [await start(), await start()]
    a.seed('app', 'v1')
    await copy(a, b)
    const before = writes(b).length
    const progress: Progress[] = []
    await copy(a, b, { onProgress: (now) => progress.push(now) })
    expect(writes(b).slice(before)).toEqual(['PUT /v2/team/app/manifests/v2'])
    expect(progress.at(-1)?.parts.map(({ state }) => state)).toEqual(['exists', 'exists'])
  })

  it('mounts what another repository of the target holds, and only from there', async () => {
    const [a, b] = [await start(), await start()]
    const { configDigest, config } = a.seed('app', 'v1')
    b.repository('old').blobs.set(configDigest, config)
    await copy(a, b, { mountFrom: (digest) => (digest === configDigest ? 'old' : null) })
    const mounts = writes(b).filter((line) => line.includes('mount='))
    expect(mounts).toEqual([expect.stringContaining('from=old')])
    expect(b.seen('PUT', /uploads/)).toHaveLength(1)
  })

  it('uses the session that came instead of a mount', async () => {
    const [a, b] = [await start(), await start()]
    const { configDigest } = a.seed('app', 'v1')
    await copy(a, b, { mountFrom: (digest) => (digest === configDigest ? 'old' : null) })
    expect(b.seen('POST', /uploads/)).toHaveLength(2)
    expect(b.uploads.sessions.size).toBe(0)
  })

  it('goes on with the sessions of its journal', async () => {
    const [a, b] = [await start(), await start()]
    const layer = randomBytes(3_000_000)
    const { config, configDigest } = a.seed('app', 'x')
    a.repository('app').blobs.set(sha256(layer), layer)
    const manifest = {
      ...{ schemaVersion: 2, mediaType: mediaTypes.ociManifest },
      config: { mediaType: mediaTypes.ociConfig, digest: configDigest, size: config.length },
      layers: [
        { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: sha256(layer), size: layer.length },
      ],
    }
    a.store('app', 'v1', mediaTypes.ociManifest, Buffer.from(JSON.stringify(manifest)))
    const kept = new Map<string, UploadSession>()
    const journal = {
      session: (digest: string) => kept.get(digest) ?? null,
      note: (digest: string, session: UploadSession | null) =>
        void (session ? kept.set(digest, session) : kept.delete(digest)),
    }
    a.on(
      'GET',
      new RegExp(`blobs/${sha256(layer)}`),
      (_request, response) => {
        response.writeHead(200, { 'content-length': layer.length }).write(layer.subarray(0, 2_000_000))
      },
      1,
    )
    const stop = new AbortController()
    const onProgress = ({ completed }: Progress): void => void (completed > 1_000_000 && stop.abort())
    await failure(copy(a, b, { journal, signal: stop.signal, onProgress }), 'CANCELLED')
    const offset = kept.get(sha256(layer))?.offset ?? 0
    expect(offset).toBeGreaterThan(1_000_000)
    expect(offset).toBeLessThanOrEqual(2_000_000)
    expect(b.repository('team/app').tags.size).toBe(0)
    await copy(a, b, { journal })
    expect(kept.size).toBe(0)
    expect(b.uploads.received).toBe(layer.length + config.length)
    expect(a.seen('GET', /blobs/).map(({ headers }) => headers.range)).toContain(`bytes=${offset}-`)
  })

  it('passes on what the source lacks, and leaves no tag', async () => {
    const [a, b] = [await start(), await start()]
    const { configDigest } = a.seed('app', 'v1')
    a.repository('app').blobs.delete(configDigest)
    const error = await failure(copy(a, b), 'BLOB_UNKNOWN')
    expect(error.context).toMatchObject({ host: a.host, repository: 'app' })
    expect(b.repository('team/app').tags.size).toBe(0)
  })

  it('never takes bytes that are not those of the digest', async () => {
    const [a, b] = [await start(), await start()]
    const { configDigest, config } = a.seed('app', 'v1')
    a.repository('app').blobs.set(configDigest, Buffer.alloc(config.length))
    await failure(copy(a, b), 'DIGEST_MISMATCH')
    expect(b.repository('team/app').blobs.has(configDigest)).toBe(false)
  })

  it('looks at everything again where the target turns out to lack something', async () => {
    const [a, b] = [await start(), await start()]
    const { digest, configDigest } = a.seed('app', 'v1')
    await copy(a, b)
    b.repository('team/app').blobs.delete(configDigest)
    b.on('PUT', /manifests\/v2/, refusal(404, 'MANIFEST_BLOB_UNKNOWN'), 1)
    expect(await copy(a, b)).toEqual({ digest })
    expect(b.repository('team/app').blobs.has(configDigest)).toBe(true)
  })

  it('leaves foreign layers where they are', async () => {
    const [a, b] = [await start(), await start()]
    const { config, configDigest } = a.seed('app', 'x')
    const manifest = {
      ...{ schemaVersion: 2, mediaType: mediaTypes.dockerManifest },
      config: { mediaType: mediaTypes.dockerConfig, digest: configDigest, size: config.length },
      layers: [
        {
          ...{
            mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
            digest: sha256('w'),
            size: 1,
          },
          urls: ['http://127.0.0.1:9/w'],
        },
      ],
    }
    const digest = a.store('app', 'v1', mediaTypes.dockerManifest, Buffer.from(JSON.stringify(manifest)))
    expect(await copy(a, b)).toEqual({ digest })
  })
})

describe('within a registry', () => {
  it('mounts every blob and moves none', async () => {
    const registry = await start()
    const root = seedIndex(registry)
    expect(await copy(registry, registry)).toEqual({ digest: root })
    expect(registry.uploads.received).toBe(0)
    expect(registry.seen('GET', /blobs/)).toHaveLength(0)
    expect(registry.repository('team/app').blobs.size).toBe(4)
  })

  it('streams what it may not mount', async () => {
    const registry = await start()
    const { digest } = registry.seed('app', 'v1')
    registry.on('POST', /mount=/, refusal(403, 'DENIED'))
    expect(await copy(registry, registry)).toEqual({ digest })
    expect(registry.repository('team/app').blobs.size).toBe(2)
  })

  it('puts another tag of the same repository with one request', async () => {
    const registry = await start()
    const { digest } = registry.seed('app', 'v1')
    expect(await copy(registry, registry, { to: 'app' })).toEqual({ digest })
    expect(registry.requests.map(({ method }) => method)).toEqual(['GET', 'PUT'])
    expect(registry.repository('app').tags.get('v2')).toBe(digest)
  })
})

describe('what refers to the image', () => {
  it.each([true, false])('comes along, where the target lists referrers itself: %s', async (lists) => {
    const [a, b] = [await start(), await start()]
    b.referrers = lists
    const { digest } = a.seed('app', 'v1')
    const sbom = seedReferrer(a, digest)
    const signature = seedReferrer(a, sbom)
    await copy(a, b)
    const client = clientOf(b.endpoint())
    expect((await client.listReferrers('team/app', digest)).map((each) => each.digest)).toEqual([sbom])
    expect((await client.listReferrers('team/app', sbom)).map((each) => each.digest)).toEqual([signature])
    expect(b.repository('team/app').tags.has(referrersTag(digest))).toBe(!lists)
    expect(b.seen('PUT', /manifests/).at(-1)?.path).toMatch(/\/v2$/)
  })

  it('is added to what the target lists already', async () => {
    const [a, b] = [await start(), await start()]
    b.referrers = false
    const { digest } = a.seed('app', 'v1')
    const first = seedReferrer(a, digest)
    await copy(a, b)
    const second = seedReferrer(a, digest)
    await copy(a, b)
    const found = await clientOf(b.endpoint()).listReferrers('team/app', digest)
    expect(found.map((each) => each.digest).sort()).toEqual([first, second].sort())
    expect(found[0]?.artifactType).toBe('application/spdx+json')
  })

  it('comes by its tag where cosign put it there, and covers none of the target', async () => {
    const [a, b] = [await start(), await start()]
    const { digest } = a.seed('app', 'v1')
    const tag = `${referrersTag(digest)}.sig`
    const signature = a.seed('app', tag).digest
    await copy(a, b)
    expect(b.repository('team/app').tags.get(tag)).toBe(signature)
    const other = b.seed('team/app', tag).digest
    await copy(a, b)
    expect(b.repository('team/app').tags.get(tag)).toBe(other)
  })

  it('stays where it is not wanted', async () => {
    const [a, b] = [await start(), await start()]
    seedReferrer(a, a.seed('app', 'v1').digest)
    await copy(a, b, { referrers: false })
    expect(b.repository('team/app').manifests.size).toBe(1)
    expect(a.seen('GET', /referrers/)).toHaveLength(0)
  })
})
