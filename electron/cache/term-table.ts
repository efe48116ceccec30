import type { Database } from './database'
import { fold, prefixEnd, trigramQuery } from './search-text'

/** What a text was found as. Terms keep the place in this list: it must not change. */
export const fields = ['repository', 'tag', 'label', 'environment', 'port', 'base'] as const
export type Field = (typeof fields)[number]

/** A distinct text with the date (milliseconds since 1970) of the newest image that has it. */
export interface Term {
  id: number
  text: string
  folded: string
  newest: number | null
}

export interface NewTerm {
  text: string
  /** The part that a user would type first: a repository's last component, a label's value, a port's number. */
  leaf: string
}

const slotOf = (field: Field): number => fields.indexOf(field)

/** Up to so many matches are all looked at to find the newest; where there are more, the newest terms are looked through. */
const gathered = 1000
const walked = 6000

const columns = 'id, text, folded, newest'

/** Distinct texts that can be searched for, and their index of trigrams. Every answer is newest first. */
export class TermTable {
  constructor(private readonly database: Database) {}

  /** Adds the terms of a field that are new. To be called in a transaction. */
  add(field: Field, terms: readonly NewTerm[]): void {
    const before = this.database.get<{ id: number | null }>('SELECT max(id) AS id FROM term')?.id ?? 0
    const added = this.database.run(
      `INSERT INTO term (field, folded, text, leaf) SELECT ?, value ->> 0, value ->> 1, value ->> 2
      FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
      slotOf(field),
      JSON.stringify(terms.map(({ text, leaf }) => [fold(text), text, fold(leaf)])),
    )
    if (added === 0) return
    this.database.run(
      `INSERT INTO ${field}_text (rowid, folded) SELECT id, folded FROM term WHERE id > ?`,
      before,
    )
  }

  find(field: Field, text: string): Term | null {
    return this.database.get<Term>(
      `SELECT ${columns} FROM term WHERE field = ? AND folded = ? AND text = ?`,
      slotOf(field),
      fold(text),
      text,
    )
  }

  /** Terms that are the text, or whose leaf is. */
  equal(field: Field, text: string, limit: number): Term[] {
    const slot = slotOf(field)
    return this.database.all<Term>(
      `SELECT ${columns} FROM (SELECT ${columns} FROM term WHERE field = ? AND folded = ?
      UNION SELECT ${columns} FROM term WHERE field = ? AND leaf = ? LIMIT ?) ORDER BY newest DESC LIMIT ?`,
      slot,
      text,
      slot,
      text,
      gathered,
      limit,
    )
  }

  /** Terms that begin with the text, or whose leaf does. */
  beginning(field: Field, text: string, limit: number): Term[] {
    const slot = slotOf(field)
    const end = prefixEnd(text)
    // Each side has its own bound: SQLite makes a whole UNION before it counts.
    const ids = this.gather(
      `SELECT id FROM (SELECT id FROM term WHERE field = ? AND leaf >= ? AND leaf < ? LIMIT ${gathered + 1})
      UNION SELECT id FROM (SELECT id FROM term WHERE field = ? AND folded >= ? AND folded < ? LIMIT ${gathered + 1})`,
      [slot, text, end, slot, text, end],
    )
    const length = Array.from(text).length
    const matches = `(substr(leaf, 1, ${length}) = ? OR substr(folded, 1, ${length}) = ?)`
    return this.newestOf(slot, ids, matches, [text, text], limit)
  }

  /** Terms that contain every word; without a word of three characters only the newest terms are looked through. */
  containing(field: Field, words: readonly string[], limit: number): Term[] {
    const slot = slotOf(field)
    const query = trigramQuery(words)
    const ids =
      query === null
        ? { list: '[]', many: true }
        : this.gather(`SELECT rowid AS id FROM ${field}_text WHERE ${field}_text MATCH ?`, [query])
    const matches = words.map(() => 'instr(folded, ?) > 0').join(' AND ')
    return this.newestOf(slot, ids, matches, words, limit)
  }

  private gather(select: string, values: (string | number)[]): { list: string; many: boolean } {
    const row = this.database.get<{ list: string; number: number }>(
      `SELECT json_group_array(id) AS list, count(*) AS number FROM (${select} LIMIT ${gathered + 1})`,
      ...values,
    )
    return { list: row?.list ?? '[]', many: (row?.number ?? 0) > gathered }
  }

  private newestOf(
    slot: number,
    ids: { list: string; many: boolean },
    matches: string,
    values: readonly string[],
    limit: number,
  ): Term[] {
    const newest = ids.many
      ? this.database.all<Term>(
          `SELECT ${columns} FROM (SELECT ${columns}, leaf FROM term WHERE field = ? ORDER BY newest DESC LIMIT ${walked})
          WHERE ${matches} LIMIT ?`,
          slot,
          ...values,
          limit,
        )
      : []
    if (newest.length >= limit) return newest
    const others = this.database.all<Term>(
      `SELECT ${columns} FROM term WHERE id IN (SELECT value FROM json_each(?)) AND ${matches} ORDER BY newest DESC LIMIT ?`,
      ids.list,
      ...values,
      limit,
    )
    const seen = new Set(newest.map(({ id }) => id))
    return [...newest, ...others.filter(({ id }) => !seen.has(id))].slice(0, limit)
  }
}
