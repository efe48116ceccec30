import { existsSync, mkdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import Sqlite from 'libsql'
import { putAside } from './broken-file'
import { hasBrokenText } from './broken-text'
import { isAsClosed, noteOpened } from './closed-mark'
import { codeOf, Database, type DatabaseOptions, storeFailed } from './database'
import { checkFile } from './file-check'

/** The file cannot be used as it is: broken inside, not SQLite, or written by a newer version of the program. */
class UnusableFile extends Error {}

const unusableCodes = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_ERROR', 'SQLITE_CONSTRAINT']

const isUnusable = (thrown: unknown): boolean =>
  thrown instanceof UnusableFile || unusableCodes.some((code) => codeOf(thrown).startsWith(code))

function prepare(sqlite: Sqlite.Database, { migrations }: DatabaseOptions, isWhole: boolean): void {
  sqlite.pragma('journal_mode = WAL')
  sqlite.exec('PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000')
  if (!isWhole) {
    const check = sqlite.prepare('PRAGMA integrity_check(1)').get() as { integrity_check: string }
    if (check.integrity_check !== 'ok') throw new UnusableFile(check.integrity_check)
    if (hasBrokenText(sqlite)) throw new UnusableFile('a text is not UTF-8')
  }
  const { user_version: version } = sqlite.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > migrations.length) throw new UnusableFile(`version ${version} is newer`)
  for (let next = version; next < migrations.length; next += 1) {
    sqlite.transaction(() => {
      sqlite.exec(migrations[next] ?? '')
      sqlite.exec(`PRAGMA user_version = ${next + 1}`)
    })()
  }
}

function openOnce(options: DatabaseOptions, isWhole: boolean): Sqlite.Database {
  const { file } = options
  noteOpened(file)
  const sqlite = new Sqlite(file, { timeout: 5000 })
  try {
    prepare(sqlite, options, isWhole)
    return sqlite
  } catch (thrown) {
    sqlite.close()
    throw thrown
  }
}

function openUsable(options: DatabaseOptions, isWhole: boolean): Sqlite.Database {
  try {
    return openOnce(options, isWhole)
  } catch (thrown) {
    if (!isUnusable(thrown)) throw thrown
    return openAnew(options, thrown)
  }
}

function openAnew(options: DatabaseOptions, error: unknown): Sqlite.Database {
  const aside = putAside(options.file, (options.now ?? Date.now)())
  options.log.warn('a database file was unusable and is begun anew', { aside, error })
  return openOnce(options, true)
}

function checkBehind(database: Database, options: DatabaseOptions): void {
  const name = basename(options.file)
  const check = checkFile(options.file, (outcome) => {
    // Not looked through, it is no more believed at the next start than it was at this one.
    if (outcome === 'failed') return options.log.warn('a database file could not be looked through', { name })
    if (outcome === 'whole') return database.noteCheck(null)
    try {
      database.restart(() => openAnew(options, new UnusableFile('damaged inside')))
      database.noteCheck(null)
    } catch (error) {
      // Runs from an event, where an error would end the program; whoever uses the file next hears that it is closed.
      options.log.error('a broken database file could not be begun anew', { name, error })
    }
  })
  database.noteCheck(check)
}

/**
 * Opens (and makes, and migrates) a SQLite file. One that is broken or of a newer version is renamed to
 * `FILE.broken-<time>` and begun anew. STORE_FAILED where the folder cannot be written.
 */
export function openDatabase(options: DatabaseOptions): Database {
  try {
    mkdirSync(dirname(options.file), { recursive: true })
    const isWhole = isAsClosed(options.file) || !existsSync(options.file)
    const sqlite = openUsable(options, isWhole || options.checkLater === true)
    const database = new Database(sqlite, options)
    if (!isWhole && options.checkLater) checkBehind(database, options)
    return database
  } catch (thrown) {
    throw storeFailed(thrown)
  }
}
