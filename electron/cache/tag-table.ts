import type { ManifestKind, Platform } from '@shared/oci'
import type { Database } from './database'
import type { Unindexed } from './unindexed'

/** What is known of a repository's tag list as a whole. Times in milliseconds since 1970. */
export interface TagList {
  fetchedAt: number | null
  complete: boolean
}

/** A tag with what is known of the manifest that it names; `ready`: its facts were read. */
export interface KnownTag {
  name: string
  digest: string | null
  checkedAt: number | null
  mediaType: string | null
  kind: ManifestKind | null
  created: number | null
  size: number | null
  platforms: Platform[]
  ready: boolean
}

interface TagTableRow {
  name: string
  digest: string | null
  checked_at: number | null
  media_type: string | null
  kind: ManifestKind | null
  created: number | null
  size: number | null
  platforms: string | null
}

const selectTags = `SELECT t.name, t.digest, t.checked_at, m.media_type, m.kind, f.created, f.size, f.platforms FROM tag t
  LEFT JOIN manifest m ON m.digest = t.digest LEFT JOIN fact f ON f.digest = t.digest
  WHERE t.registry_id = ? AND t.repository = ?`

/** Which tags a repository has, and what each was seen to name. */
export class TagTable {
  constructor(
    private readonly database: Database,
    private readonly unindexed: Unindexed,
  ) {}

  list(registryId: string, repository: string): TagList {
    const row = this.database.get<{ fetched_at: number | null; complete: number }>(
      'SELECT fetched_at, complete FROM tag_list WHERE registry_id = ? AND repository = ?',
      registryId,
      repository,
    )
    return { fetchedAt: row?.fetched_at ?? null, complete: row?.complete === 1 }
  }

  tags(registryId: string, repository: string): KnownTag[] {
    // Most tags of a repository have the same platforms: each text is parsed once.
    const parsed = new Map<string, Platform[]>()
    return this.database
      .all<TagTableRow>(selectTags, registryId, repository)
      .map((row) => this.fromRow(row, parsed))
  }

  tag(registryId: string, repository: string, name: string): KnownTag | null {
    const row = this.database.get<TagTableRow>(`${selectTags} AND t.name = ?`, registryId, repository, name)
    return row && this.fromRow(row, new Map())
  }

  /** Begins a refresh of the list and answers its generation. */
  begin(registryId: string, repository: string): number {
    return this.database.transaction(() => {
      this.database.run(
        `INSERT INTO tag_list (registry_id, repository, generation, fetched_at, complete) VALUES (?, ?, 1, NULL, 0)
        ON CONFLICT DO UPDATE SET generation = generation + 1`,
        registryId,
        repository,
      )
      const row = this.database.get<{ generation: number }>(
        'SELECT generation FROM tag_list WHERE registry_id = ? AND repository = ?',
        registryId,
        repository,
      )
      if (row?.generation === 1) this.unindexed.add('repository', [repository])
      return row?.generation ?? 1
    })
  }

  /** Adds a page of a refresh; a list that was never whole counts as answered from now on. */
  addPage(
    registryId: string,
    repository: string,
    generation: number,
    names: readonly string[],
    now: number,
  ): void {
    this.database.transaction(() => {
      this.unindexed.addUnknown(
        'tag',
        names,
        'SELECT 1 FROM tag WHERE registry_id = ? AND repository = ? AND name = value',
        registryId,
        repository,
      )
      this.database.run(
        `INSERT INTO tag (registry_id, repository, name, digest, checked_at, generation)
        SELECT ?, ?, value, NULL, NULL, ? FROM json_each(?) WHERE true
        ON CONFLICT DO UPDATE SET generation = excluded.generation`,
        registryId,
        repository,
        generation,
        JSON.stringify(names),
      )
      this.database.run(
        'UPDATE tag_list SET fetched_at = ? WHERE registry_id = ? AND repository = ? AND complete = 0',
        now,
        registryId,
        repository,
      )
    })
  }

  /** Ends a refresh that reached the end. A whole one takes away what it did not see; a cut one only has added. */
  end(registryId: string, repository: string, generation: number, complete: boolean, now: number): void {
    this.database.transaction(() => {
      if (complete) {
        this.database.run(
          'DELETE FROM tag WHERE registry_id = ? AND repository = ? AND generation < ?',
          registryId,
          repository,
          generation,
        )
      }
      this.database.run(
        'UPDATE tag_list SET fetched_at = ?, complete = ? WHERE registry_id = ? AND repository = ?',
        now,
        complete ? 1 : 0,
        registryId,
        repository,
      )
    })
  }

  /** Notes what a tag was seen to name; one that is not in the list (yet) is added to it. */
  point(registryId: string, repository: string, name: string, digest: string, now: number): void {
    const key = [registryId, repository, name]
    this.database.transaction(() => {
      const before = this.database.get<{ digest: string | null }>(
        'SELECT digest FROM tag WHERE registry_id = ? AND repository = ? AND name = ?',
        ...key,
      )
      if (before?.digest === digest) {
        this.database.run(
          'UPDATE tag SET checked_at = ? WHERE registry_id = ? AND repository = ? AND name = ?',
          now,
          ...key,
        )
        return
      }
      if (before?.digest) this.noteFormer(registryId, repository, name, before.digest, now)
      this.database.run(
        `INSERT INTO tag (registry_id, repository, name, digest, checked_at, created, generation)
        VALUES (?, ?, ?, ?, ?, (SELECT created FROM fact WHERE digest = ?),
          coalesce((SELECT generation FROM tag_list WHERE registry_id = ? AND repository = ?), 0))
        ON CONFLICT DO UPDATE SET digest = excluded.digest, checked_at = excluded.checked_at, created = excluded.created`,
        ...key,
        digest,
        now,
        digest,
        registryId,
        repository,
      )
      this.unindexed.add('tag', [name])
      if (!before) this.unindexed.add('repository', [repository])
    })
  }

  /** Takes one tag away: the registry said that it is gone. */
  remove(registryId: string, repository: string, name: string): void {
    this.database.run(
      'DELETE FROM tag WHERE registry_id = ? AND repository = ? AND name = ?',
      registryId,
      repository,
      name,
    )
  }

  /** What images stand on is often what a tag named before it moved. */
  private noteFormer(
    registryId: string,
    repository: string,
    name: string,
    digest: string,
    now: number,
  ): void {
    this.database.run(
      `INSERT INTO former_tag (registry_id, repository, digest, name, until) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET name = excluded.name, until = excluded.until`,
      registryId,
      repository,
      digest,
      name,
      now,
    )
  }

  private fromRow(row: TagTableRow, parsed: Map<string, Platform[]>): KnownTag {
    let platforms: Platform[] = []
    if (row.platforms !== null) {
      platforms = parsed.get(row.platforms) ?? (JSON.parse(row.platforms) as Platform[])
      parsed.set(row.platforms, platforms)
    }
    return {
      name: row.name,
      digest: row.digest,
      checkedAt: row.checked_at,
      mediaType: row.media_type,
      kind: row.kind,
      created: row.created,
      size: row.size,
      platforms,
      ready: row.platforms !== null,
    }
  }
}
