import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import type { DeleteRequest, JobResult } from '@shared/job'
import { createDeleteRunner } from '../../../electron/jobs/delete'
import { createDeletePlanner } from '../../../electron/jobs/delete-plan'
import { FakeRegistry } from './fake-registry'
import { deleteOf } from './samples'

let registry: FakeRegistry
let digest: string
let changed: string[]

const run = (request: DeleteRequest): Promise<JobResult> =>
  createDeleteRunner({
    registries: registry.access(),
    deleted: { keep: () => undefined, confirm: () => undefined },
    onDeleted: (_id, repository) => changed.push(repository),
  })(request, {
    id: 'job',
    signal: new AbortController().signal,
    report: () => undefined,
    log: () => undefined,
  })

const tags = (): string[] => [...registry.tags.keys()].sort()

beforeEach(() => {
  registry = new FakeRegistry()
  digest = registry.seed({ image: 1 }, 'v1', 'v1.0', 'latest')
  registry.seed({ image: 2 }, 'v2')
  changed = []
})

describe('delete a manifest', () => {
  it('takes all the tags that the user was shown', async () => {
    const request = deleteOf({ digest, siblings: ['v1.0', 'latest'], extent: 'manifest' })
    const prefix = 'registry.example.com/727524/nginx:'
    await expect(run(request)).resolves.toEqual({
      digest,
      references: [`${prefix}v1`, `${prefix}latest`, `${prefix}v1.0`],
    })
    expect(tags()).toEqual(['v2'])
    expect(changed).toEqual(['727524/nginx'])
  })

  it('takes nothing when the tags are others by now', async () => {
    const request = deleteOf({ digest, siblings: ['latest'], extent: 'manifest' })
    await expect(run(request)).rejects.toMatchObject({
      code: 'TAG_CHANGED',
      context: { repository: '727524/nginx' },
    })
    registry.seed({ image: 3 }, 'v1')
    await expect(run(request)).rejects.toMatchObject({
      code: 'TAG_CHANGED',
      context: { digest: registry.tags.get('v1') },
    })
    expect(registry.writes).toEqual([])
  })

  it('takes nothing when the list of tags is not whole', async () => {
    registry.cut = true
    const request = deleteOf({ digest, siblings: ['latest', 'v1.0'], extent: 'manifest' })
    await expect(run(request)).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(registry.writes).toEqual([])
  })

  it('says that deletion is switched off', async () => {
    registry.deletion = 'off'
    const request = deleteOf({ digest, siblings: ['latest', 'v1.0'], extent: 'manifest' })
    await expect(run(request)).rejects.toMatchObject({ code: 'DELETE_DISABLED' })
    expect(tags()).toHaveLength(4)
  })
})

describe('delete a tag', () => {
  it('uses the registry’s own way where it has one', async () => {
    registry.deletion = 'tag'
    await run(deleteOf({ digest }))
    expect(tags()).toEqual(['latest', 'v1.0', 'v2'])
    expect(registry.writes).toEqual(['delete tag v1'])
  })

  it('spares the siblings where the registry deletes manifests only', async () => {
    await run(deleteOf({ digest }))
    expect(tags()).toEqual(['latest', 'v1.0', 'v2'])
    expect(registry.tags.get('latest')).toBe(digest)
    expect(registry.writes).toEqual(['put untagged', 'delete untagged', 'put v1', 'delete v1'])
  })

  it('deletes the manifest where no other tag shares it', async () => {
    await run(deleteOf({ tag: 'v2', digest: registry.tags.get('v2') }))
    expect(tags()).toEqual(['latest', 'v1', 'v1.0'])
    expect(registry.writes).toEqual(['delete v2'])
  })

  it('touches no tag where deletion is switched off', async () => {
    registry.deletion = 'off'
    await expect(run(deleteOf({ digest }))).rejects.toMatchObject({ code: 'DELETE_DISABLED' })
    expect(registry.tags.get('v1')).toBe(digest)
    expect(registry.writes).toEqual(['put untagged'])
  })

  it('puts the tag back when the registry changes its mind half-way', async () => {
    const deleteManifest = registry.deleteManifest.bind(registry)
    registry.deleteManifest = (repository, one) =>
      [...registry.tags.values()].includes(one)
        ? Promise.reject(new AppError('DENIED', { side: 'registry' }))
        : deleteManifest(repository, one)
    await expect(run(deleteOf({ digest }))).rejects.toMatchObject({ code: 'DENIED' })
    expect(registry.tags.get('v1')).toBe(digest)
  })

  it('takes nothing of another registry that answers all of a sudden, and puts nothing there', async () => {
    const other = registry.seed({ of: 'another registry' })
    const deleteManifest = registry.deleteManifest.bind(registry)
    registry.deleteManifest = async (repository, one) => {
      // Behind the trial: every tag names something else now.
      await deleteManifest(repository, one)
      for (const tag of registry.tags.keys()) registry.tags.set(tag, other)
    }
    await expect(run(deleteOf({ digest }))).rejects.toMatchObject({
      code: 'TAG_CHANGED',
      context: { tag: 'v1', digest: other },
    })
    expect([...registry.tags.values()]).toEqual([other, other, other, other])
    expect(registry.writes).toEqual(['put untagged', 'delete untagged'])
  })

  it('puts siblings back that a registry takes along', async () => {
    registry.deletion = 'tag'
    registry.deleteTag = () => {
      for (const tag of ['v1', 'v1.0', 'latest']) registry.tags.delete(tag)
      return Promise.resolve('deleted')
    }
    await run(deleteOf({ digest }))
    expect(tags()).toEqual(['latest', 'v1.0', 'v2'])
    expect(registry.tags.get('v1.0')).toBe(digest)
  })

  it('finishes what was interrupted between its two steps', async () => {
    const deleteManifest = registry.deleteManifest.bind(registry)
    const putManifest = registry.putManifest.bind(registry)
    let down = false
    const lost = new AppError('CONNECTION_LOST', { side: 'registry' })
    registry.putManifest = async (repository, reference, manifest) => {
      if (down) throw lost
      const answer = await putManifest(repository, reference, manifest)
      down = reference === 'v1'
      return answer
    }
    registry.deleteManifest = (repository, one) =>
      down ? Promise.reject(lost) : deleteManifest(repository, one)
    await expect(run(deleteOf({ digest }))).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(registry.tags.get('v1')).not.toBe(digest)
    down = false
    await run(deleteOf({ digest }))
    expect(tags()).toEqual(['latest', 'v1.0', 'v2'])
  })

  it('says that a tag is gone already', async () => {
    await expect(run(deleteOf({ tag: 'v9', digest }))).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' })
  })
})

describe('the plan to delete', () => {
  it('names the digest and the other tags that share it', async () => {
    const plan = createDeletePlanner({ registries: registry.access() })
    const place = { registryId: 'r', repository: '727524/nginx' }
    expect(await plan({ ...place, tag: 'v1' })).toEqual({ digest, siblings: ['latest', 'v1.0'] })
    expect(await plan({ ...place, tag: 'v2' })).toMatchObject({ siblings: [] })
    await expect(plan({ ...place, tag: 'v9' })).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' })
    await expect(plan({ ...place, tag: 'no tag' })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })
})
