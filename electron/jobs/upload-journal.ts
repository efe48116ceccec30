import { z } from 'zod'
import type { Database } from '../cache/database'
import type { UploadSession } from '../registry/client'

/** A layer's blob as it is sent. */
export interface SentBlob {
  digest: string
  /** Bytes as sent. */
  size: number
}

const Session = z.object({ location: z.string(), offset: z.number() })

/** A row for each layer that was ever compressed would grow for ever: they are a help, and can be missed. */
const mostLayers = 20_000

/**
 * What uploads need to go on after the program has ended: the session that a registry keeps for a job's blob, and what
 * layers came out as when they were compressed. `blob` is a digest, or says how a layer without one is made.
 */
export class UploadJournal {
  constructor(
    private readonly database: Database,
    private readonly most: number = mostLayers,
  ) {}

  session(jobId: string, blob: string): UploadSession | null {
    const row = this.database.get<{ body: string }>(
      'SELECT body FROM upload_session WHERE job_id = ? AND blob = ?',
      jobId,
      blob,
    )
    return row && Session.parse(JSON.parse(row.body))
  }

  sessions(jobId: string): UploadSession[] {
    return this.database
      .all<{ body: string }>('SELECT body FROM upload_session WHERE job_id = ?', jobId)
      .map(({ body }) => Session.parse(JSON.parse(body)))
  }

  /** Null: there is no session any more. */
  note(jobId: string, blob: string, session: UploadSession | null): void {
    if (session === null) {
      this.database.run('DELETE FROM upload_session WHERE job_id = ? AND blob = ?', jobId, blob)
      return
    }
    this.database.run(
      'INSERT OR REPLACE INTO upload_session (job_id, blob, body) VALUES (?, ?, ?)',
      jobId,
      blob,
      JSON.stringify(session),
    )
  }

  drop(jobId: string): void {
    this.database.run('DELETE FROM upload_session WHERE job_id = ?', jobId)
  }

  /** What a layer came out as when it was compressed before, by the same compressor. */
  compressed(diffId: string, compressor: string): SentBlob | null {
    return this.database.get<SentBlob>(
      'SELECT digest, size FROM compressed_layer WHERE diff_id = ? AND compressor = ?',
      diffId,
      compressor,
    )
  }

  noteCompressed(diffId: string, compressor: string, { digest, size }: SentBlob): void {
    this.database.run(
      'INSERT OR REPLACE INTO compressed_layer (diff_id, compressor, digest, size) VALUES (?, ?, ?, ?)',
      diffId,
      compressor,
      digest,
      size,
    )
    const row = this.database.get<{ count: number }>('SELECT count(*) AS count FROM compressed_layer')
    if ((row?.count ?? 0) <= this.most) return
    // Digests are in no order: that is any of the others, and none is worth more than another.
    this.database.run(
      `DELETE FROM compressed_layer WHERE diff_id IN (
        SELECT diff_id FROM compressed_layer WHERE diff_id <> ? ORDER BY diff_id LIMIT ?)`,
      diffId,
      Math.ceil(this.most / 10),
    )
  }
}
