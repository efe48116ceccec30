import { existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import type { JobResult, Progress } from '@shared/job'
import { ArchiveShelf } from '../../../electron/jobs/archive-shelf'
import { JobTable } from '../../../electron/jobs/job-table'
import { createResumablePushRunner } from '../../../electron/jobs/resumable-push'
import { Spool } from '../../../electron/jobs/spool'
import { silentLog } from '../../../electron/log'
import { until } from '../../lab/until'
import { dockerSave, layerOf } from './archive-sample'
import { FakeEngine } from './fake-engine'
import { FakeRegistry } from './fake-registry'
import { imageId, pushOf } from './samples'

let folder: string
let table: JobTable
let shelf: ArchiveShelf
let spool: Spool
let engine: FakeEngine
let registry: FakeRegistry
let reports: Progress[]

const run = (): Promise<JobResult> =>
  createResumablePushRunner({
    ...{ registries: registry.access(), engine, spool, shelf, uploads: table.uploads, verifyPauses: [] },
    known: { knownDiffIds: () => new Map(), repositoriesWithBlob: () => [], addLayers: () => undefined },
    onPushed: () => undefined,
  })(
    { ...pushOf(), kind: 'resumable-push' },
    {
      ...{ id: 'job', signal: new AbortController().signal, log: () => undefined },
      report: (progress) => reports.push(progress),
    },
  )

const isOpen = (below: string): boolean =>
  readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(below)
    } catch {
      return false
    }
  })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'resumable-'))
  spool = new Spool(join(folder, 'spool'), silentLog)
  shelf = new ArchiveShelf({ spoolFolder: spool.folder, log: silentLog })
  table = new JobTable(folder, silentLog)
  registry = new FakeRegistry()
  engine = new FakeEngine()
  engine.add(imageId, ['nginx:1.25'])
  engine.export = dockerSave([layerOf('base', 50_000)]).tar
  reports = []
})
afterEach(async () => {
  await shelf.close()
  table.close()
  rmSync(folder, { recursive: true })
})

describe('a resumable push', () => {
  it('exports the image, sends it, and needs no engine to go on', async () => {
    registry.putManifest = () => Promise.reject(new AppError('CONNECTION_LOST', { side: 'registry' }))
    await expect(run()).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(reports.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['exporting', 'pushing']))
    engine.become({ status: 'stopped', endpoint: null })
    engine.images.clear()
    registry.putManifest = FakeRegistry.prototype.putManifest.bind(registry)
    const { digest } = await run()
    expect(registry.tags.get('v1')).toBe(digest)
    expect(registry.writes).toEqual(['upload', 'put v1'])
    if (process.platform === 'linux') await until('the export is not held open', () => !isOpen(spool.folder))
  })

  it('names the image as its user does where the engine does not have it', async () => {
    engine.images.clear()
    await expect(run()).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      context: { reference: 'nginx:1.25' },
    })
  })

  it('leaves nothing of an export that was cut', async () => {
    engine.exportImage = () =>
      Promise.resolve(
        Readable.from(
          (async function* () {
            yield await Promise.resolve(Buffer.alloc(1000))
            throw new AppError('ENGINE_LOST', { side: 'engine' })
          })(),
        ),
      )
    await expect(run()).rejects.toMatchObject({ code: 'ENGINE_LOST' })
    expect(readdirSync(spool.folder)).toEqual([])
  })
})

describe('Spool', () => {
  it('keeps at start only whole exports of jobs that go on', async () => {
    mkdirSync(spool.folder)
    for (const name of ['going.tar', 'gone.tar', 'x.part', 'archive-1.spool'])
      writeFileSync(join(spool.folder, name), 'x')
    await spool.clean(['going'])
    expect(readdirSync(spool.folder)).toEqual(['going.tar'])
    expect(await spool.find('going')).toBe(join(spool.folder, 'going.tar'))
    expect(await spool.find('gone')).toBeNull()
    await spool.remove('going')
    expect(existsSync(join(spool.folder, 'going.tar'))).toBe(false)
  })

  it('says that the disk has no room before it writes', async () => {
    const { signal } = new AbortController()
    const writing = spool.write('job', Readable.from([Buffer.alloc(10)]), {
      ...{ expected: Number.MAX_SAFE_INTEGER, signal, onBytes: () => undefined },
    })
    await expect(writing).rejects.toMatchObject({ code: 'STORE_FAILED' })
  })
})
