/** Jobs without an engine from the queue down, on registries as they are: archives, going on, copies, deletions, undoing. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Job, JobRequest, JobState } from '@shared/job'
import type { Registry as RegistrySetting } from '@shared/registry'
import { JobTable } from '../../../electron/jobs/job-table'
import { silentLog } from '../../../electron/log'
import { startFaultProxy, type FaultProxy } from '../../lab/fault-proxy'
import { buildArtifact, buildAttestation, buildImage, buildIndex, digestOf } from '../../lab/oci-image'
import { randomBytesOf } from '../../lab/random-bytes'
import { startRegistry, type Registry } from '../../lab/registry'
import { packTar } from '../../lab/tar'
import { until } from '../../lab/until'
import { MemoryKeychain } from '../credentials/memory-keychain'
import { dockerSave, layerOf, ociLayout } from './archive-sample'
import { Program, repository } from './program'

const MiB = 1024 * 1024
const keychain = new MemoryKeychain()

let bearer: Registry
let open: Registry
let slow: FaultProxy
let folder: string
let program: Program
let ours: RegistrySetting
let other: RegistrySetting

/** The open registry behind a way that can be made slow. */
const through = (): Registry => ({ ...open, host: slow.address, url: `http://${slow.address}` })

beforeAll(async () => {
  ;[bearer, open] = await Promise.all([startRegistry({ auth: 'bearer', tls: true }), startRegistry()])
  slow = await startFaultProxy({ to: open.host })
  folder = mkdtempSync(join(tmpdir(), 'archive-jobs-'))
  program = new Program(folder, undefined, keychain)
  ours = await program.add(bearer)
  other = await program.add(through())
})

afterAll(async () => {
  await program.stop()
  await slow.stop()
  await Promise.all([bearer.stop(), open.stop()])
  rmSync(folder, { recursive: true })
})

function archive(name: string, bytes: Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

async function pushOf(path: string, change: Partial<JobRequest & { kind: 'archive-push' }> = {}) {
  const { images } = await program.jobs.shelf.list(path)
  return {
    ...{ kind: 'archive-push' as const, path, image: 0, digest: images[0]?.digest ?? '', source: 'app:1' },
    ...{ registryId: ours.id, repository, tag: 'v1', replaces: null },
    ...change,
  }
}

const jobOf = (of: Program, id: string): Job | undefined => of.queue.list().find((job) => job.id === id)
const reaches = (id: string, state: JobState, of = program): Promise<unknown> =>
  until(`job ${id} ${state}`, () => jobOf(of, id)?.state === state, {
    timeout: 60_000,
    explain: () => JSON.stringify(jobOf(of, id)),
  })
const sentOf = (job: Job | undefined): number => job?.progress.completed ?? 0

describe('pushing an archive', () => {
  it('sends a docker archive so that its layers are those that were saved', async () => {
    const layers = [layerOf('base', 3 * MiB), layerOf('top', 100_000)]
    const path = archive('app.tar', dockerSave(layers).tar)
    const job = await program.run(await pushOf(path))
    expect(job).toMatchObject({
      state: 'succeeded',
      result: { digest: await program.digestAt(ours.id, 'v1') },
    })
    const client = program.registries.client(ours.id)
    const { content } = await client.fetchManifest(repository, 'v1')
    if (content.kind !== 'manifest') throw new Error('an index')
    const diffIds = await Promise.all(
      content.manifest.layers.map(async (layer) => {
        const chunks: Buffer[] = []
        for await (const chunk of await client.openBlob(repository, layer)) chunks.push(chunk as Buffer)
        return digestOf(gunzipSync(Buffer.concat(chunks)))
      }),
    )
    expect(diffIds).toEqual(layers.map(digestOf))
    expect(program.pushed).toContain(repository)
    const again = await program.run(await pushOf(path, { tag: 'v1-again' }))
    expect(again.progress.parts.map(({ state }) => state)).toEqual(['exists', 'exists'])
  })

  it('sends an index whole, and mounts for another repository what one has', async () => {
    const image = (architecture: string) =>
      buildImage({
        seed: architecture,
        format: 'oci',
        platform: { os: 'linux', architecture },
        layers: [{ size: MiB }],
      })
    const amd = image('amd64')
    const index = buildIndex('oci', [amd, image('arm64'), buildAttestation(amd)])
    const path = archive('multi.tar', ociLayout(index, 'v1'))
    expect(await program.run(await pushOf(path, { tag: 'multi' }))).toMatchObject({ state: 'succeeded' })
    expect(await program.digestAt(ours.id, 'multi')).toBe(index.manifest.digest)
    for (const { blobs } of index.children)
      for (const { digest } of blobs) program.known.set(digest, [repository])
    const request = await pushOf(path, { repository: '727524/other', tag: 'multi' })
    expect(await program.jobs.planArchive(request)).toMatchObject({ layers: 3, layersMounted: 3 })
    const mounted = await program.run(request)
    expect(mounted).toMatchObject({ state: 'succeeded', result: { digest: index.manifest.digest } })
    expect(mounted.progress.parts.map(({ state }) => state)).toEqual(['mounted', 'mounted', 'mounted'])
  })
})

describe('going on', () => {
  const size = 40 * MiB
  const big = (seed: string, bytes = size): Buffer =>
    packTar([{ path: 'big', data: randomBytesOf(seed, bytes) }])

  /** Another run of the program on what is on disk, where the job still counts as running. */
  function killed(id: string): Program {
    const left = mkdtempSync(join(folder, 'left-'))
    for (const name of ['jobs.db', 'jobs.db-wal', 'registries.json'])
      cpSync(join(folder, name), join(left, name))
    const table = new JobTable(left, silentLog)
    const job = table.all().find((one) => one.id === id)
    if (job) table.save({ ...job, state: 'running' })
    table.close()
    return new Program(left, undefined, keychain)
  }

  it('pauses and resumes without sending again what was sent', async () => {
    const path = archive('pause.tar', dockerSave([big('pause')]).tar)
    slow.faults.delay = 10
    const before = slow.seen.up
    const { id } = program.queue.enqueue(await pushOf(path, { registryId: other.id, tag: 'paused' }))
    await until('some megabytes', () => sentOf(jobOf(program, id)) > 8 * MiB)
    program.queue.pause(id)
    await reaches(id, 'paused')
    const held = sentOf(jobOf(program, id))
    expect(program.table.uploads.sessions(id)).toHaveLength(1)
    delete slow.faults.delay
    program.queue.resume(id)
    await reaches(id, 'succeeded')
    expect(held).toBeGreaterThan(8 * MiB)
    expect(slow.seen.up - before).toBeLessThan(size + MiB)
    expect(program.table.uploads.sessions(id)).toEqual([])
    expect(await program.digestAt(other.id, 'paused')).not.toBeNull()
  })

  it('goes on by itself with what a program has left that died between two chunks', async () => {
    const path = archive('died.tar', dockerSave([big('died')]).tar)
    slow.faults.delay = 10
    const before = slow.seen.up
    const { id } = program.queue.enqueue(await pushOf(path, { registryId: other.id, tag: 'died' }))
    await until('some megabytes', () => sentOf(jobOf(program, id)) > 8 * MiB)
    program.queue.pause(id)
    await reaches(id, 'paused')
    slow.faults = {}
    const next = killed(id)
    try {
      expect(['queued', 'running']).toContain(jobOf(next, id)?.state)
      await reaches(id, 'succeeded', next)
      expect(await program.digestAt(other.id, 'died')).toBe(jobOf(next, id)?.result?.digest)
      expect(slow.seen.up - before).toBeLessThan(size + MiB)
    } finally {
      await next.stop()
    }
  })

  it('survives a cut in the middle of a layer, and sends no other layer again', async () => {
    const layers = [big('whole'), big('cut', size / 2)]
    const path = archive('cut.tar', dockerSave(layers).tar)
    slow.faults.delay = 5
    const { id } = program.queue.enqueue(await pushOf(path, { registryId: other.id, tag: 'cut' }))
    const isDone = (state: string): boolean => state === 'done'
    await until('a layer', () => jobOf(program, id)?.progress.parts.some((part) => isDone(part.state)))
    const before = slow.seen.up
    expect(jobOf(program, id)?.state).toBe('running')
    slow.cutAll()
    delete slow.faults.delay
    await reaches(id, 'succeeded')
    expect(slow.seen.up - before).toBeLessThan(size + 2 * MiB)
    expect(await program.digestAt(other.id, 'cut')).not.toBeNull()
  })

  it('takes the upload away when the job is cancelled', async () => {
    const path = archive('cancel.tar', dockerSave([big('cancel')]).tar)
    slow.faults.delay = 10
    const { id } = program.queue.enqueue(await pushOf(path, { registryId: other.id, tag: 'cancelled' }))
    await until('a session', () => program.table.uploads.sessions(id).length > 0)
    program.queue.cancel(id)
    await reaches(id, 'cancelled')
    slow.faults = {}
    await until('the end of the upload', () =>
      open.accessLog().some((line) => /"DELETE \S+\/blobs\/uploads\//.test(line)),
    )
    expect(program.table.uploads.sessions(id)).toEqual([])
  })
})

describe('copying', () => {
  const source = { repository: '727524/source', tag: 'v1' }
  const image = buildImage({ seed: 'copy', format: 'oci', layers: [{ size: MiB }] })
  const index = buildIndex('oci', [image, buildAttestation(image)])
  const signature = buildArtifact('application/vnd.test.signature', 'text/plain', Buffer.from('signed'))

  const copyOf = (change: Partial<JobRequest & { kind: 'copy' }> = {}): JobRequest & { kind: 'copy' } => ({
    ...{ kind: 'copy', registryId: ours.id, repository: '727524/promoted', tag: 'v1', replaces: null },
    ...{ digest: index.manifest.digest, removeSource: false },
    from: { registryId: ours.id, repository: source.repository, reference: source.tag },
    ...change,
  })
  const at = (registry: RegistrySetting, name: string, reference: string): Promise<string | null> =>
    program.registries
      .client(registry.id)
      .headManifest(name, reference)
      .then(
        ({ digest }) => digest,
        () => null,
      )

  beforeAll(() => {
    bearer.storage.put(source.repository, index, source.tag)
    // Distribution 2 has no referrers: they hang on the fallback tag.
    bearer.storage.put(
      source.repository,
      buildIndex('oci', [signature]),
      index.manifest.digest.replace(':', '-'),
    )
  })

  it('plans and makes a copy inside a registry without moving layers', async () => {
    const plan = await program.jobs.planCopy(copyOf())
    expect(plan).toMatchObject({ layers: 2, layersMounted: 2, referrers: 1, existing: null, error: null })
    const job = await program.run(copyOf())
    expect(job).toMatchObject({ state: 'succeeded', result: { digest: index.manifest.digest } })
    expect(await at(ours, '727524/promoted', 'v1')).toBe(index.manifest.digest)
    expect(await at(ours, '727524/promoted', signature.manifest.digest)).toBe(signature.manifest.digest)
    expect(job.progress.parts.every(({ state }) => state === 'mounted')).toBe(true)
  })

  it('copies to another registry, children and referrers included', async () => {
    const job = await program.run(copyOf({ registryId: other.id }))
    expect(job).toMatchObject({ state: 'succeeded' })
    for (const { manifest } of [index, ...index.children, signature])
      expect(await at(other, '727524/promoted', manifest.digest)).toBe(manifest.digest)
  })

  it('renames, and leaves the siblings of the old name', async () => {
    const client = program.registries.client(ours.id)
    const held = await client.fetchManifest('727524/promoted', 'v1')
    await client.putManifest('727524/promoted', 'stable', held)
    const from = { registryId: ours.id, repository: '727524/promoted', reference: 'v1' }
    const job = await program.run(copyOf({ from, tag: 'v2', removeSource: true }))
    expect(job).toMatchObject({ state: 'succeeded' })
    expect(await at(ours, '727524/promoted', 'v1')).toBeNull()
    expect(await at(ours, '727524/promoted', 'v2')).toBe(held.digest)
    expect(await at(ours, '727524/promoted', 'stable')).toBe(held.digest)
  })
})

describe('deleting and restoring', () => {
  it('takes several tags, spares the others of their images, and puts one back', async () => {
    const name = '727524/many'
    const [one, two] = ['one', 'two'].map((seed) =>
      buildImage({ seed, format: 'docker', layers: [{ size: 10_000 }] }),
    )
    if (!one || !two) throw new Error('no images')
    bearer.storage.put(name, one, 'a1', 'a2', 'a3')
    bearer.storage.put(name, two, 'b1', 'b2')
    const place = { registryId: ours.id, repository: name }
    const tags = ['a1', 'a2', 'b1', 'b2']
    const plan = await program.jobs.planDeleteTags({ ...place, tags })
    expect(plan.staying).toEqual([{ tag: 'a3', digest: one.manifest.digest }])
    const job = await program.run({ kind: 'delete-tags', ...place, tags: plan.going })
    expect(job).toMatchObject({ state: 'succeeded', progress: { completed: 4, total: 4 } })
    const client = program.registries.client(ours.id)
    const left: string[] = []
    for await (const page of client.listTags(name)) left.push(...page.items)
    expect(left).toEqual(['a3'])
    expect(program.jobs.listDeleted(place).map(({ tag }) => tag)).toEqual(expect.arrayContaining(tags))

    const { digest } = two.manifest
    const back = await program.run({ kind: 'restore', ...place, tag: 'b1', digest, replaces: null })
    expect(back).toMatchObject({ state: 'succeeded' })
    expect((await client.headManifest(name, 'b1')).digest).toBe(digest)
    expect(program.jobs.listDeleted(place).map(({ tag }) => tag)).not.toContain('b1')
  })
})
