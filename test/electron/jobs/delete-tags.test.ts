import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import type { DeleteTagsRequest, JobResult, Progress, RestoreRequest } from '@shared/job'
import { mediaTypes } from '@shared/oci'
import { createDeleteRunner } from '../../../electron/jobs/delete'
import { createDeleteTagsRunner } from '../../../electron/jobs/delete-tags'
import { createDeleteTagsPlanner } from '../../../electron/jobs/delete-tags-plan'
import { JobTable } from '../../../electron/jobs/job-table'
import { createRestoreRunner } from '../../../electron/jobs/restore'
import type { RunContext } from '../../../electron/jobs/runner'
import { silentLog } from '../../../electron/log'
import { FakeRegistry } from './fake-registry'
import { deleteOf, deleteTagsOf, digestB, restoreOf } from './samples'

let folder: string
let table: JobTable
let registry: FakeRegistry
let one: string
let two: string
let reports: Progress[]

const place = { registryId: 'r', repository: '727524/nginx' }
const context = (): RunContext => ({
  id: 'job',
  signal: new AbortController().signal,
  report: (progress) => reports.push(progress),
  log: () => undefined,
})
const parts = (): Parameters<typeof createDeleteTagsRunner>[0] => ({
  registries: registry.access(),
  deleted: table.deleted,
  onDeleted: () => undefined,
})
const run = (tags: DeleteTagsRequest['tags']): Promise<JobResult> =>
  createDeleteTagsRunner(parts())(deleteTagsOf(tags), context())
const restore = (change: Partial<RestoreRequest>): Promise<JobResult> =>
  createRestoreRunner({
    ...{ registries: registry.access(), deleted: table.deleted, verifyPauses: [] },
    onPushed: () => undefined,
  })(restoreOf(change), context())
const tags = (): string[] => [...registry.tags.keys()].sort()
const deleted = (): string[] => table.deleted.list(place).map(({ tag }) => tag)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'delete-tags-'))
  table = new JobTable(folder, silentLog)
  registry = new FakeRegistry()
  one = registry.seed({ image: 1 }, 'v1', 'v1.0', 'latest')
  two = registry.seed({ image: 2 }, 'v2', 'v2.0')
  reports = []
})
afterEach(() => {
  table.close()
  rmSync(folder, { recursive: true })
})

describe('deleting several tags', () => {
  const list = (): DeleteTagsRequest['tags'] => [
    { tag: 'v1', digest: one },
    { tag: 'v1.0', digest: one },
    { tag: 'v2', digest: two },
    { tag: 'v2.0', digest: two },
  ]

  it('spares what is not listed, where the registry deletes manifests only', async () => {
    const { references } = await run(list())
    expect(references).toHaveLength(4)
    expect(tags()).toEqual(['latest'])
    expect(registry.tags.get('latest')).toBe(one)
    expect(registry.writes).toContain('delete v1 v1.0')
    expect(reports.at(-1)).toMatchObject({ completed: 4, total: 4 })
    expect(reports.at(-1)?.parts.map(({ id, state }) => [id, state])).toEqual(
      ['v1', 'v1.0', 'v2', 'v2.0'].map((tag) => [tag, 'done']),
    )
  })

  it('takes tags one by one where the registry does that', async () => {
    registry.deletion = 'tag'
    await run(list())
    expect(tags()).toEqual(['latest'])
    expect(registry.writes).toEqual(['delete tag v1', 'delete tag v1.0', 'delete tag v2', 'delete tag v2.0'])
  })

  it('puts back what a registry takes along', async () => {
    registry.deletion = 'tag'
    registry.deleteTag = (_repository, tag) => {
      const named = registry.tags.get(tag)
      if (named === undefined) return Promise.reject(new AppError('MANIFEST_UNKNOWN'))
      for (const [other, digest] of [...registry.tags]) if (digest === named) registry.tags.delete(other)
      return Promise.resolve('deleted')
    }
    await run(list())
    expect([...registry.tags]).toEqual([['latest', one]])
  })

  it('says which are left and takes the others, and finishes at the next attempt', async () => {
    registry.seed({ image: 3 }, 'v1.0')
    const failure = { code: 'TAG_CHANGED', context: { tag: 'v1.0' } }
    await expect(run(list())).rejects.toMatchObject({
      ...failure,
      detail: expect.stringMatching(/^3 of 4 are gone\. Left: v1\.0 \(TAG_CHANGED\)/) as string,
    })
    expect(tags()).toEqual(['latest', 'v1.0'])
    expect(reports.at(-1)?.parts.find(({ id }) => id === 'v1.0')?.state).toBe('failed')
    registry.tags.delete('v1.0')
    await expect(run(list())).resolves.toMatchObject({ references: { length: 4 } })
  })

  it('takes nothing where deletion is switched off, and asks only once', async () => {
    registry.deletion = 'off'
    await expect(run(list())).rejects.toMatchObject({ code: 'DELETE_DISABLED' })
    expect(tags()).toHaveLength(5)
    expect(registry.writes).toEqual(['put untagged'])
    expect(deleted()).toEqual([])
  })

  it('takes nothing where the list of tags is not whole', async () => {
    registry.cut = true
    await expect(run(list())).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
    expect(registry.writes).toEqual([])
  })

  it('stops between two images when it is cancelled', async () => {
    const stop = new AbortController()
    const report = (progress: Progress): void => {
      if (progress.completed > 0) stop.abort()
    }
    const cancelled = createDeleteTagsRunner(parts())(deleteTagsOf(list()), {
      ...context(),
      ...{ signal: stop.signal, report },
    })
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(tags()).toEqual(['latest', 'v2', 'v2.0'])
    expect(deleted()).toEqual(['v1', 'v1.0'])
  })
})

describe('the plan to delete several tags', () => {
  it('names what goes, what stays beside it, and what is gone already', async () => {
    const plan = createDeleteTagsPlanner({ registries: registry.access() })
    expect(await plan({ ...place, tags: ['v1', 'v2', 'v2.0', 'v9'] })).toEqual({
      going: [
        { tag: 'v1', digest: one },
        { tag: 'v2', digest: two },
        { tag: 'v2.0', digest: two },
      ],
      staying: expect.arrayContaining([
        { tag: 'v1.0', digest: one },
        { tag: 'latest', digest: one },
      ]) as unknown,
      missing: ['v9'],
    })
    await expect(plan({ ...place, tags: ['no tag'] })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })
})

describe('restoring a deleted tag', () => {
  it('puts back what was kept, and lists it no more', async () => {
    await run([
      { tag: 'v2', digest: two },
      { tag: 'v2.0', digest: two },
    ])
    expect(deleted()).toEqual(['v2', 'v2.0'])
    await restore({ tag: 'v2', digest: two })
    expect(registry.tags.get('v2')).toBe(two)
    expect(deleted()).toEqual(['v2.0'])
    await restore({ tag: 'v2.0', digest: two })
    expect(deleted()).toEqual([])
    await expect(restore({ tag: 'v2.1', digest: two })).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' })
  })

  it('puts the manifests below an index back before it', async () => {
    const entry = { mediaType: mediaTypes.ociManifest, digest: two, size: 1 }
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [entry] }
    const digest = registry.seedManifest(index, mediaTypes.ociIndex, 'multi')
    const runner = createDeleteRunner(parts())
    await runner(deleteOf({ tag: 'multi', digest, extent: 'manifest' }), context())
    registry.manifests.clear()
    registry.tags.clear()
    await restore({ tag: 'multi', digest })
    expect(registry.writes.slice(-2)).toEqual(['put untagged', 'put multi'])
    expect([...registry.manifests.keys()]).toEqual([two, digest])
  })

  it('says that the registry has let go of the content, and writes nothing', async () => {
    await run([
      { tag: 'v2', digest: two },
      { tag: 'v2.0', digest: two },
    ])
    registry.writes.length = 0
    registry.blobs.clear()
    await expect(restore({ tag: 'v2', digest: two })).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' })
    expect(registry.writes).toEqual([])
    expect(deleted()).toContain('v2')
  })

  it('covers no tag that took its place without the user’s word', async () => {
    await run([{ tag: 'v2', digest: two }])
    const now = registry.seed({ image: 3 }, 'v2')
    const request = { tag: 'v2', digest: two }
    await expect(restore(request)).rejects.toMatchObject({ code: 'TAG_EXISTS', context: { digest: now } })
    await expect(restore({ ...request, replaces: digestB })).rejects.toMatchObject({ code: 'TAG_CHANGED' })
    await restore({ ...request, replaces: now })
    expect(registry.tags.get('v2')).toBe(two)
  })

  it('knows of a deletion whose end was not noted', async () => {
    const runner = createDeleteRunner({
      ...parts(),
      deleted: { keep: (...kept) => table.deleted.keep(...kept), confirm: () => undefined },
    })
    const request = deleteOf({ tag: 'v1', digest: one })
    await runner(request, context())
    expect(deleted()).toEqual([])
    const again = createDeleteRunner(parts())(request, context())
    await expect(again).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' })
    expect(deleted()).toEqual(['v1'])
  })
})
