import type { DeletedTag } from '@shared/search'
import type { Database } from '../cache/database'
import type { Place } from './registry-access'

/** A manifest or an index as the registry had it. */
export interface KeptManifest {
  digest: string
  mediaType: string
  bytes: Buffer
}

/** Deleted tags that are kept, over all registries; beyond them the oldest go. */
const most = 20_000

/**
 * The manifests of tags that were deleted from here. A tag is noted before it is taken away, and shown as deleted once it
 * is gone, so that a crash in between loses nothing.
 */
export class DeletedTable {
  constructor(private readonly database: Database) {}

  /** Keeps what tags name, with the manifests below an index, before they are deleted. */
  keep(place: Place, tags: readonly string[], root: KeptManifest, below: readonly KeptManifest[]): void {
    this.database.transaction(() => {
      for (const { digest, mediaType, bytes } of [root, ...below]) {
        this.database.run(
          'INSERT INTO kept_manifest (root, digest, media_type, bytes) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
          root.digest,
          digest,
          mediaType,
          bytes,
        )
      }
      this.database.run(
        `INSERT INTO deleted_tag (registry_id, repository, tag, digest, deleted_at)
        SELECT ?, ?, value, ?, NULL FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
        place.registryId,
        place.repository,
        root.digest,
        JSON.stringify(tags),
      )
    })
  }

  /** Tags that were kept are gone at the registry; of others nothing is noted. */
  confirm({ registryId, repository }: Place, tags: readonly string[], digest: string, at: number): void {
    this.database.transaction(() => {
      this.database.run(
        `UPDATE deleted_tag SET deleted_at = ? WHERE registry_id = ? AND repository = ? AND digest = ?
        AND tag IN (SELECT value FROM json_each(?))`,
        at,
        registryId,
        repository,
        digest,
        JSON.stringify(tags),
      )
      this.prune()
    })
  }

  /** What was deleted of a repository, newest first. */
  list({ registryId, repository }: Place): DeletedTag[] {
    return this.database.all<DeletedTag>(
      `SELECT registry_id AS registryId, repository, tag, digest, deleted_at AS deletedAt FROM deleted_tag
      WHERE registry_id = ? AND repository = ? AND deleted_at IS NOT NULL ORDER BY deleted_at DESC, tag`,
      registryId,
      repository,
    )
  }

  /** The manifests that were kept with a digest, itself first; none where it is not kept any more. */
  manifests(root: string): KeptManifest[] {
    // libsql 0.5 answers blobs as Buffer where one row is asked for, and as ArrayBuffer here.
    const rows = this.database.all<Omit<KeptManifest, 'bytes'> & { bytes: ArrayBuffer }>(
      `SELECT digest, media_type AS mediaType, bytes FROM kept_manifest WHERE root = ? ORDER BY digest <> root`,
      root,
    )
    return rows.map((row) => ({ ...row, bytes: Buffer.from(row.bytes) }))
  }

  /** A tag is back, or its deletion is of no more interest. */
  drop({ registryId, repository }: Place, tag: string, digest: string): void {
    this.database.transaction(() => {
      this.database.run(
        'DELETE FROM deleted_tag WHERE registry_id = ? AND repository = ? AND tag = ? AND digest = ?',
        registryId,
        repository,
        tag,
        digest,
      )
      this.dropUnnamed()
    })
  }

  private prune(): void {
    const row = this.database.get<{ count: number }>('SELECT count(*) AS count FROM deleted_tag')
    if ((row?.count ?? 0) <= most) return
    this.database.run(
      `DELETE FROM deleted_tag WHERE rowid IN (
        SELECT rowid FROM deleted_tag ORDER BY deleted_at IS NULL, deleted_at DESC LIMIT -1 OFFSET ?)`,
      most,
    )
    this.dropUnnamed()
  }

  private dropUnnamed(): void {
    this.database.run('DELETE FROM kept_manifest WHERE root NOT IN (SELECT digest FROM deleted_tag)')
  }
}
