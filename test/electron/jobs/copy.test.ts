import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CopyRequest, JobResult } from '@shared/job'
import { mediaTypes } from '@shared/oci'
import { type CopyParts, createCopyRunner } from '../../../electron/jobs/copy'
import { createCopyPlanner } from '../../../electron/jobs/copy-plan'
import { JobTable } from '../../../electron/jobs/job-table'
import type { RegistryAccess } from '../../../electron/jobs/registry-access'
import { silentLog } from '../../../electron/log'
import { FakeRegistry } from './fake-registry'
import { copyOf, digestA } from './samples'

let folder: string
let table: JobTable
let source: FakeRegistry
let target: FakeRegistry
let digest: string
let copied: Parameters<NonNullable<CopyParts['copy']>>[0][]

const from = { registryId: 'from', repository: 'library/nginx', reference: '1.25' }

const registries = (): RegistryAccess => ({
  ...target.access(),
  client: (id) => (id === 'from' ? source : target),
  host: (id) => (id === 'from' ? 'from.example.com' : 'registry.example.com'),
})

const run = (
  change: Partial<CopyRequest> = {},
  parts: Partial<CopyParts> = {},
  isContinued = false,
): Promise<JobResult> =>
  createCopyRunner({
    registries: registries(),
    known: { repositoriesWithBlob: () => ['727524/other', '727524/nginx'] },
    uploads: table.uploads,
    deleted: table.deleted,
    onPushed: () => undefined,
    onDeleted: () => undefined,
    verifyPauses: [],
    copy: (request) => {
      copied.push(request)
      const manifest = source.manifests.get(request.source.reference)
      if (!manifest) throw new Error('not there')
      target.manifests.set(request.source.reference, manifest)
      target.tags.set(request.target.tag, request.source.reference)
      return Promise.resolve({ digest: request.source.reference })
    },
    ...parts,
  })(copyOf({ from, digest, ...change }), {
    ...{ id: 'job', isContinued, signal: new AbortController().signal },
    ...{ report: () => undefined, log: () => undefined },
  })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'copy-'))
  table = new JobTable(folder, silentLog)
  source = new FakeRegistry()
  target = new FakeRegistry()
  digest = source.seed({ architecture: 'amd64', os: 'linux' }, '1.25', 'latest')
  copied = []
})
afterEach(() => {
  table.close()
  rmSync(folder, { recursive: true })
})

describe('copying', () => {
  it('copies what the user saw, with a journal, and verifies it', async () => {
    const result = await run()
    expect(result).toEqual({ digest, references: ['registry.example.com/727524/nginx:v1'] })
    expect(copied[0]).toMatchObject({ sameRegistry: false, referrers: true, source: { reference: digest } })
    const session = { location: 'somewhere', offset: 7 }
    copied[0]?.journal?.note(digestA, session)
    expect(table.uploads.session('job', digestA)).toEqual(session)
    expect(copied[0]?.mountFrom?.(digestA)).toBe('727524/other')
    expect(source.writes).toEqual([])
  })

  it('writes nothing again where it was ended behind its last step; asked for anew, it does', async () => {
    await run()
    expect(await run({}, {}, true)).toMatchObject({ digest })
    expect(copied).toHaveLength(1)
    await run()
    expect(copied).toHaveLength(2)
  })

  it('copies nothing where the source has moved, or the target is taken', async () => {
    await expect(run({ digest: digestA })).rejects.toMatchObject({
      code: 'TAG_CHANGED',
      context: { registryId: 'from', repository: 'library/nginx', digest: digestA },
    })
    target.seed({ image: 9 }, 'v1')
    await expect(run()).rejects.toMatchObject({ code: 'TAG_EXISTS', context: { registryId: 'r' } })
    expect(copied).toEqual([])
  })

  it('does not count as done what has not arrived', async () => {
    const copy = (): Promise<{ digest: string }> => Promise.resolve({ digest })
    const failed = run({ removeSource: true }, { copy })
    await expect(failed).rejects.toMatchObject({ code: 'NOT_VERIFIED' })
    expect(source.tags.get('1.25')).toBe(digest)
  })
})

describe('renaming', () => {
  it('takes the source tag away at the end, keeps what it was, and spares its siblings', async () => {
    await run({ removeSource: true })
    expect([...source.tags.keys()]).toEqual(['latest'])
    expect(source.tags.get('latest')).toBe(digest)
    const place = { registryId: 'from', repository: 'library/nginx' }
    expect(table.deleted.list(place)).toMatchObject([{ tag: '1.25', digest }])
  })

  it('inside a repository leaves the new tag as the only name', async () => {
    source.tags.delete('latest')
    const one = { ...from, registryId: 'from' }
    target = source
    await run({ from: one, registryId: 'from', repository: 'library/nginx', tag: '1.26', removeSource: true })
    expect([...source.tags]).toEqual([['1.26', digest]])
  })

  it('is done where an earlier attempt had come to the end', async () => {
    await run({ removeSource: true })
    await expect(run({ removeSource: true })).resolves.toMatchObject({ digest })
  })

  it('goes on where an earlier attempt had left the source on a placeholder', async () => {
    await run()
    const held = JSON.parse(source.manifests.get(digest)?.bytes.toString() ?? '') as object
    const placeholder = source.seedManifest(
      { ...held, annotations: { 'app.slipway.placeholder': 'x' } },
      mediaTypes.ociManifest,
      '1.25',
    )
    await expect(run({ removeSource: true })).resolves.toMatchObject({ digest })
    expect(source.manifests.has(placeholder)).toBe(false)
    expect([...source.tags]).toEqual([['latest', digest]])
  })

  it('leaves a source alone that names something else by now', async () => {
    await run()
    const other = source.seed({ architecture: 'arm64', os: 'linux' }, '1.25')
    await expect(run({ removeSource: true })).rejects.toMatchObject({ code: 'TAG_CHANGED' })
    expect(source.tags.get('1.25')).toBe(other)
  })

  it('refuses to name a tag as it is', async () => {
    const itself = { registryId: 'from', repository: 'library/nginx', tag: '1.25' }
    await expect(run({ ...itself, removeSource: true })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    expect(source.tags.get('1.25')).toBe(digest)
  })
})

describe('the plan to copy', () => {
  it('counts what is there and what can be mounted', async () => {
    const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestA, size: 100 }
    const held = JSON.parse(source.manifests.get(digest)?.bytes.toString() ?? '') as { config: object }
    const image = source.seedManifest({ ...held, layers: [layer] }, mediaTypes.ociManifest, '2')
    const known = { repositoriesWithBlob: () => ['727524/other'] }
    const plan = createCopyPlanner({ registries: registries(), known })
    const request = {
      from: { ...from, reference: '2' },
      registryId: 'r',
      repository: '727524/nginx',
      tag: 'v1',
    }
    expect(await plan(request)).toMatchObject({
      ...{ digest: image, platforms: ['linux/amd64'], layers: 1, layersThere: 0, layersMounted: 1 },
      ...{ bytes: 100, bytesMounted: 100, referrers: 0, existing: null, same: false, error: null },
    })
    source.seed({ signature: true }, `${image.replace(':', '-')}.sig`)
    expect(await plan(request)).toMatchObject({ referrers: 1 })
    target.blobs.set(digestA, Buffer.alloc(100))
    target.seed({ architecture: 'arm64', os: 'linux' }, 'v1')
    expect(await plan(request)).toMatchObject({ layersThere: 1, platformsLost: ['linux/arm64'] })
    await expect(plan({ ...request, from: { ...from, reference: '9' } })).rejects.toMatchObject({
      code: 'MANIFEST_UNKNOWN',
    })
  })
})
