import type { Description } from '@shared/browse'
import type { ManifestKind, Platform } from '@shared/oci'
import type { Database } from './database'
import type { Unindexed } from './unindexed'

/** A manifest or an index as the registry sent it: bytes that were hashed against their digest. */
export interface StoredManifest {
  digest: string
  mediaType: string
  kind: ManifestKind
  bytes: Buffer
  /** When it was read first, in milliseconds since 1970. */
  storedAt: number
}

/** What a tag's row needs to know of a manifest: of an index, what its first real platform's image says. */
export interface ImageFact {
  kind: ManifestKind
  created: number | null
  /** Compressed bytes of config and layers. */
  size: number | null
  platforms: Platform[]
  description: Omit<Description, 'fromTag'> | null
}

/** A layer as a registry holds it: compressed. */
export interface KnownLayer {
  digest: string
  size: number
}

/** What digests name, kept for ever and for all registries; and which repository was seen to hold what. */
export class ContentTable {
  constructor(
    private readonly database: Database,
    private readonly unindexed: Unindexed,
  ) {}

  manifest(digest: string): StoredManifest | null {
    const row = this.database.get<{
      media_type: string
      kind: ManifestKind
      stored_at: number
      bytes: Buffer
    }>('SELECT media_type, kind, stored_at, bytes FROM manifest WHERE digest = ?', digest)
    return (
      row && { digest, mediaType: row.media_type, kind: row.kind, bytes: row.bytes, storedAt: row.stored_at }
    )
  }

  addManifest(manifest: StoredManifest): void {
    this.database.transaction(() => {
      const added = this.database.run(
        `INSERT INTO manifest (digest, media_type, kind, stored_at, bytes) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING`,
        manifest.digest,
        manifest.mediaType,
        manifest.kind,
        manifest.storedAt,
        manifest.bytes,
      )
      if (added > 0) this.unindexed.add('manifest', [manifest.digest])
    })
  }

  /** The bytes of a config, or null. */
  config(digest: string): Buffer | null {
    return (
      this.database.get<{ bytes: Buffer }>('SELECT bytes FROM config WHERE digest = ?', digest)?.bytes ?? null
    )
  }

  addConfig(digest: string, bytes: Buffer): void {
    this.database.transaction(() => {
      const added = this.database.run(
        'INSERT INTO config (digest, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING',
        digest,
        bytes,
      )
      if (added > 0) this.unindexed.add('config', [digest])
    })
  }

  fact(digest: string): ImageFact | null {
    const row = this.database.get<{
      kind: ManifestKind
      created: number | null
      size: number | null
      platforms: string
      description: string | null
    }>('SELECT kind, created, size, platforms, description FROM fact WHERE digest = ?', digest)
    if (!row) return null
    return {
      kind: row.kind,
      created: row.created,
      size: row.size,
      platforms: JSON.parse(row.platforms) as Platform[],
      description:
        row.description === null ? null : (JSON.parse(row.description) as ImageFact['description']),
    }
  }

  addFact(digest: string, fact: ImageFact): void {
    this.database.transaction(() => {
      const added = this.database.run(
        `INSERT INTO fact (digest, kind, created, size, platforms, description) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING`,
        digest,
        fact.kind,
        fact.created,
        fact.size,
        JSON.stringify(fact.platforms),
        fact.description && JSON.stringify(fact.description),
      )
      if (added > 0) this.unindexed.add('fact', [digest])
    })
  }

  /** Notes that a repository holds a manifest. */
  place(registryId: string, repository: string, digest: string): void {
    this.database.run(
      'INSERT INTO place (registry_id, repository, digest) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      registryId,
      repository,
      digest,
    )
  }

  isPlaced(registryId: string, repository: string, digest: string): boolean {
    const row = this.database.get(
      'SELECT 1 AS found FROM place WHERE registry_id = ? AND repository = ? AND digest = ?',
      registryId,
      repository,
      digest,
    )
    return row !== null
  }

  /** Notes which layer a repository holds for each diff ID (the digest of a layer's uncompressed tar). */
  addLayers(
    registryId: string,
    repository: string,
    layers: readonly (KnownLayer & { diffId: string })[],
  ): void {
    if (layers.length === 0) return
    this.database.run(
      `INSERT INTO layer (registry_id, repository, diff_id, digest, size)
      SELECT ?, ?, value ->> 'diffId', value ->> 'digest', value ->> 'size' FROM json_each(?) WHERE true
      ON CONFLICT DO UPDATE SET digest = excluded.digest, size = excluded.size`,
      registryId,
      repository,
      JSON.stringify(layers),
    )
  }

  /** Repositories of a registry that were seen to hold a blob: a layer of an image, or a config. At most 20. */
  repositoriesWithBlob(registryId: string, digest: string): string[] {
    return this.database
      .all<{ repository: string }>(
        `SELECT repository FROM layer WHERE registry_id = ?1 AND digest = ?2
        UNION SELECT repository FROM place WHERE digest = ?2 AND registry_id = ?1
          AND EXISTS (SELECT 1 FROM config WHERE digest = ?2) LIMIT 20`,
        registryId,
        digest,
      )
      .map(({ repository }) => repository)
  }

  /** The layers that a repository (or any of the registry's) was seen to hold, by diff ID. */
  knownDiffIds(registryId: string, repository?: string): Map<string, KnownLayer> {
    const rows = this.database.all<KnownLayer & { diff_id: string }>(
      `SELECT diff_id, digest, size FROM layer WHERE registry_id = ?${repository === undefined ? '' : ' AND repository = ?'}`,
      ...(repository === undefined ? [registryId] : [registryId, repository]),
    )
    return new Map(rows.map(({ diff_id, digest, size }) => [diff_id, { digest, size }]))
  }
}
