import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'libsql'
import { storeFailed } from './database'

/**
 * A data folder for one program at a time, beyond the window's own lock, which knows neither other machines' nor other
 * users' programs. The system lets go of it when the process ends, however it ends. STORE_FAILED where another one has it.
 */
export class FolderLock {
  private readonly sqlite: Sqlite.Database

  constructor(folder: string) {
    try {
      mkdirSync(folder, { recursive: true })
      this.sqlite = new Sqlite(join(folder, 'running.lock'), { timeout: 500 })
      // Nothing is ever written: all that counts is that a transaction is open.
      this.sqlite.exec('BEGIN EXCLUSIVE')
    } catch (thrown) {
      throw storeFailed(thrown)
    }
  }

  release(): void {
    this.sqlite.exec('ROLLBACK')
    this.sqlite.close()
  }
}
