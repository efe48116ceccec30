import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { toAppError } from '@shared/error'
import type { Log } from '../log'

/** Bytes that may be appended before the file is written anew with the last word on each key. */
const compactAfter = 8 * 1024 * 1024

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

/**
 * A second, plain record beside a database: a line for each word on a key, with its checksum, so that what one of the two has
 * lost is found in the other. Damaged lines are left out. A line that cannot be written is told in the log alone.
 */
export class JobJournal {
  private appended = 0
  /** The file may end within a line. */
  private torn = true

  constructor(
    private readonly file: string,
    private readonly log: Log,
  ) {
    rmSync(`${file}.new`, { force: true })
  }

  /** The last word on each key; what was taken out is not there. */
  read(): Map<string, string> {
    const words = new Map<string, string>()
    for (const line of this.text().split('\n')) {
      const [sum = '', text = ''] = [line.slice(0, 32), line.slice(33)]
      if (line === '' || sumOf(text) !== sum) continue
      const entry = entryOf(text)
      if (entry === null) continue
      const [key, word] = entry
      words.delete(key)
      if (word !== null) words.set(key, word)
    }
    return words
  }

  /** Null: the key is taken out. */
  note(key: string, word: string | null): void {
    const line = lineOf(key, word)
    try {
      appendFileSync(this.file, this.torn ? `\n${line}` : line, { mode: 0o600 })
      this.torn = false
    } catch (error) {
      this.torn = true
      this.log.warn('the journal of jobs cannot be written', { error: toAppError(error) })
    }
    this.appended += line.length
    if (this.appended > compactAfter) this.rewrite(this.read())
  }

  /** Writes the whole file anew; one that cannot be written stays as it is. */
  rewrite(words: ReadonlyMap<string, string>): void {
    this.appended = 0
    try {
      writeFileSync(`${this.file}.new`, [...words].map(([key, word]) => lineOf(key, word)).join(''), {
        mode: 0o600,
      })
      renameSync(`${this.file}.new`, this.file)
      this.torn = false
    } catch (error) {
      rmSync(`${this.file}.new`, { force: true })
      this.log.warn('the journal of jobs cannot be written anew', { error: toAppError(error) })
    }
  }

  private text(): string {
    try {
      return readFileSync(this.file, 'utf8')
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!isMissing) this.log.warn('the journal of jobs cannot be read', { error: toAppError(error) })
      return ''
    }
  }
}

/** Null for what was never written here, though its checksum is right. */
function entryOf(text: string): [string, string | null] | null {
  let entry: unknown
  try {
    entry = JSON.parse(text)
  } catch {
    return null
  }
  if (!Array.isArray(entry)) return null
  const [key, word] = entry as unknown[]
  return typeof key === 'string' && (typeof word === 'string' || word === null) ? [key, word] : null
}

function lineOf(key: string, word: string | null): string {
  const text = JSON.stringify([key, word])
  return `${sumOf(text)} ${text}\n`
}
