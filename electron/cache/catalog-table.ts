import type { RepositorySummary } from '@shared/browse'
import type { Database } from './database'
import type { Unindexed } from './unindexed'

/** What is known of a registry's listing as a whole. Times in milliseconds since 1970. */
export interface Listing {
  fetchedAt: number | null
  complete: boolean
  refused: boolean
}

export type Summary = Omit<RepositorySummary, 'name' | 'addedByHand'> & { summarizedAt: number }

interface RepositoryRow {
  name: string
  by_hand: number
  tag_count: number | null
  newest_tag: string | null
  newest_created: number | null
  title: string | null
  description: string | null
  summarized_at: number | null
}

const selectRepositories = `SELECT r.name, r.by_hand, s.tag_count, s.newest_tag, s.newest_created, s.title, s.description,
  s.summarized_at FROM repository r LEFT JOIN summary s ON s.registry_id = r.registry_id AND s.name = r.name`

const fromRow = (row: RepositoryRow): RepositorySummary => ({
  name: row.name,
  addedByHand: row.by_hand === 1,
  tagCount: row.tag_count,
  newestTag: row.newest_tag,
  newestCreated: row.newest_created,
  title: row.title,
  description: row.description,
  summarizedAt: row.summarized_at,
})

/** Which repositories a registry has, and in short what is in them. */
export class CatalogTable {
  constructor(
    private readonly database: Database,
    private readonly unindexed: Unindexed,
  ) {}

  listing(registryId: string): Listing {
    const row = this.database.get<{ fetched_at: number | null; complete: number; refused: number }>(
      'SELECT fetched_at, complete, refused FROM listing WHERE registry_id = ?',
      registryId,
    )
    return { fetchedAt: row?.fetched_at ?? null, complete: row?.complete === 1, refused: row?.refused === 1 }
  }

  /** Repositories by name: all, or those in a namespace; with `first` only so many. */
  repositories(registryId: string, namespace: string, first = -1): RepositorySummary[] {
    if (namespace === '') {
      return this.database
        .all<RepositoryRow>(
          `${selectRepositories} WHERE r.registry_id = ? ORDER BY r.name LIMIT ?`,
          registryId,
          first,
        )
        .map(fromRow)
    }
    return this.database
      .all<RepositoryRow>(
        // `0` follows `/`: everything that begins with `namespace/`, read off the primary key.
        `${selectRepositories} WHERE r.registry_id = ? AND r.name > ? AND r.name < ? ORDER BY r.name LIMIT ?`,
        registryId,
        `${namespace}/`,
        `${namespace}0`,
        first,
      )
      .map(fromRow)
  }

  /** How many `repositories` would answer. */
  count(registryId: string, namespace: string): number {
    const row =
      namespace === ''
        ? this.database.get<{ n: number }>(
            'SELECT count(*) AS n FROM repository WHERE registry_id = ?',
            registryId,
          )
        : this.database.get<{ n: number }>(
            'SELECT count(*) AS n FROM repository WHERE registry_id = ? AND name > ? AND name < ?',
            registryId,
            `${namespace}/`,
            `${namespace}0`,
          )
    return row?.n ?? 0
  }

  addedByHand(registryId: string): RepositorySummary[] {
    return this.database
      .all<RepositoryRow>(
        `${selectRepositories} WHERE r.registry_id = ? AND r.by_hand = 1 ORDER BY r.name`,
        registryId,
      )
      .map(fromRow)
  }

  /** Begins a refresh of the list and answers its generation. */
  begin(registryId: string): number {
    return this.database.transaction(() => {
      this.database.run(
        `INSERT INTO listing (registry_id, generation, fetched_at, complete, refused) VALUES (?, 1, NULL, 0, 0)
        ON CONFLICT DO UPDATE SET generation = generation + 1`,
        registryId,
      )
      const row = this.database.get<{ generation: number }>(
        'SELECT generation FROM listing WHERE registry_id = ?',
        registryId,
      )
      return row?.generation ?? 1
    })
  }

  /** Adds a page of a refresh; a list that was never whole counts as answered from now on. */
  addPage(registryId: string, generation: number, names: readonly string[], now: number): void {
    this.database.transaction(() => {
      this.unindexed.addUnknown(
        'repository',
        names,
        'SELECT 1 FROM repository WHERE registry_id = ? AND name = value',
        registryId,
      )
      this.database.run(
        `INSERT INTO repository (registry_id, name, by_hand, generation) SELECT ?, value, 0, ? FROM json_each(?) WHERE true
        ON CONFLICT DO UPDATE SET generation = excluded.generation, by_hand = 0`,
        registryId,
        generation,
        JSON.stringify(names),
      )
      this.database.run(
        'UPDATE listing SET fetched_at = ?, refused = 0 WHERE registry_id = ? AND complete = 0',
        now,
        registryId,
      )
    })
  }

  /** Ends a refresh that reached the end. A whole one takes away what it did not see; a cut one only has added. */
  end(registryId: string, generation: number, complete: boolean, now: number): void {
    this.database.transaction(() => {
      if (complete) {
        this.database.run(
          'DELETE FROM repository WHERE registry_id = ? AND by_hand = 0 AND generation < ?',
          registryId,
          generation,
        )
      }
      this.database.run(
        'UPDATE listing SET fetched_at = ?, complete = ?, refused = 0 WHERE registry_id = ?',
        now,
        complete ? 1 : 0,
        registryId,
      )
    })
  }

  /** Notes that the registry does not list; what is known stays listed. */
  refuse(registryId: string, now: number): void {
    this.database.run(
      'UPDATE listing SET fetched_at = ?, complete = 0, refused = 1 WHERE registry_id = ?',
      now,
      registryId,
    )
  }

  /** Lists a repository that the registry's listing does not show (yet); whether it was not listed before. */
  addByHand(registryId: string, name: string): boolean {
    return this.database.transaction(() => {
      const added = this.database.run(
        'INSERT INTO repository (registry_id, name, by_hand, generation) VALUES (?, ?, 1, 0) ON CONFLICT DO NOTHING',
        registryId,
        name,
      )
      this.unindexed.add('repository', [name])
      return added > 0
    })
  }

  remove(registryId: string, name: string): void {
    this.database.run('DELETE FROM repository WHERE registry_id = ? AND name = ?', registryId, name)
  }

  summary(registryId: string, name: string): RepositorySummary | null {
    const row = this.database.get<RepositoryRow>(
      `${selectRepositories} WHERE r.registry_id = ? AND r.name = ?`,
      registryId,
      name,
    )
    return row && fromRow(row)
  }

  /** When a repository was summarized last, listed or not; null: never. */
  summarizedAt(registryId: string, name: string): number | null {
    const row = this.database.get<{ summarized_at: number }>(
      'SELECT summarized_at FROM summary WHERE registry_id = ? AND name = ?',
      registryId,
      name,
    )
    return row?.summarized_at ?? null
  }

  summarize(registryId: string, name: string, summary: Summary): void {
    this.database.transaction(() => {
      this.writeSummary(registryId, name, summary)
      if (summary.newestCreated !== null) this.unindexed.add('repository', [name])
    })
  }

  private writeSummary(registryId: string, name: string, summary: Summary): void {
    this.database.run(
      `INSERT INTO summary (registry_id, name, tag_count, newest_tag, newest_created, title, description, summarized_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET tag_count = excluded.tag_count, newest_tag = excluded.newest_tag,
        newest_created = excluded.newest_created, title = excluded.title, description = excluded.description,
        summarized_at = excluded.summarized_at`,
      registryId,
      name,
      summary.tagCount,
      summary.newestTag,
      summary.newestCreated,
      summary.title,
      summary.description,
      summary.summarizedAt,
    )
  }
}
