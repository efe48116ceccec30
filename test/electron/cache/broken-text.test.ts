import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../../electron/cache/open-database'
import { silentLog } from '../../../electron/log'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'broken-text-'))
  file = join(folder, 'a.db')
})
afterEach(() => rmSync(folder, { recursive: true }))
const migrations = [
  'CREATE TABLE a (id INTEGER PRIMARY KEY, word TEXT, data BLOB) STRICT; CREATE INDEX a_word ON a (word)',
]
const open = () => openDatabase({ file, migrations, log: silentLog })

it('begins a file anew in which a text is none, and takes any bytes for bytes', () => {
  const database = open()
  database.run('INSERT INTO a (word, data) VALUES (?, ?)', 'a word of its own: é', Buffer.from([0xff, 0xfe]))
  database.run('INSERT INTO a (word) VALUES (NULL)')
  database.close()
  const bytes = readFileSync(file)
  writeFileSync(file, bytes)
  rmSync(`${file}.closed`)
  const whole = open()
  expect(whole.all('SELECT id FROM a')).toHaveLength(2)
  whole.close()
  bytes[bytes.indexOf('word of its own')] = 0xff
  rmSync(file)
  writeFileSync(file, bytes)
  const anew = open()
  expect(anew.all('SELECT word FROM a')).toEqual([])
  anew.close()
})

it('begins a file anew whose index says something else than its table', () => {
  const database = open()
  database.run('INSERT INTO a (word) VALUES (?)', 'indexed')
  database.close()
  const bytes = readFileSync(file)
  // The index lies behind the table.
  bytes[bytes.lastIndexOf('indexed')] = 0x78
  rmSync(`${file}.closed`)
  rmSync(file)
  writeFileSync(file, bytes)
  const anew = open()
  expect(anew.all('SELECT word FROM a')).toEqual([])
  anew.close()
})
