import { join } from 'node:path'
import { Job } from '@shared/job'
import type { Database } from '../cache/database'
import { openDatabase } from '../cache/open-database'
import type { Log } from '../log'
import { DeletedTable } from './deleted-table'
import { JobJournal } from './job-journal'
import { migrations } from './schema'
import { SecretTable } from './secret-table'
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

const jobKey = (id: string): string => `job ${id}`
const nameKey = ({ endpoint, repository, tag }: TemporaryReference): string =>
  `name ${endpoint} ${repository}:${tag}`

function parseJob(body: string | undefined): Job | null {
  try {
    return body === undefined ? null : Job.parse(JSON.parse(body))
  } catch {
    return null // Damaged, or of another version: the caller says so.
  }
}

/** Whether a row is damaged, or older, or gone, where the journal knows better. Between states only a row grows. */
function isWorse(body: string | undefined, word: string): boolean {
  const [row, noted] = [parseJob(body), parseJob(word)]
  if (!noted || body === word) return false
  if (!row || row.revision <= noted.revision) return true
  const isSameAttempt = row.attempt === noted.attempt && row.state === noted.state
  return isSameAttempt && JSON.stringify(row.request) !== JSON.stringify(noted.request)
}

/**
 * The jobs, what they left at engines, what they sent and what they deleted, in `jobs.db`: kept apart from the cache, which
 * may be thrown away. Jobs and names at engines are in a journal beside it too: what one of the two lost is in the other.
 */
export class JobTable {
  readonly uploads: UploadJournal
  readonly deleted: DeletedTable
  readonly secrets: SecretTable
  private readonly database: Database
  private readonly journal: JobJournal
  /** What the journal says of each job, as far as it is compared: a state of an attempt. */
  private readonly noted = new Map<string, string>()

  constructor(
    folder: string,
    private readonly log: Log,
  ) {
    this.database = openDatabase({ file: join(folder, 'jobs.db'), migrations, log })
    this.journal = new JobJournal(join(folder, 'jobs.journal'), log)
    this.restore()
    this.uploads = new UploadJournal(this.database)
    this.deleted = new DeletedTable(this.database)
    this.secrets = new SecretTable(this.database)
  }

  /** Every job, oldest first; a row that cannot be understood is left out, and said in the log. */
  all(): Job[] {
    return this.rows().flatMap(({ id, body }) => {
      try {
        return [Job.parse(JSON.parse(body))]
      } catch (error) {
        this.log.warn('a stored job cannot be understood', { id, error })
        return []
      }
    })
  }

  /** STORE_FAILED where the database does not take it; of a job that is known the journal may have it then. */
  save(job: Job): void {
    const body = JSON.stringify(job)
    const step = `${job.state} ${job.attempt}`
    const { id } = job
    const isKnown = this.noted.has(id)
    try {
      this.write(id, job.createdAt, body)
    } catch (thrown) {
      if (isKnown) this.note(id, step, body)
      throw thrown
    }
    if (this.noted.get(id) !== step) this.note(id, step, body)
  }

  remove(ids: readonly string[]): void {
    this.database.run('DELETE FROM job WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(ids))
    for (const id of ids) {
      if (this.noted.delete(id)) this.journal.note(jobKey(id), null)
    }
  }

  temporaryReferences(): TemporaryReference[] {
    return this.database.all<TemporaryReference>(
      `SELECT endpoint, repository, tag, image_id AS imageId, previous_id AS previousId FROM temporary_reference`,
    )
  }

  noteTemporary(reference: TemporaryReference): void {
    const { endpoint, repository, tag, imageId, previousId } = reference
    this.database.run(
      'INSERT OR REPLACE INTO temporary_reference VALUES (?, ?, ?, ?, ?)',
      endpoint,
      repository,
      tag,
      imageId,
      previousId,
    )
    this.journal.note(nameKey(reference), JSON.stringify({ endpoint, repository, tag, imageId, previousId }))
  }

  dropTemporary(reference: TemporaryReference): void {
    const { endpoint, repository, tag } = reference
    this.database.run(
      'DELETE FROM temporary_reference WHERE endpoint = ? AND repository = ? AND tag = ?',
      endpoint,
      repository,
      tag,
    )
    this.journal.note(nameKey(reference), null)
  }

  close(): void {
    this.database.close()
  }

  private rows(): { id: string; body: string }[] {
    // libsql 0.5 ends the whole process over a text with a damaged letter; bytes it hands out as they are.
    return this.database
      .all<{ id: ArrayBuffer; body: ArrayBuffer }>(
        'SELECT CAST(id AS BLOB) AS id, CAST(body AS BLOB) AS body FROM job ORDER BY created_at, rowid',
      )
      .map(({ id, body }) => ({ id: Buffer.from(id).toString(), body: Buffer.from(body).toString() }))
  }

  private write(id: string, createdAt: number, body: string): void {
    this.database.run(
      'INSERT INTO job (id, created_at, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
      ...[id, createdAt, body],
    )
  }

  private note(id: string, step: string, body: string): void {
    this.noted.set(id, step)
    this.journal.note(jobKey(id), body)
  }

  /** Brings back from the journal what the database lost, and writes the journal anew from both. */
  private restore(): void {
    const words = this.journal.read()
    const rows = new Map(this.rows().map(({ id, body }) => [jobKey(id), body]))
    for (const [key, word] of words) {
      if (key.startsWith('name ')) this.restoreName(word)
      else if (isWorse(rows.get(key), word)) {
        const { id, createdAt, state } = Job.parse(JSON.parse(word))
        this.log.warn('a job was lost or damaged in the database and is taken from the journal', {
          id,
          state,
        })
        this.write(id, createdAt, word)
      }
    }
    for (const { id, body } of this.rows()) {
      const job = parseJob(body)
      // What cannot be understood stays in both as it is.
      if (job) words.set(jobKey(id), body)
      if (job) this.noted.set(id, `${job.state} ${job.attempt}`)
    }
    for (const name of this.temporaryReferences()) words.set(nameKey(name), JSON.stringify(name))
    this.journal.rewrite(words)
  }

  private restoreName(word: string): void {
    const name = JSON.parse(word) as TemporaryReference
    this.database.run(
      'INSERT OR IGNORE INTO temporary_reference VALUES (?, ?, ?, ?, ?)',
      ...[name.endpoint, name.repository, name.tag, name.imageId, name.previousId],
    )
  }
}
