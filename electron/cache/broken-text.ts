import { isUtf8 } from 'node:buffer'
import type Sqlite from 'libsql'

export const textColumns = `SELECT t.name AS name, c.name AS field FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
  WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.sql NOT LIKE 'CREATE VIRTUAL%' AND c.type = 'TEXT'`

/**
 * Whether a text in any table is not UTF-8, say because of a flipped bit: SQLite's own check does not look at that, and
 * libsql 0.5 ends the whole process when it reads one.
 */
export function hasBrokenText(sqlite: Sqlite.Database): boolean {
  const columns = sqlite.prepare(textColumns).all() as { name: string; field: string }[]
  return columns.some(({ name, field }) => {
    const rows = sqlite.prepare(`SELECT CAST("${field}" AS BLOB) AS bytes FROM "${name}"`).iterate()
    for (const { bytes } of rows as IterableIterator<{ bytes: ArrayBuffer | null }>) {
      if (bytes !== null && !isUtf8(new Uint8Array(bytes))) return true
    }
    return false
  })
}
