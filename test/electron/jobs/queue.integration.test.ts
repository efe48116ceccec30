/** Long because all kinds of jobs share one lab. Jobs from the queue down on real parts: an engine, registries that want a token or delete nothing, a keyring. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { JobRequest } from '@shared/job'
import type { Registry as RegistrySetting } from '@shared/registry'
import { KeytarKeychain } from '../../../electron/credentials/keytar'
import { createDeletePlanner } from '../../../electron/jobs/delete-plan'
import { createPushPlanner } from '../../../electron/jobs/push-plan'
import { startEngine, type Engine as LabEngine } from '../../lab/engine'
import { engineDemand } from '../../lab/engine-api'
import { startKeyring, type Keyring } from '../../lab/keyring'
import { buildMachineImage } from '../../lab/machine-image'
import { startRegistry, type Registry } from '../../lab/registry'
import { until } from '../../lab/until'
import { Program, repository } from './program'

const image = 'local/app:1'
const otherImage = 'local/app:2'

let keyring: Keyring
let labEngine: LabEngine
let bearer: Registry
let undeletable: Registry
let folder: string
let program: Program
let ours: RegistrySetting
let fixed: RegistrySetting

beforeAll(async () => {
  keyring = await startKeyring()
  for (const [name, value] of Object.entries(keyring.env)) vi.stubEnv(name, value)
  ;[labEngine, bearer, undeletable] = await Promise.all([
    startEngine(),
    startRegistry({ auth: 'bearer', tls: true }),
    startRegistry({ auth: 'basic', tls: true, delete: false }),
  ])
  await buildMachineImage(labEngine.host, image, [300_000, 50_000])
  await buildMachineImage(labEngine.host, otherImage, [200_000])
  folder = mkdtempSync(join(tmpdir(), 'jobs-'))
  program = new Program(folder, labEngine.host)
  await program.connected()
  ours = await program.add(bearer)
  fixed = await program.add(undeletable)
})

afterAll(async () => {
  await program.stop()
  await Promise.all([labEngine.stop(), bearer.stop(), undeletable.stop()])
  rmSync(folder, { recursive: true })
  vi.unstubAllEnvs()
  await keyring.stop()
})

const pushOf = (
  tag: string,
  change: { reference?: string; replaces?: string | null } = {},
): Promise<JobRequest & { kind: 'push' }> =>
  program.pushOf(ours.id, change.reference ?? image, tag, change.replaces ?? null)
const run: Program['run'] = (request) => program.run(request)
const digestAt = (tag: string, registry = ours): Promise<string | null> => program.digestAt(registry.id, tag)
const temporary = (tag: string): Promise<string | null> =>
  program.engine.imageIdOf(`${bearer.host}/${repository}:${tag}`)

describe('push', () => {
  it('arrives under the digest that the registry answers, with progress, and leaves no name behind', async () => {
    program.told.length = 0
    const job = await run(await pushOf('v1'))
    expect(job).toMatchObject({ state: 'succeeded', error: null, host: bearer.host })
    expect(job.result).toEqual({
      digest: await digestAt('v1'),
      references: [`${bearer.host}/${repository}:v1`],
    })
    const phases = program.told.map((snapshot) => snapshot.progress.phase)
    expect(phases).toContain('done')
    expect(job.progress.parts.length).toBe(3)
    expect(job.progress.completed).toBe(job.progress.total)
    expect(await temporary('v1')).toBeNull()
    expect((await program.engine.inspectImage(image)).references).toEqual([image])
    expect(program.pushed).toContain(repository)
    expect(program.queue.log(job.id).join('\n')).toMatch(/name was taken away/)
  })

  it('has nothing to send when the tag names this very image already', async () => {
    const job = await run(await pushOf('v1'))
    expect(job).toMatchObject({ state: 'succeeded', result: { digest: await digestAt('v1') } })
  })

  it('covers a tag only with consent, which retry can bring', async () => {
    const before = await digestAt('v1')
    const refused = await run(await pushOf('v1', { reference: otherImage }))
    expect(refused).toMatchObject({
      state: 'failed',
      error: { code: 'TAG_EXISTS', context: { digest: before } },
    })
    expect(await digestAt('v1')).toBe(before)
    program.queue.retry(refused.id, before ?? '')
    const job = await program.ended(refused.id)
    expect(job).toMatchObject({ state: 'succeeded', attempt: 2 })
    expect(await digestAt('v1')).toBe(job.result?.digest)
    expect(job.result?.digest).not.toBe(before)
    const late = await run(await pushOf('v1', { replaces: before }))
    expect(late).toMatchObject({ state: 'failed', error: { code: 'TAG_CHANGED' } })
  })

  it('tells beforehand what it would do', async () => {
    const cache = { knownDiffIds: () => new Map() }
    const plan = createPushPlanner({ registries: program.registries, engine: program.engine, cache })
    const imageId = (await program.engine.imageIdOf(image)) ?? ''
    const place = { imageId, registryId: ours.id, repository }
    expect(await plan({ ...place, tag: 'v1' })).toMatchObject({
      platform: 'linux/amd64',
      layers: 3,
      existing: { digest: await digestAt('v1'), platforms: ['linux/amd64'] },
      same: false,
      error: null,
    })
    const same = { ...place, imageId: (await program.engine.imageIdOf(otherImage)) ?? '', tag: 'v1' }
    expect(await plan(same)).toMatchObject({ same: true })
    expect(await plan({ ...place, tag: 'new' })).toMatchObject({ existing: null, error: null })
  })

  it('fails in words with a password that is not right any more', async () => {
    const account = ours.activeAccountId ?? ''
    const keychain = new KeytarKeychain()
    const right = (await keychain.get(account)) ?? ''
    await keychain.set(account, randomBytes(8).toString('hex'))
    await program.registries.chooseAccount(ours.id, null)
    await program.registries.chooseAccount(ours.id, account)
    const job = await run(await pushOf('wrong-password'))
    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'UNAUTHORIZED', context: { host: bearer.host } },
    })
    expect(program.registries.get(ours.id).reachability).toBe('sign-in-needed')
    await keychain.set(account, right)
    program.queue.retry(job.id)
    const again = await program.ended(job.id)
    expect(again).toMatchObject({ state: 'succeeded', attempt: 2 })
    expect(program.registries.get(ours.id).reachability).toBe('online')
  })

  it('fails in words with an account that may only read', async () => {
    await program.signIn(ours.id, bearer, 'reader')
    const job = await run(await pushOf('read-only'))
    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'DENIED', context: { registryId: ours.id } },
    })
    expect(await temporary('read-only')).toBeNull()
    ours = await program.signIn(ours.id, bearer, 'developer')
  })

  it('fails in words when the engine does not trust the certificate that the program trusts', async () => {
    const untrusted = await startRegistry({ tls: true, listen: labEngine.address })
    try {
      const { id } = await program.add(untrusted)
      const job = await run({ ...(await pushOf('v1')), registryId: id })
      const reference = `${untrusted.host}/${repository}:v1`
      expect(job).toMatchObject({
        state: 'failed',
        error: { code: 'ENGINE_UNTRUSTED_REGISTRY', context: { host: untrusted.host, reference } },
      })
      expect(await program.engine.imageIdOf(reference)).toBeNull()
    } finally {
      await untrusted.stop()
    }
  })

  it('stops when it is cancelled, and can be tried again', async () => {
    await buildMachineImage(labEngine.host, 'local/big:1', [60_000_000])
    const { id } = program.queue.enqueue(await pushOf('big', { reference: 'local/big:1' }))
    await until('some bytes', () =>
      program.queue.list().some((job) => job.id === id && job.progress.completed > 0),
    )
    program.queue.cancel(id)
    expect(await program.ended(id)).toMatchObject({ state: 'cancelled', error: null })
    expect(await digestAt('big')).toBeNull()
    expect(await temporary('big')).toBeNull()
    program.queue.retry(id)
    expect(await program.ended(id)).toMatchObject({ state: 'succeeded' })
  })

  it('leaves the name of an image that would be gone without it', async () => {
    await buildMachineImage(labEngine.host, 'local/dangling:1', [1000])
    const imageId = (await program.engine.imageIdOf('local/dangling:1')) ?? ''
    await buildMachineImage(labEngine.host, 'local/dangling:1', [2000])
    expect((await program.engine.inspectImage(imageId)).references).toEqual([])
    const job = await run({ ...(await pushOf('dangling')), imageId })
    expect(job.state).toBe('succeeded')
    expect(await temporary('dangling')).toBe(imageId)
    expect(program.queue.log(job.id).join('\n')).toMatch(/only name/)
  })

  it('takes away after a crash what it had put', async () => {
    const imageId = (await program.engine.imageIdOf(image)) ?? ''
    const name = `${bearer.host}/${repository}`
    const endpoint = program.engine.state.endpoint?.id ?? ''
    program.table.noteTemporary({ endpoint, repository: name, tag: 'crashed', imageId, previousId: null })
    await program.engine.tagImage(imageId, name, 'crashed')
    await program.stop()
    program = new Program(folder, labEngine.host)
    await program.connected()
    await until('the name to go', async () => (await temporary('crashed')) === null)
    expect(program.table.temporaryReferences()).toEqual([])
    expect((await program.engine.inspectImage(image)).references).toEqual([image])
    expect(program.queue.list().some((job) => job.state === 'succeeded')).toBe(true)
  })
})

describe('pull', () => {
  it('brings a tag and a digest into the engine', async () => {
    const digest = (await digestAt('v1')) ?? ''
    await engineDemand(labEngine.host, 'DELETE', `/images/${otherImage}`)
    const place = { kind: 'pull', registryId: ours.id, repository, platform: null } as const
    const byTag = await run({ ...place, reference: 'v1' })
    const name = `${bearer.host}/${repository}`
    expect(byTag).toMatchObject({ state: 'succeeded', result: { digest, references: [`${name}:v1`] } })
    expect(await program.engine.imageIdOf(`${name}:v1`)).not.toBeNull()
    const byDigest = await run({ ...place, reference: digest })
    expect(byDigest).toMatchObject({
      state: 'succeeded',
      result: { digest, references: [`${name}@${digest}`] },
    })
    const unknown = await run({ ...place, reference: 'unknown' })
    expect(unknown).toMatchObject({ state: 'failed', error: { code: 'MANIFEST_UNKNOWN' } })
  })
})

describe('delete', () => {
  const request = (
    registry: RegistrySetting,
    tag: string,
    digest: string,
  ): JobRequest & { kind: 'delete' } => ({
    ...{ kind: 'delete', registryId: registry.id, repository, tag, digest },
    ...{ siblings: [], extent: 'tag' },
  })

  async function giveSiblings(registry: RegistrySetting, from: string, ...tags: string[]): Promise<string> {
    const client = program.registries.client(registry.id)
    const held = await client.fetchManifest(repository, from)
    for (const tag of tags) await client.putManifest(repository, tag, held)
    return held.digest
  }

  it('takes one tag and spares those that share its digest', async () => {
    const digest = await giveSiblings(ours, 'v1', 'v1.0', 'latest')
    const plan = await createDeletePlanner({ registries: program.registries })({
      registryId: ours.id,
      repository,
      tag: 'v1',
    })
    expect(plan).toEqual({ digest, siblings: ['latest', 'v1.0'] })
    const job = await run(request(ours, 'v1', digest))
    expect(job).toMatchObject({
      state: 'succeeded',
      result: { references: [`${bearer.host}/${repository}:v1`] },
    })
    expect(await program.tagsOf(ours.id)).not.toContain('v1')
    expect([await digestAt('v1.0'), await digestAt('latest')]).toEqual([digest, digest])
  })

  it('takes a manifest with all its tags, but only those that were shown', async () => {
    const digest = await giveSiblings(ours, 'latest', 'new')
    const shown = { ...request(ours, 'latest', digest), extent: 'manifest' } as const
    const early = await run({ ...shown, siblings: ['v1.0'] })
    expect(early).toMatchObject({ state: 'failed', error: { code: 'TAG_CHANGED' } })
    expect(await digestAt('new')).toBe(digest)
    const job = await run({ ...shown, siblings: ['new', 'v1.0'] })
    expect(job.state).toBe('succeeded')
    expect(await program.tagsOf(ours.id)).not.toEqual(expect.arrayContaining(['latest']))
    expect([await digestAt('v1.0'), await digestAt('latest'), await digestAt('new')]).toEqual([
      null,
      null,
      null,
    ])
  })

  it('changes nothing where the registry deletes nothing', async () => {
    const push = await run({ ...(await pushOf('v1')), registryId: fixed.id })
    expect(push.state).toBe('succeeded')
    const digest = await giveSiblings(fixed, 'v1', 'latest')
    const tag = await run(request(fixed, 'v1', digest))
    expect(tag).toMatchObject({ state: 'failed', error: { code: 'DELETE_DISABLED' } })
    const manifest = await run({ ...request(fixed, 'v1', digest), extent: 'manifest', siblings: ['latest'] })
    expect(manifest).toMatchObject({ state: 'failed', error: { code: 'DELETE_DISABLED' } })
    expect(await program.tagsOf(fixed.id)).toEqual(['latest', 'v1'])
    expect([await digestAt('v1', fixed), await digestAt('latest', fixed)]).toEqual([digest, digest])
  })
})

describe('a resumable push', () => {
  it('sends what the engine exports, so that it is the same image', async () => {
    const push = await pushOf('exported')
    const job = await run({ ...push, kind: 'resumable-push' })
    expect(job).toMatchObject({ state: 'succeeded', result: { digest: await digestAt('exported') } })
    const { content } = await program.registries.client(ours.id).fetchManifest(repository, 'exported')
    expect(content).toMatchObject({ manifest: { config: { digest: push.imageId } } })
    expect(program.told.some(({ progress }) => progress.phase === 'exporting')).toBe(true)
    await until('the export to go', () => readdirSync(join(folder, 'spool')).length === 0)
  })

  it('says that the engine does not have the image', async () => {
    const imageId = `sha256:${'0'.repeat(64)}`
    const job = await run({ ...(await pushOf('exported')), kind: 'resumable-push', imageId })
    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'IMAGE_NOT_FOUND', context: { reference: image } },
    })
  })
})
