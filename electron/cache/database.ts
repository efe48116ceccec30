import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'libsql'
import { AppError, toAppError } from '@shared/error'
import type { Log } from '../log'
import { putAside } from './broken-file'
import { isAsClosed, noteClosed, noteOpened } from './closed-mark'

export type Value = string | number | null | Buffer

export interface DatabaseOptions {
  file: string
  /** SQL by version: the first makes version 1 from nothing. */
  migrations: readonly string[]
  log: Log
  /** What the file name of a broken file is stamped with. */
  now?: () => number
}

/** The file cannot be used as it is: broken inside, not SQLite, or written by a newer version of the program. */
class UnusableFile extends Error {}

const unusableCodes = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_ERROR', 'SQLITE_CONSTRAINT']

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''

const isUnusable = (thrown: unknown): boolean =>
  thrown instanceof UnusableFile || unusableCodes.some((code) => codeOf(thrown).startsWith(code))

function storeFailed(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  return new AppError('STORE_FAILED', { side: 'store' }, { detail: toAppError(thrown).detail, cause: thrown })
}

/** One SQLite file, used synchronously; everything that fails in it is STORE_FAILED. */
export class Database {
  private readonly statements = new Map<string, Sqlite.Statement>()
  private depth = 0
  /** The next start looks through the whole file. */
  private damaged = false

  /** `file`: noted as whole when it is closed. */
  constructor(
    private readonly sqlite: Sqlite.Database,
    private readonly file: string,
  ) {}

  /** All rows of a query. The caller names their shape, which is that of its own SQL. */
  all<T>(sql: string, ...values: Value[]): T[] {
    return this.guard(() => this.statement(sql, values).all(...values) as T[])
  }

  /** The first row of a query, or null. */
  get<T>(sql: string, ...values: Value[]): T | null {
    return this.guard(() => (this.statement(sql, values).get(...values) as T | undefined) ?? null)
  }

  /** Runs one statement and answers how many rows it changed. */
  run(sql: string, ...values: Value[]): number {
    return this.guard(() => this.statement(sql, values).run(...values).changes)
  }

  /** Does all of the work's writes or none; inside another transaction it is a part of that one. */
  transaction<T>(work: () => T): T {
    if (this.depth > 0) return work()
    return this.guard(() => {
      this.sqlite.exec('BEGIN IMMEDIATE')
      this.depth += 1
      try {
        const result = work()
        this.sqlite.exec('COMMIT')
        return result
      } catch (thrown) {
        // SQLite has rolled back by itself after some errors (a full disk); a second ROLLBACK would hide the cause.
        if (this.sqlite.inTransaction) this.sqlite.exec('ROLLBACK')
        throw thrown
      } finally {
        this.depth -= 1
      }
    })
  }

  /** Writes everything into the one file and closes it; later calls fail with STORE_FAILED. */
  close(): void {
    this.guard(() => {
      this.statements.clear()
      this.sqlite.pragma('wal_checkpoint(TRUNCATE)')
      this.sqlite.close()
      if (!this.damaged) noteClosed(this.file)
    })
  }

  private statement(sql: string, values: Value[]): Sqlite.Statement {
    // libsql 0.5 ends the whole process when it is given a boolean, and takes undefined for null.
    const wrong = values.find(
      (value) =>
        typeof value !== 'string' && typeof value !== 'number' && value !== null && !Buffer.isBuffer(value),
    )
    if (wrong !== undefined || values.includes(undefined as never)) throw new TypeError('value for SQL')
    let statement = this.statements.get(sql)
    if (!statement) {
      statement = this.sqlite.prepare(sql)
      this.statements.set(sql, statement)
    }
    return statement
  }

  private guard<T>(work: () => T): T {
    try {
      return work()
    } catch (thrown) {
      if (codeOf(thrown).startsWith('SQLITE_CORRUPT')) this.damaged = true
      throw storeFailed(thrown)
    }
  }
}

function prepare(
  sqlite: Sqlite.Database,
  migrations: readonly string[],
  file: string,
  isWhole: boolean,
): Database {
  sqlite.pragma('journal_mode = WAL')
  sqlite.exec('PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000')
  if (!isWhole) {
    const check = sqlite.prepare('PRAGMA quick_check(1)').get() as { quick_check: string }
    if (check.quick_check !== 'ok') throw new UnusableFile(check.quick_check)
  }
  const { user_version: version } = sqlite.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > migrations.length) throw new UnusableFile(`version ${version} is newer`)
  for (let next = version; next < migrations.length; next += 1) {
    sqlite.transaction(() => {
      sqlite.exec(migrations[next] ?? '')
      sqlite.exec(`PRAGMA user_version = ${next + 1}`)
    })()
  }
  return new Database(sqlite, file)
}

function openOnce({ file, migrations }: DatabaseOptions): Database {
  const isWhole = isAsClosed(file)
  noteOpened(file)
  const sqlite = new Sqlite(file, { timeout: 5000 })
  try {
    return prepare(sqlite, migrations, file, isWhole)
  } catch (thrown) {
    sqlite.close()
    throw thrown
  }
}

/**
 * Opens (and makes, and migrates) a SQLite file. One that is broken or of a newer version is renamed to
 * `FILE.broken-<time>` and begun anew. STORE_FAILED where the folder cannot be written.
 */
export function openDatabase(options: DatabaseOptions): Database {
  try {
    mkdirSync(dirname(options.file), { recursive: true })
    try {
      return openOnce(options)
    } catch (thrown) {
      if (!isUnusable(thrown)) throw thrown
      const aside = putAside(options.file, (options.now ?? Date.now)())
      options.log.warn('a database file was unusable and is begun anew', { aside, error: thrown })
      return openOnce(options)
    }
  } catch (thrown) {
    throw storeFailed(thrown)
  }
}
