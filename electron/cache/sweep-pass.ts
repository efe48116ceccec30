import type { Database } from './database'
import { fields } from './term-table'

/** A walk through one table: its keys in order, which of them nobody needs, and where those are deleted from. */
export interface Pass {
  first: string | number
  /** With the parameters `?1` (the last key looked at) and `?2` (older than which a manifest may go). */
  keys: string
  /** True of a row `x` with a `key` that nobody needs. */
  unwanted: string
  /** `table WHERE column` */
  remove: readonly string[]
}

const isHeld = `EXISTS (SELECT 1 FROM link l JOIN manifest h ON h.digest = l.parent WHERE l.child = x.key)`
const isNamed = `EXISTS (SELECT 1 FROM tag WHERE tag.digest = x.key)
  OR EXISTS (SELECT 1 FROM former_tag f WHERE f.digest = x.key)`

/** The distinct registries of a table, by one look-up each. */
const registriesOf = (table: string): string => `(WITH RECURSIVE r (id) AS (
  SELECT min(registry_id) FROM ${table} UNION ALL
  SELECT (SELECT min(registry_id) FROM ${table} WHERE registry_id > r.id) FROM r WHERE r.id IS NOT NULL
) SELECT id FROM r WHERE id IS NOT NULL)`

const hasRepository = ['repository', 'tag_list', 'tag']
  .map((table) => {
    const column = table === 'repository' ? 'name' : 'repository'
    return `EXISTS (SELECT 1 FROM ${table} o WHERE o.registry_id IN ${registriesOf(table)} AND o.${column} = t.text)`
  })
  .join(' OR ')

/** From what holds to what is held: a manifest goes before its config, an image before its terms and layers. */
export const passes: readonly Pass[] = [
  {
    first: '',
    keys: 'SELECT digest AS key FROM manifest WHERE digest > ?1 AND stored_at < ?2 ORDER BY digest',
    unwanted: `NOT (${isNamed} OR ${isHeld})`,
    remove: ['manifest WHERE digest', 'fact WHERE digest', 'place WHERE digest'],
  },
  {
    first: '',
    keys: 'SELECT DISTINCT parent AS key FROM link WHERE parent > ?1 AND ?2 > 0 ORDER BY parent',
    unwanted: 'NOT EXISTS (SELECT 1 FROM manifest m WHERE m.digest = x.key)',
    remove: ['link WHERE parent'],
  },
  {
    first: '',
    keys: 'SELECT digest AS key FROM config WHERE digest > ?1 AND ?2 > 0 ORDER BY digest',
    unwanted: `NOT ${isHeld}`,
    remove: ['config WHERE digest', 'place WHERE digest'],
  },
  {
    first: 0,
    keys: 'SELECT id AS key FROM image WHERE id > ?1 AND ?2 > 0 ORDER BY id',
    unwanted: `NOT EXISTS (SELECT 1 FROM image i JOIN config c ON c.digest = i.digest WHERE i.id = x.key)
      AND NOT EXISTS (SELECT 1 FROM image i JOIN link l ON l.child = i.digest WHERE i.id = x.key)`,
    remove: ['image WHERE id', 'image_term WHERE image'],
  },
  {
    first: 0,
    keys: 'SELECT id AS key FROM term WHERE id > ?1 AND ?2 > 0 ORDER BY id',
    unwanted: `NOT EXISTS (SELECT 1 FROM term t WHERE t.id = x.key AND CASE t.field
      WHEN 0 THEN ${hasRepository} WHEN 1 THEN EXISTS (SELECT 1 FROM tag o WHERE o.name = t.text)
      ELSE EXISTS (SELECT 1 FROM image_term o WHERE o.term = t.id) END)`,
    remove: ['term WHERE id', ...fields.map((field) => `${field}_text WHERE rowid`)],
  },
  {
    // A node's children have higher ids: from the top down, whole branches go.
    first: Number.MAX_SAFE_INTEGER,
    keys: 'SELECT id AS key FROM chain WHERE id < ?1 AND ?2 > 0 ORDER BY id DESC',
    unwanted: `NOT EXISTS (SELECT 1 FROM chain c WHERE c.parent = x.key)
      AND NOT EXISTS (SELECT 1 FROM image i WHERE i.chain = x.key)`,
    remove: ['chain WHERE id'],
  },
]

const chunk = 50

/** Looks at the next keys of a pass and deletes the unwanted; answers the last key, or null at the end. */
export function sweepOn(
  database: Database,
  pass: Pass,
  after: string | number,
  before: number,
): string | number | null {
  return database.transaction(() => {
    const keys = database
      .all<{ key: string | number }>(`${pass.keys} LIMIT ${chunk}`, after, before)
      .map(({ key }) => key)
    const ofList = 'SELECT value AS key FROM json_each(?)'
    const gone = database
      .all<{ key: string | number }>(
        `SELECT key FROM (${ofList}) x WHERE ${pass.unwanted}`,
        JSON.stringify(keys),
      )
      .map(({ key }) => key)
    if (gone.length > 0) {
      for (const target of pass.remove)
        database.run(`DELETE FROM ${target} IN (${ofList})`, JSON.stringify(gone))
    }
    return keys.length < chunk ? null : (keys.at(-1) ?? null)
  })
}
