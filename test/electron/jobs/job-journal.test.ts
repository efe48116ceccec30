import { createHash } from 'node:crypto'
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JobJournal } from '../../../electron/jobs/job-journal'
import { silentLog } from '../../../electron/log'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'job-journal-'))
  file = join(folder, 'jobs.journal')
})
afterEach(() => rmSync(folder, { recursive: true }))
const open = (): JobJournal => new JobJournal(file, silentLog)

describe('JobJournal', () => {
  it('answers the last word on each key, for its owner only', () => {
    const journal = open()
    journal.note('a', 'one\ntwo')
    journal.note('b', 'gone soon')
    journal.note('a', 'three')
    journal.note('b', null)
    expect([...open().read()]).toEqual([['a', 'three']])
    expect(statSync(file).mode & 0o077).toBe(0)
  })

  it('leaves out a damaged line, and one that was cut off, and goes on behind it', () => {
    const journal = open()
    for (const key of ['a', 'b', 'c']) journal.note(key, `word ${key}`)
    writeFileSync(file, readFileSync(file, 'utf8').replace('word b', 'word x'))
    truncateSync(file, statSync(file).size - 5)
    const next = open()
    next.note('d', 'word d')
    expect([...open().read().keys()]).toEqual(['a', 'd'])
  })

  it('leaves out a line whose checksum is right though it was never written here', () => {
    const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
    open().note('a', 'word')
    for (const text of ['', '{', '7', '["b"]', '[1,"x"]']) appendFileSync(file, `${sumOf(text)} ${text}\n`)
    expect([...open().read()]).toEqual([['a', 'word']])
  })

  it('is small again after much was written', () => {
    const journal = open()
    for (let count = 0; count < 30; count += 1) journal.note('a', `${count} ${'x'.repeat(500_000)}`)
    expect(statSync(file).size).toBeLessThan(10_000_000)
    expect(open().read().get('a')).toMatch(/^29 /)
  })
})
