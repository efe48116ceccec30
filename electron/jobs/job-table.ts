import { join } from 'node:path'
import { Job } from '@shared/job'
import type { Database } from '../cache/database'
import { openDatabase } from '../cache/open-database'
import type { Log } from '../log'
import { DeletedTable } from './deleted-table'
import { migrations } from './schema'
import { UploadJournal } from './upload-journal'

/** A name that a push gave an image at an engine and that is to go again. */
export interface TemporaryReference {
  /** The id of the engine's endpoint. */
  endpoint: string
  /** Host and repository. */
  repository: string
  tag: string
  imageId: string
  /** What the name pointed to before, or null. */
  previousId: string | null
}

/** The jobs, what they left at engines, what they sent and what they deleted, in `jobs.db`: kept apart from the cache, which may be thrown away. */
export class JobTable {
  readonly uploads: UploadJournal
  readonly deleted: DeletedTable
  private readonly database: Database

  constructor(
    folder: string,
    private readonly log: Log,
  ) {
    this.database = openDatabase({ file: join(folder, 'jobs.db'), migrations, log })
    this.uploads = new UploadJournal(this.database)
    this.deleted = new DeletedTable(this.database)
  }

  /** Every job, oldest first; a row that cannot be understood is left out, and said in the log. */
  all(): Job[] {
    const rows = this.database.all<{ id: string; body: string }>(
      'SELECT id, body FROM job ORDER BY created_at, rowid',
    )
    return rows.flatMap(({ id, body }) => {
      try {
        return [Job.parse(JSON.parse(body))]
      } catch (error) {
        this.log.warn('a stored job cannot be understood', { id, error })
        return []
      }
    })
  }

  save(job: Job): void {
    const body = JSON.stringify(job)
    this.database.run(
      'INSERT INTO job (id, created_at, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
      job.id,
      job.createdAt,
      body,
    )
  }

  remove(ids: readonly string[]): void {
    this.database.run('DELETE FROM job WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(ids))
  }

  temporaryReferences(): TemporaryReference[] {
    return this.database.all<TemporaryReference>(
      `SELECT endpoint, repository, tag, image_id AS imageId, previous_id AS previousId FROM temporary_reference`,
    )
  }

  noteTemporary({ endpoint, repository, tag, imageId, previousId }: TemporaryReference): void {
    this.database.run(
      'INSERT OR REPLACE INTO temporary_reference VALUES (?, ?, ?, ?, ?)',
      endpoint,
      repository,
      tag,
      imageId,
      previousId,
    )
  }

  dropTemporary({ endpoint, repository, tag }: TemporaryReference): void {
    this.database.run(
      'DELETE FROM temporary_reference WHERE endpoint = ? AND repository = ? AND tag = ?',
      endpoint,
      repository,
      tag,
    )
  }

  close(): void {
    this.database.close()
  }
}
