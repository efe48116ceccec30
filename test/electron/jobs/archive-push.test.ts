import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ArchivePushRequest, JobResult, Progress } from '@shared/job'
import { mediaTypes } from '@shared/oci'
import { createArchivePlanner } from '../../../electron/jobs/archive-plan'
import { createArchivePushRunner } from '../../../electron/jobs/archive-push'
import { ArchiveShelf } from '../../../electron/jobs/archive-shelf'
import { JobTable } from '../../../electron/jobs/job-table'
import type { KnownBlobs } from '../../../electron/jobs/layer-sender'
import { silentLog } from '../../../electron/log'
import { buildAttestation, buildImage, buildIndex, digestOf } from '../../lab/oci-image'
import { dockerSave, layerOf, ociLayout } from './archive-sample'
import { FakeRegistry } from './fake-registry'
import { archivePushOf, digestA } from './samples'
import { waitFor } from '../../support/wait'

let folder: string
let table: JobTable
let shelf: ArchiveShelf
let registry: FakeRegistry
let reports: Progress[]
let lines: string[]
let known: {
  diffIds: Map<string, { digest: string; size: number }>
  blobs: Map<string, string[]>
  added: { repository: string; digest: string; diffId: string }[]
}

const path = (): string => join(folder, 'image.tar')
const cache = (): KnownBlobs => ({
  knownDiffIds: () => known.diffIds,
  repositoriesWithBlob: (_id, digest) => known.blobs.get(digest) ?? [],
  addLayers: (_id, repository, layers) =>
    void known.added.push(...layers.map(({ digest, diffId }) => ({ repository, digest, diffId }))),
})

function run(
  request: Partial<ArchivePushRequest>,
  { signal = new AbortController().signal, id = 'job' } = {},
): Promise<JobResult> {
  const runner = createArchivePushRunner({
    ...{ registries: registry.access(), known: cache(), uploads: table.uploads, shelf, verifyPauses: [] },
    onPushed: () => undefined,
  })
  const report = (progress: Progress): void => void reports.push(progress)
  return runner(archivePushOf({ path: path(), ...request }), {
    ...{ id, signal, report, log: (line: string) => lines.push(line) },
  })
}

const plan = (): ReturnType<ReturnType<typeof createArchivePlanner>> =>
  createArchivePlanner({ registries: registry.access(), known: cache(), uploads: table.uploads, shelf })({
    ...{ path: path(), image: 0, registryId: 'r', repository: '727524/nginx', tag: 'v1' },
  })

const manifestAt = (tag: string): { mediaType: string; layers: { digest: string; mediaType: string }[] } => {
  const { bytes } = registry.manifests.get(registry.tags.get(tag) ?? '') ?? { bytes: Buffer.from('null') }
  return JSON.parse(bytes.toString()) as ReturnType<typeof manifestAt>
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archive-push-'))
  table = new JobTable(folder, silentLog)
  shelf = new ArchiveShelf({ spoolFolder: join(folder, 'spool'), log: silentLog })
  registry = new FakeRegistry()
  reports = []
  lines = []
  known = { diffIds: new Map(), blobs: new Map(), added: [] }
})

afterEach(async () => {
  await shelf.close()
  table.close()
  rmSync(folder, { recursive: true })
})

describe('pushing what docker save wrote', () => {
  const base = layerOf('base', 300_000)
  const top = layerOf('top', 40_000)
  const layers = [base, top]
  const { tar, digest } = dockerSave(layers)

  it('compresses the layers, sends everything, and names it last', async () => {
    writeFileSync(path(), tar)
    const pushed = await run({ digest })
    expect(pushed).toEqual({
      digest: registry.tags.get('v1'),
      references: ['registry.example.com/727524/nginx:v1'],
    })
    const manifest = manifestAt('v1')
    expect(manifest.mediaType).toBe(mediaTypes.dockerManifest)
    const sent = manifest.layers.map((layer) => registry.blobs.get(layer.digest) ?? Buffer.alloc(0))
    expect(sent.map((bytes) => digestOf(gunzipSync(bytes)))).toEqual(layers.map(digestOf))
    expect(registry.writes.at(-1)).toBe('put v1')
    const last = reports.at(-1)
    expect(last).toMatchObject({ phase: 'verifying', completed: Buffer.concat(sent).length })
    expect(last?.completed).toBe(last?.total)
    expect(last?.parts.map(({ state }) => state)).toEqual(['done', 'done'])
  })

  it('sends and compresses nothing again under another tag, and nothing at all under the same', async () => {
    writeFileSync(path(), tar)
    await run({ digest })
    registry.writes.length = 0
    await run({ digest, tag: 'v2' })
    expect(registry.writes).toEqual(['put v2'])
    expect(registry.tags.get('v2')).toBe(registry.tags.get('v1'))
    await run({ digest, tag: 'v2' })
    expect(registry.writes).toEqual(['put v2'])
    expect(lines.join()).toMatch(/already/)
  })

  it('sends only the layer that is new', async () => {
    writeFileSync(path(), tar)
    await run({ digest })
    registry.writes.length = 0
    const next = dockerSave([base, layerOf('other', 50_000)])
    writeFileSync(join(folder, 'next.tar'), next.tar)
    await run({ path: join(folder, 'next.tar'), digest: next.digest, tag: 'v2' })
    expect(registry.writes).toEqual(['upload', 'put v2'])
    expect(reports.at(-1)?.parts.map(({ state }) => state)).toEqual(['exists', 'done'])
  })

  it('goes on where it was stopped, and with what a new run of the program finds', async () => {
    writeFileSync(path(), dockerSave([layerOf('big', 6_000_000)]).tar)
    const big = dockerSave([layerOf('big', 6_000_000)]).digest
    registry.stallAfter = 1
    const stop = new AbortController()
    const first = run({ digest: big }, { signal: stop.signal })
    await waitFor(() => expect(reports.at(-1)?.completed).toBeGreaterThan(0))
    stop.abort()
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' })
    const [session] = table.uploads.sessions('job')
    expect(session?.offset).toBeGreaterThan(0)
    table.close()
    await shelf.close()
    table = new JobTable(folder, silentLog)
    registry.stallAfter = null
    reports = []
    await run({ digest: big })
    expect(reports[0]?.completed).toBe(session?.offset)
    expect(registry.writes).toEqual([`upload from ${session?.offset}`, 'put v1'])
    expect(table.uploads.sessions('job')).toEqual([])
    const sent = registry.blobs.get(manifestAt('v1').layers[0]?.digest ?? '') ?? Buffer.alloc(0)
    expect(digestOf(gunzipSync(sent))).toBe(digestOf(layerOf('big', 6_000_000)))
  })

  it('takes layers that somebody else has compressed, here or in another repository', async () => {
    writeFileSync(path(), tar)
    const other = buildImage({ seed: 'x', format: 'docker', layers: [{ size: 1000 }, { size: 2000 }] })
    const [below, above] = other.blobs.slice(1)
    if (!below || !above) throw new Error('no layers')
    known.diffIds.set(digestOf(base), below)
    known.diffIds.set(digestOf(top), above)
    registry.blobs.set(below.digest, below.data)
    registry.elsewhere.set('library/base', new Map([[above.digest, above.data]]))
    known.blobs.set(above.digest, ['library/base'])
    expect(await plan()).toMatchObject({ layers: 2, layersThere: 1, layersMounted: 1, same: false })
    await run({ digest })
    expect(registry.writes).toEqual(['mount from library/base', 'put v1'])
    expect(manifestAt('v1').layers.map((layer) => layer.digest)).toEqual([below.digest, above.digest])
    expect(reports.at(-1)?.parts.map(({ state }) => state)).toEqual(['exists', 'mounted'])
  })

  it('covers nothing that the user did not agree to', async () => {
    writeFileSync(path(), tar)
    const there = registry.seed({ image: 1 }, 'v1')
    await expect(run({ digest })).rejects.toMatchObject({ code: 'TAG_EXISTS', context: { digest: there } })
    await expect(run({ digest, replaces: digestA })).rejects.toMatchObject({ code: 'TAG_CHANGED' })
    expect(registry.writes).toEqual([])
    await run({ digest, replaces: there })
    expect(registry.tags.get('v1')).not.toBe(there)
  })

  it('says that the archive is another one by now', async () => {
    writeFileSync(path(), tar)
    await run({ digest })
    writeFileSync(path(), dockerSave([layerOf('new', 1000)]).tar)
    const changed = { code: 'ARCHIVE_CHANGED', context: { file: 'image.tar' } }
    await expect(run({ digest, tag: 'v2' })).rejects.toMatchObject(changed)
    await expect(run({ digest, tag: 'v2', image: 7 })).rejects.toMatchObject(changed)
  })

  it('sends what the registry misses after all', async () => {
    writeFileSync(path(), tar)
    await run({ digest })
    const hasBlob = registry.hasBlob.bind(registry)
    let lied = 0
    registry.hasBlob = (repository, one) =>
      (lied += 1) <= 2 ? Promise.resolve(true) : hasBlob(repository, one)
    registry.blobs.clear()
    await run({ digest, tag: 'v2' })
    expect(registry.tags.get('v2')).toBe(registry.tags.get('v1'))
  })
})

describe('pushing an OCI layout', () => {
  const image = (seed: string, architecture: string): ReturnType<typeof buildImage> =>
    buildImage({ seed, format: 'oci', platform: { os: 'linux', architecture }, layers: [{ size: 20_000 }] })
  const amd = image('amd', 'amd64')
  const arm = image('arm', 'arm64')
  const attestation = buildAttestation(amd)
  const index = buildIndex('oci', [amd, arm, attestation])

  it('sends an index whole, its manifests before it, with the same digests', async () => {
    writeFileSync(path(), ociLayout(index, 'v1'))
    expect(await plan()).toMatchObject({
      digest: index.manifest.digest,
      platforms: ['linux/amd64', 'linux/arm64'],
      existing: null,
      error: null,
    })
    await run({ digest: index.manifest.digest })
    expect(registry.tags.get('v1')).toBe(index.manifest.digest)
    expect([...registry.manifests.keys()].sort()).toEqual(
      [index, ...index.children].map(({ manifest }) => manifest.digest).sort(),
    )
    expect(registry.writes.slice(-4)).toEqual(['put untagged', 'put untagged', 'put untagged', 'put v1'])
    expect(await plan()).toMatchObject({ same: true, layersThere: 3, platformsLost: [] })
  })

  it('remembers the layers of all platforms, so that they can be mounted elsewhere', async () => {
    writeFileSync(path(), ociLayout(index, 'v1'))
    await run({ digest: index.manifest.digest })
    const layers = [amd, arm].flatMap(({ blobs }) => blobs.slice(1))
    expect(known.added).toEqual(
      expect.arrayContaining(
        layers.map(({ digest, data }) => ({
          ...{ repository: '727524/nginx', digest },
          diffId: digestOf(gunzipSync(data)),
        })),
      ),
    )
  })

  it('sends the one platform that an engine has saved of an index', async () => {
    writeFileSync(path(), ociLayout(index, 'v1', [arm, attestation]))
    await run({ digest: index.manifest.digest })
    expect(registry.tags.get('v1')).toBe(amd.manifest.digest)
    expect(lines.join()).toMatch(/one platform/)
  })
})

describe('ArchiveShelf', () => {
  it('lists an archive, and opens it once for all', async () => {
    const { tar, digest } = dockerSave([layerOf('base', 1000)])
    writeFileSync(path(), tar)
    const listing = await shelf.list(path())
    expect(listing).toMatchObject({ kind: 'docker-archive', size: tar.length, path: path() })
    expect(listing.images).toMatchObject([
      { image: 0, references: ['app:1'], digest, platforms: ['linux/amd64'], layers: 1 },
    ])
    const [one, two] = await Promise.all([shelf.borrow(path(), 0), shelf.borrow(path(), 0)])
    expect(one.archive).toBe(two.archive)
    one.release()
    two.release()
  })

  it('holds only the last few open that nobody uses, and none whose file is taken away', async () => {
    const images = await Promise.all(
      Array.from({ length: 22 }, async (_, number) => {
        const file = join(folder, `${number}.tar`)
        writeFileSync(file, dockerSave([layerOf(`layer ${number}`, 1000)]).tar)
        return shelf.borrow(file, 0, { keep: number !== 21 })
      }),
    )
    const close = images.map(({ archive }) => vi.spyOn(archive, 'close'))
    for (const { release } of images) release()
    await waitFor(() => expect(close.filter(({ mock }) => mock.calls.length > 0)).toHaveLength(2))
    expect(close[0]).toHaveBeenCalledOnce()
    expect(close[21]).toHaveBeenCalledOnce()
  })

  it('lets an archive be that nobody waits for any more, without an error that nothing takes', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    writeFileSync(path(), gzipSync(dockerSave([layerOf('base', 3_000_000)]).tar))
    const stop = new AbortController()
    const borrowing = shelf.borrow(path(), 0, { signal: stop.signal, onReading: () => stop.abort() })
    await expect(borrowing).rejects.toMatchObject({ code: 'CANCELLED' })
    await shelf.close()
    await new Promise((done) => setImmediate(done))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('says why an archive cannot be opened, and opens it when it can', async () => {
    await expect(shelf.list(path())).rejects.toMatchObject({ code: 'ARCHIVE_UNREADABLE' })
    writeFileSync(path(), dockerSave([layerOf('base', 1000)]).tar)
    await expect(shelf.list(path())).resolves.toMatchObject({ kind: 'docker-archive' })
  })
})
