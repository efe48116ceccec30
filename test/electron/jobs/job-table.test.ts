import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { JobTable } from '../../../electron/jobs/job-table'
import { silentLog } from '../../../electron/log'
import { imageId, jobOf } from './samples'

let folder: string
let table: JobTable
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'job-table-'))
  table = new JobTable(folder, silentLog)
})
afterEach(() => {
  table.close()
  rmSync(folder, { recursive: true })
})

it('keeps jobs over a restart, oldest first', () => {
  table.save(jobOf({ id: 'new', createdAt: 2 }))
  table.save(jobOf({ id: 'old', createdAt: 1 }))
  table.save(jobOf({ id: 'new', createdAt: 2, state: 'running' }))
  table.close()
  table = new JobTable(folder, silentLog)
  expect(table.all().map(({ id, state }) => [id, state])).toEqual([
    ['old', 'queued'],
    ['new', 'running'],
  ])
  table.remove(['old', 'unknown'])
  expect(table.all()).toHaveLength(1)
})

it('leaves out a job that it cannot understand', () => {
  table.save({ ...jobOf({ id: 'strange' }), state: 'melted' as 'failed' })
  table.save(jobOf())
  expect(table.all().map((job) => job.id)).toEqual(['job'])
})

it('notes temporary names until they are dropped', () => {
  const note = { endpoint: 'e', repository: 'r.example.com/a', tag: 'v1', imageId, previousId: null }
  table.noteTemporary(note)
  table.noteTemporary({ ...note, previousId: 'sha256:2' })
  expect(table.temporaryReferences()).toEqual([{ ...note, previousId: 'sha256:2' }])
  table.dropTemporary(note)
  expect(table.temporaryReferences()).toEqual([])
})
