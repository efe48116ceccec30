import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../../electron/cache/database'
import { openDatabase } from '../../../electron/cache/open-database'
import { silentLog } from '../../../electron/log'
import { waitFor } from '../../support/wait'

const migrations = ['CREATE TABLE word (text TEXT PRIMARY KEY, times INTEGER) STRICT']

let folder: string
let file: string

const open = (): Database =>
  openDatabase({ file, migrations, log: silentLog, now: () => 1234, checkLater: true })

/** A file that the program left without closing it. */
function left(): void {
  const database = open()
  database.transaction(() => {
    for (let n = 0; n < 5000; n += 1) database.run('INSERT INTO word VALUES (?, ?)', `word ${n}`, n)
  })
  database.close()
  rmSync(`${file}.closed`)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-open-'))
  file = join(folder, 'words.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('a file that is checked later', () => {
  it('is used at once, and begun anew when it turns out to be broken', async () => {
    left()
    const bytes = readFileSync(file)
    bytes.fill(0x5a, 8192, bytes.length - 8192)
    writeFileSync(file, bytes)
    const database = open()
    expect(readdirSync(folder)).not.toContain('words.db.broken-1234')
    await waitFor(() => expect(readdirSync(folder)).toContain('words.db.broken-1234'), 5000)
    expect(database.all('SELECT * FROM word')).toEqual([])
    database.run('INSERT INTO word VALUES (?, 1)', 'pier')
    database.close()
    expect(existsSync(`${file}.closed`)).toBe(true)
  })

  it('is taken for whole at the next start only once it was looked through', async () => {
    left()
    open().close()
    expect(existsSync(`${file}.closed`)).toBe(false)
    const database = open()
    await waitFor(() => expect(database.isChecked).toBe(true), 5000)
    expect(database.all('SELECT * FROM word')).toHaveLength(5000)
    database.close()
    expect(existsSync(`${file}.closed`)).toBe(true)
  })
})
