import { basename } from 'node:path'
import type Sqlite from 'libsql'
import { AppError, toAppError } from '@shared/error'
import type { Log } from '../log'
import { noteClosed } from './closed-mark'
import type { FileCheck } from './file-check'

export type Value = string | number | null | Buffer

export interface DatabaseOptions {
  file: string
  /** SQL by version: the first makes version 1 from nothing. */
  migrations: readonly string[]
  log: Log
  /** What the file name of a broken file is stamped with. */
  now?: () => number
  /**
   * Milliseconds for which the writes of many callers go into one commit, for a file whose newest part may be lost: after a
   * crash what was written last is not there. 0 when not given: what is written is kept.
   */
  gather?: number
  /**
   * For a file that comes again by itself: after a crash it is looked through behind its use, not before it, and begun anew
   * where it turns out to be broken.
   */
  checkLater?: boolean
}

export const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''

/** What fails in a file as the window is told it. */
export function storeFailed(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  return new AppError('STORE_FAILED', { side: 'store' }, { detail: toAppError(thrown).detail, cause: thrown })
}

const mostGathered = 2000

/** How a transaction begins, ends well, and is undone: alone, and as a part of a commit that gathers. */
const whole = ['BEGIN IMMEDIATE', 'COMMIT', ['ROLLBACK']] as const
const parts = ['SAVEPOINT part', 'RELEASE part', ['ROLLBACK TO part', 'RELEASE part']] as const

/** One SQLite file, used synchronously; everything that fails in it is STORE_FAILED. */
export class Database {
  private readonly statements = new Map<string, Sqlite.Statement>()
  private depth = 0
  /** The next start looks through the whole file. */
  private damaged = false
  /** What looks through the file just now. */
  private check: FileCheck | null = null
  /** The commit that gathers; null where none is open. */
  private gathering: NodeJS.Timeout | null = null
  private gathered = 0
  /** What gathered writes failed with, until somebody hears of it. */
  private lost: AppError | null = null
  private readonly beforeCommit = new Set<() => void>()

  constructor(
    private sqlite: Sqlite.Database,
    private readonly options: Pick<DatabaseOptions, 'file' | 'log' | 'gather'>,
  ) {}

  /** Goes on with a new file; what was gathered for the old one is lost with it. */
  restart(openAnew: () => Sqlite.Database): void {
    this.guard(() => {
      this.forgetGathered()
      this.statements.clear()
      this.sqlite.close()
      this.sqlite = openAnew()
      this.damaged = false
    })
  }

  /** Whether nothing looks through the file any more: it is whole. */
  get isChecked(): boolean {
    return this.check === null
  }

  /** Notes what looks through the file, null once it is whole; only then is it taken for whole at the next start. */
  noteCheck(check: FileCheck | null): void {
    this.check = check
  }

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
    return this.guard(() => {
      this.gather()
      return this.statement(sql, values).run(...values).changes
    })
  }

  /** Does all of the work's writes or none; inside another transaction it is a part of that one. */
  transaction<T>(work: () => T): T {
    if (this.depth > 0) return work()
    return this.guard(() => {
      this.gather()
      const [begin, commit, undo] = this.gathering ? parts : whole
      this.step(begin)
      this.depth += 1
      try {
        const result = work()
        if (!this.gathering) this.runBeforeCommit()
        this.step(commit)
        return result
      } catch (thrown) {
        // SQLite has rolled back by itself after some errors (a full disk); a second ROLLBACK would hide the cause.
        if (this.sqlite.inTransaction) for (const sql of undo) this.step(sql)
        else this.forgetGathered()
        throw thrown
      } finally {
        this.depth -= 1
      }
    })
  }

  /** Calls `work` once before what is written now is committed; at once where that has happened already. */
  onCommit(work: () => void): void {
    this.guard(() => this.gather())
    if (this.gathering || this.depth > 0) this.beforeCommit.add(work)
    else work()
  }

  /** Writes everything into the one file and closes it; later calls fail with STORE_FAILED. */
  close(): void {
    this.guard(() => {
      this.check?.stop()
      this.commitGathered()
      this.statements.clear()
      this.sqlite.pragma('wal_checkpoint(TRUNCATE)')
      this.sqlite.close()
      if (!this.damaged && !this.check) noteClosed(this.options.file)
    })
  }

  /** Opens the commit that gathers, where one is to; tells of one that failed. */
  private gather(): void {
    const { gather = 0 } = this.options
    if (gather === 0 || this.depth > 0) return
    const { lost } = this
    this.lost = null
    if (lost) throw lost
    this.gathered += 1
    // Work that never lets go of the thread must not gather without end.
    if (this.gathered > mostGathered) this.commitGathered()
    if (this.gathering) return
    this.step('BEGIN IMMEDIATE')
    this.gathered = 1
    this.gathering = setTimeout(() => this.commitLate(), gather).unref()
  }

  /** Runs from a timer: who writes next hears of a failure. */
  private commitLate(): void {
    try {
      this.guard(() => this.commitGathered())
    } catch (thrown) {
      this.lost = storeFailed(thrown)
      this.options.log.error('what was written last is lost', {
        file: basename(this.options.file),
        error: thrown,
      })
    }
  }

  private commitGathered(): void {
    if (!this.gathering) return
    try {
      this.runBeforeCommit()
      this.forgetGathered()
      this.step('COMMIT')
    } catch (thrown) {
      this.forgetGathered()
      if (this.sqlite.inTransaction) this.step('ROLLBACK')
      throw thrown
    }
  }

  private forgetGathered(): void {
    if (this.gathering) clearTimeout(this.gathering)
    this.gathering = null
  }

  private runBeforeCommit(): void {
    const all = [...this.beforeCommit]
    this.beforeCommit.clear()
    for (const work of all) work()
  }

  private step(sql: string): void {
    this.statement(sql, []).run()
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
