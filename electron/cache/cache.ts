import { join } from 'node:path'
import type { Log } from '../log'
import { CatalogTable } from './catalog-table'
import { ContentTable, type KnownLayer } from './content-table'
import { openDatabase, type Database } from './database'
import { migrations } from './schema'
import { TagTable } from './tag-table'

/** Everything that registries were seen to answer, in one file; it can be thrown away at any time. */
export class Cache {
  readonly catalog: CatalogTable
  readonly tags: TagTable
  readonly content: ContentTable

  constructor(private readonly database: Database) {
    this.catalog = new CatalogTable(database)
    this.tags = new TagTable(database)
    this.content = new ContentTable(database)
  }

  /** Does all of the work's writes or none. */
  transaction<T>(work: () => T): T {
    return this.database.transaction(work)
  }

  /** The layers that a repository (or any of the registry's) was seen to hold, by diff ID. */
  knownDiffIds(registryId: string, repository?: string): Map<string, KnownLayer> {
    return this.content.knownDiffIds(registryId, repository)
  }

  /** The bytes of a config by its digest (an image ID), or null where it was never read. */
  configOf(digest: string): Buffer | null {
    return this.content.config(digest)
  }

  /** Forgets a repository: its place in the list, its tags and its summary. */
  forgetRepository(registryId: string, repository: string): void {
    this.database.transaction(() => {
      this.catalog.remove(registryId, repository)
      this.database.run('DELETE FROM summary WHERE registry_id = ? AND name = ?', registryId, repository)
      for (const table of ['tag', 'tag_list', 'place', 'layer']) {
        this.database.run(
          `DELETE FROM ${table} WHERE registry_id = ? AND repository = ?`,
          registryId,
          repository,
        )
      }
    })
  }

  /** Forgets all that one registry answered, and every manifest that no other registry holds. */
  forgetRegistry(registryId: string): void {
    this.database.transaction(() => {
      for (const table of ['listing', 'repository', 'summary', 'tag_list', 'tag', 'place', 'layer']) {
        this.database.run(`DELETE FROM ${table} WHERE registry_id = ?`, registryId)
      }
      for (const table of ['manifest', 'fact', 'config']) {
        this.database.run(`DELETE FROM ${table} WHERE digest NOT IN (SELECT digest FROM place)`)
      }
    })
  }

  close(): void {
    this.database.close()
  }
}

/** Opens the cache in a folder, `cache.db`; a broken or newer file is put aside and begun anew. */
export function openCache(folder: string, log: Log, now?: () => number): Cache {
  return new Cache(openDatabase({ file: join(folder, 'cache.db'), migrations, log, now }))
}
