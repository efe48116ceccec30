import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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

describe('with a damaged file', () => {
  const note = { endpoint: 'e', repository: 'r.example.com/a', tag: 'v1', imageId, previousId: null }
  const again = (): void => {
    table = new JobTable(folder, silentLog)
  }
  const states = (): string[][] => table.all().map(({ id, state }) => [id, state])
  beforeEach(() => {
    table.save(jobOf({ id: 'one', createdAt: 1, revision: 1 }))
    table.save(jobOf({ id: 'two', createdAt: 2, revision: 1 }))
    table.save(jobOf({ id: 'gone', createdAt: 3, revision: 1 }))
    table.save(jobOf({ id: 'one', createdAt: 1, state: 'running', revision: 2 }))
    table.remove(['gone'])
    table.noteTemporary(note)
    table.close()
  })

  it.each(['', 'not a database'])('brings jobs and names back where the database holds %j', (content) => {
    // Another file: of the old one, this process may hold on to a lock until its memory is tidied.
    rmSync(join(folder, 'jobs.db'))
    writeFileSync(join(folder, 'jobs.db'), content)
    again()
    expect(states()).toEqual([
      ['one', 'running'],
      ['two', 'queued'],
    ])
    expect(table.temporaryReferences()).toEqual([note])
  })

  it('brings back a job whose row was altered, and no other', () => {
    const file = join(folder, 'jobs.db')
    const bytes = readFileSync(file)
    const at = bytes.lastIndexOf('"state":"queued"')
    bytes.write('"state":"qu', at)
    bytes.write('X', at + 9)
    writeFileSync(file, bytes)
    again()
    expect(states()).toEqual([
      ['one', 'running'],
      ['two', 'queued'],
    ])
  })

  it('survives a letter that is none, which ends libsql and the program with it', () => {
    const file = join(folder, 'jobs.db')
    const bytes = readFileSync(file)
    bytes[bytes.lastIndexOf('"state":"queued"') + 9] = 0xff
    writeFileSync(file, bytes)
    again()
    expect(states()).toHaveLength(2)
  })

  it('has all where the journal is lost, and a journal again', () => {
    writeFileSync(join(folder, 'jobs.journal'), 'damaged')
    again()
    expect(states()).toHaveLength(2)
    table.close()
    rmSync(join(folder, 'jobs.db'))
    again()
    expect(states()).toHaveLength(2)
  })
})
