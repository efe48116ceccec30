import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '@shared/error'
import type { Database, Value } from '../../../electron/cache/database'
import { openDatabase } from '../../../electron/cache/open-database'
import { silentLog } from '../../../electron/log'
import { waitFor } from '../../support/wait'

const migrations = ['CREATE TABLE word (text TEXT PRIMARY KEY, times INTEGER) STRICT']

let folder: string
let file: string
const opened: Database[] = []

function open(versions = migrations): Database {
  const database = openDatabase({ file, migrations: versions, log: silentLog, now: () => 1234 })
  opened.push(database)
  return database
}

function close(database: Database): void {
  opened.splice(opened.indexOf(database), 1)
  database.close()
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-database-'))
  file = join(folder, 'words.db')
})
afterEach(() => {
  for (const database of opened.splice(0)) database.close()
  rmSync(folder, { recursive: true })
})

describe('openDatabase', () => {
  it('makes the folder and the file, and finds again what was written', () => {
    file = join(folder, 'new', 'words.db')
    const first = open()
    first.run('INSERT INTO word VALUES (?, ?)', 'pier', 2)
    close(first)
    expect(open().get('SELECT times FROM word WHERE text = ?', 'pier')).toMatchObject({ times: 2 })
  })

  it('migrates an older file and keeps its rows', () => {
    const first = open()
    first.run('INSERT INTO word VALUES (?, ?)', 'pier', 2)
    close(first)
    const second = open([...migrations, 'ALTER TABLE word ADD COLUMN language TEXT'])
    expect(second.all('SELECT * FROM word')).toEqual([{ text: 'pier', times: 2, language: null }])
  })

  it.each([
    ['is no SQLite file', (): void => writeFileSync(file, 'not a database '.repeat(1000))],
    ['is empty but for a header', (): void => writeFileSync(file, `SQLite format 3\0${'x'.repeat(4000)}`)],
    [
      'is damaged inside',
      (): void => {
        const database = open()
        database.transaction(() => {
          for (let n = 0; n < 5000; n += 1) database.run('INSERT INTO word VALUES (?, ?)', `word ${n}`, n)
        })
        close(database)
        const bytes = readFileSync(file)
        bytes.fill(0x5a, 8192, bytes.length - 8192)
        writeFileSync(file, bytes)
      },
    ],
    [
      'is cut short',
      (): void => {
        const database = open()
        database.transaction(() => {
          for (let n = 0; n < 5000; n += 1) database.run('INSERT INTO word VALUES (?, ?)', `word ${n}`, n)
        })
        close(database)
        writeFileSync(file, readFileSync(file).subarray(0, 20_000))
      },
    ],
    ['comes from a newer version', (): void => close(open([...migrations, 'CREATE TABLE more (n INTEGER)']))],
    [
      'cannot be migrated',
      (): void => {
        const database = open(['CREATE TABLE word (other TEXT)'])
        database.run('PRAGMA user_version = 0')
        close(database)
      },
    ],
  ])('puts a file aside that %s, and begins anew', (_what, prepare) => {
    prepare()
    const database = open()
    expect(database.all('SELECT * FROM word')).toEqual([])
    database.run('INSERT INTO word VALUES (?, ?)', 'pier', 1)
    expect(readdirSync(folder)).toContain('words.db.broken-1234')
  })

  it('keeps only the last broken file', () => {
    writeFileSync(`${file}.broken-1`, 'older')
    writeFileSync(file, 'not a database '.repeat(1000))
    open()
    expect(readdirSync(folder).filter((name) => /broken-\d+$/.test(name))).toEqual(['words.db.broken-1234'])
  })

  it('fails with STORE_FAILED where the folder cannot be', () => {
    writeFileSync(join(folder, 'taken'), '')
    file = join(folder, 'taken', 'words.db')
    expect(open).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }))
  })
})

describe('Database', () => {
  it('takes back a transaction that fails, also around an inner one', () => {
    const database = open()
    const work = (): void =>
      database.transaction(() => {
        database.transaction(() => database.run('INSERT INTO word VALUES (?, ?)', 'pier', 1))
        throw new AppError('INPUT_INVALID')
      })
    expect(work).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }))
    expect(database.all('SELECT * FROM word')).toEqual([])
    database.transaction(() => database.run('INSERT INTO word VALUES (?, ?)', 'quay', 1))
    expect(database.all('SELECT text FROM word')).toEqual([{ text: 'quay' }])
  })

  it('says STORE_FAILED when SQL fails, and after it was closed', () => {
    const database = open()
    expect(() => database.run('INSERT INTO nothing VALUES (1)')).toThrow(
      expect.objectContaining({ code: 'STORE_FAILED', context: { side: 'store' } }),
    )
    close(database)
    expect(() => database.all('SELECT * FROM word')).toThrow(
      expect.objectContaining({ code: 'STORE_FAILED' }),
    )
  })

  it('refuses values that the SQLite binding cannot take, instead of ending the process', () => {
    const database = open()
    for (const value of [true, undefined, {}] as unknown as Value[]) {
      expect(() => database.run('INSERT INTO word VALUES (?, 1)', value)).toThrow(
        expect.objectContaining({ code: 'STORE_FAILED' }),
      )
    }
  })
})

describe('a Database that gathers', () => {
  const openGathering = (gather: number): Database => {
    const database = openDatabase({ file, migrations, log: silentLog, gather })
    opened.push(database)
    return database
  }
  const texts = (database: Database): string[] =>
    database.all<{ text: string }>('SELECT text FROM word ORDER BY text').map(({ text }) => text)

  it('commits what many callers wrote together, a moment later', async () => {
    const other = open()
    const database = openGathering(30)
    database.run('INSERT INTO word VALUES (?, 1)', 'pier')
    database.transaction(() => database.run('INSERT INTO word VALUES (?, 1)', 'quay'))
    expect(texts(database)).toEqual(['pier', 'quay'])
    expect(texts(other)).toEqual([])
    await waitFor(() => expect(texts(other)).toEqual(['pier', 'quay']))
  })

  it('takes back a transaction that fails, and nothing of the others', () => {
    const database = openGathering(60_000)
    database.run('INSERT INTO word VALUES (?, 1)', 'pier')
    const work = (): void =>
      database.transaction(() => {
        database.run('INSERT INTO word VALUES (?, 1)', 'quay')
        database.run('INSERT INTO word VALUES (?, 1)', 'pier')
      })
    expect(work).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }))
    close(database)
    expect(texts(open())).toEqual(['pier'])
  })

  it('does not gather without end while the thread is never let go', () => {
    const other = open()
    const database = openGathering(60_000)
    for (let n = 0; n < 2500; n += 1) database.run('INSERT INTO word VALUES (?, 1)', `word ${n}`)
    expect(texts(other).length).toBeGreaterThan(1000)
  })

  it('calls what is to be done before the commit once', () => {
    const database = openGathering(60_000)
    const write = vi.fn(() => void database.run('INSERT INTO word VALUES (?, 1)', 'late'))
    database.transaction(() => {
      database.onCommit(write)
      database.onCommit(write)
      expect(write).not.toHaveBeenCalled()
    })
    close(database)
    expect(write).toHaveBeenCalledTimes(1)
    expect(texts(open())).toEqual(['late'])
  })
})
