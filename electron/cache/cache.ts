import { join } from 'node:path'
import type { Log } from '../log'
import { CatalogTable } from './catalog-table'
import { ContentTable, type KnownLayer } from './content-table'
import type { Database } from './database'
import { openDatabase } from './open-database'
import { ChainTable } from './chain-table'
import { ImageTable } from './image-table'
import { Indexer } from './indexer'
import { Lineages } from './lineage'
import { migrations } from './schema'
import { Search, type Found } from './search'
import { Sweep } from './sweep'
import { TagTable } from './tag-table'
import { TermTable } from './term-table'
import { Unindexed } from './unindexed'

/** Everything that registries were seen to answer, in one file; it can be thrown away at any time. */
export class Cache {
  readonly catalog: CatalogTable
  readonly tags: TagTable
  readonly content: ContentTable
  readonly lineages: Lineages
  private readonly searcher: Search
  private readonly indexer: Indexer
  private readonly sweep: Sweep

  constructor(
    private readonly database: Database,
    log: Log,
    now: () => number = Date.now,
  ) {
    const unindexed = new Unindexed(database)
    const terms = new TermTable(database)
    const chain = new ChainTable(database)
    const images = new ImageTable(database, terms, chain)
    this.catalog = new CatalogTable(database, unindexed)
    this.tags = new TagTable(database, unindexed)
    this.content = new ContentTable(database, unindexed)
    this.lineages = new Lineages(database, chain, images)
    this.searcher = new Search({ database, unindexed, terms, images })
    this.sweep = new Sweep(database, unindexed, log, now)
    this.indexer = new Indexer({ database, unindexed, terms, images, log })
    this.indexer.start(() => this.sweep.begin())
  }

  /** Does all of the work's writes or none. */
  transaction<T>(work: () => T): T {
    return this.database.transaction(work)
  }

  /**
   * What of everything ever seen matches typed text in these registries: at most `limit` of each kind, best first. Takes
   * milliseconds, also while the index is still being built; then labels, variables and ports may lag behind.
   */
  search(text: string, limit: number, registryIds: readonly string[]): Found[] {
    return this.searcher.find(text, limit, registryIds)
  }

  /** Brings the search index up to date now, for at most so many milliseconds; answers whether it is. */
  index(milliseconds: number): boolean {
    return this.indexer.work(milliseconds)
  }

  /** Takes out at once what nothing refers to any more; else that happens in slices, while nothing else is to be done. */
  prune(): void {
    this.sweep.all()
  }

  /** Repositories of a registry that were seen to hold a blob, for mounting it from there. */
  repositoriesWithBlob(registryId: string, digest: string): string[] {
    return this.content.repositoriesWithBlob(registryId, digest)
  }

  /** The layers that a repository (or any of the registry's) was seen to hold, by diff ID. */
  knownDiffIds(registryId: string, repository?: string): Map<string, KnownLayer> {
    return this.content.knownDiffIds(registryId, repository)
  }

  /** Notes layers that a repository holds, on the word of whoever brought them there. */
  addLayers(
    registryId: string,
    repository: string,
    layers: readonly (KnownLayer & { diffId: string })[],
  ): void {
    this.content.addLayers(registryId, repository, layers)
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
      for (const table of ['tag', 'tag_list', 'place', 'layer', 'former_tag']) {
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
      for (const table of [
        'listing',
        'repository',
        'summary',
        'tag_list',
        'tag',
        'place',
        'layer',
        'former_tag',
      ]) {
        this.database.run(`DELETE FROM ${table} WHERE registry_id = ?`, registryId)
      }
      for (const table of ['manifest', 'fact', 'config']) {
        this.database.run(`DELETE FROM ${table} WHERE digest NOT IN (SELECT digest FROM place)`)
      }
    })
    this.sweep.begin(true)
  }

  close(): void {
    this.indexer.stop()
    this.sweep.stop()
    this.database.close()
  }
}

/** Milliseconds. A tag takes a handful of writes, a refresh hundreds of tags a second: alone, each commit takes longer. */
const gather = 50

/** Opens the cache in a folder, `cache.db`; a broken or newer file is put aside and begun anew. */
export function openCache(folder: string, log: Log, now?: () => number): Cache {
  const file = join(folder, 'cache.db')
  return new Cache(openDatabase({ file, migrations, log, now, gather, checkLater: true }), log, now)
}
