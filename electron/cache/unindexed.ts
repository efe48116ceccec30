import type { Database } from './database'

/** What the search index has still to look at: names of repositories or tags, or digests. */
export type UnindexedKind = 'repository' | 'tag' | 'fact' | 'manifest' | 'config'

interface Row {
  id: number
  kind: UnindexedKind
  keys: string
  done: number
}

export interface Batch {
  kind: UnindexedKind
  keys: string[]
}

/** The indexer's list of work, kept in the file: it outlives a crash, and is written with what it is about. */
export class Unindexed {
  /** Called after each addition; the indexer listens here. */
  onAdded: () => void = () => undefined
  /** What goes into the list with the commit that it is about: hundreds of additions of one key make one row. */
  private readonly pending = new Map<UnindexedKind, Set<string>>()

  constructor(private readonly database: Database) {}

  add(kind: UnindexedKind, keys: readonly string[]): void {
    if (keys.length === 0) return
    const pending = this.pending.get(kind) ?? new Set()
    if (pending.size === 0) this.pending.set(kind, pending)
    for (const key of keys) pending.add(key)
    this.database.onCommit(this.flush)
    this.onAdded()
  }

  private readonly flush = (): void => {
    const all = [...this.pending]
    this.pending.clear()
    for (const [kind, keys] of all) {
      this.database.run(
        'INSERT INTO unindexed (kind, keys, done) VALUES (?, ?, 0)',
        kind,
        JSON.stringify([...keys]),
      )
    }
  }

  /** Adds those of the names for which `known` (SQL over `value`) finds no row. */
  addUnknown(kind: UnindexedKind, names: readonly string[], known: string, ...values: string[]): void {
    const added = this.database.run(
      `INSERT INTO unindexed (kind, keys, done) SELECT ?, json_group_array(value), 0 FROM json_each(?)
      WHERE NOT EXISTS (${known}) HAVING count(*) > 0`,
      kind,
      JSON.stringify(names),
      ...values,
    )
    if (added > 0) this.onAdded()
  }

  get isEmpty(): boolean {
    if (this.pending.size > 0) return false
    return this.database.get('SELECT 1 AS found FROM unindexed LIMIT 1') === null
  }

  /** Takes the oldest keys out, of one kind; null where nothing is left. To be called in the transaction that indexes them. */
  take(mostOf: (kind: UnindexedKind) => number): Batch | null {
    this.flush()
    const kind = this.database.get<Row>('SELECT kind FROM unindexed ORDER BY id LIMIT 1')?.kind
    if (!kind) return null
    const rows = this.database.all<Row>(
      'SELECT id, kind, keys, done FROM unindexed WHERE kind = ? ORDER BY id LIMIT 100',
      kind,
    )
    const most = mostOf(kind)
    const keys = new Set<string>()
    for (const row of rows) {
      if (keys.size >= most) break
      const all = JSON.parse(row.keys) as string[]
      const next = row.done + most - keys.size
      for (const key of all.slice(row.done, next)) keys.add(key)
      if (next >= all.length) this.database.run('DELETE FROM unindexed WHERE id = ?', row.id)
      else this.database.run('UPDATE unindexed SET done = ? WHERE id = ?', next, row.id)
    }
    return { kind, keys: [...keys] }
  }

  /** Distinct names of a kind that wait and contain every word, at most `most`. */
  names(kind: 'repository' | 'tag', words: readonly string[], most: number): string[] {
    this.flush()
    const filter = words.map(() => 'AND instr(lower(value), ?) > 0').join(' ')
    return this.database
      .all<{ value: string }>(
        `SELECT DISTINCT value FROM unindexed, json_each(unindexed.keys) WHERE kind = ? ${filter} LIMIT ?`,
        kind,
        ...words,
        most,
      )
      .map(({ value }) => value)
  }
}
