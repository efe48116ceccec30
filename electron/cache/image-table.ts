import type { ChainTable } from './chain-table'
import type { Database } from './database'
import { configFacets, manifestFacets, termOf } from './facets'
import { fields, type Field, type NewTerm, type TermTable } from './term-table'

/** A repository in which an image's manifest was seen, with a tag that names it or an index around it. */
export interface ImagePlace {
  registryId: string
  repository: string
  tag: string | null
  /** Of what the tag names; without a tag, of the manifest. */
  digest: string
  created: number | null
}

/** An image by its config's digest; 0 where it has no date. */
export interface DatedImage {
  config: string
  created: number
}

interface ImageRow {
  id: number
  created: number | null
}

/** Images by their config's digest: what they can be found by, and on what they stand. */
export class ImageTable {
  constructor(
    private readonly database: Database,
    private readonly terms: TermTable,
    private readonly chain: ChainTable,
  ) {}

  /** Reads a stored config into the index. Throws where its bytes are damaged. */
  indexConfig(digest: string): void {
    const bytes = this.database.get<{ bytes: Buffer }>(
      'SELECT bytes FROM config WHERE digest = ?',
      digest,
    )?.bytes
    if (!bytes) return
    const { created, diffIds, terms } = configFacets(bytes)
    this.database.run(
      `INSERT INTO image (digest, chain, created) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET chain = excluded.chain, created = excluded.created`,
      digest,
      this.chain.node(diffIds),
      created,
    )
    const image = this.row(digest)
    if (!image) return
    for (const field of fields) {
      const own = terms.filter((entry) => entry.field === field).map(({ term }) => term)
      this.join(field, own, image)
    }
    this.indexBases(digest, image)
  }

  /** Reads a stored manifest or index: what it leads to. Throws where its bytes are damaged. */
  indexManifest(digest: string): void {
    const bytes = this.database.get<{ bytes: Buffer }>(
      'SELECT bytes FROM manifest WHERE digest = ?',
      digest,
    )?.bytes
    if (!bytes) return
    const { children, base } = manifestFacets(bytes)
    this.database.run(
      'INSERT INTO link (parent, child) SELECT ?, value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING',
      digest,
      JSON.stringify(children),
    )
    if (base === null) return
    this.database.run('INSERT INTO image (digest) VALUES (?) ON CONFLICT DO NOTHING', base.config)
    const image = this.row(base.config)
    if (image) this.join('base', [termOf('base', base.name)], image)
  }

  /** The images that have a term and are newer than a date, newest first. */
  withTerm(term: number, newerThan: number, limit: number): DatedImage[] {
    return this.database.all<DatedImage>(
      `SELECT i.digest AS config, t.created FROM (SELECT image, created FROM image_term
        WHERE term = ? AND created > ? ORDER BY created DESC LIMIT ?) t
      CROSS JOIN image i ON i.id = t.image ORDER BY t.created DESC`,
      term,
      newerThan,
      limit,
    )
  }

  /** Where images are tagged, themselves or in an index; one place for each repository and digest, with its last name. */
  tagged(configs: readonly string[]): (ImagePlace & { config: string })[] {
    return this.database.all<ImagePlace & { config: string }>(
      `WITH wanted (config) AS (SELECT value FROM json_each(?)),
      holder (config, digest) AS (
        SELECT config, l.parent FROM wanted CROSS JOIN link l ON l.child = config
        UNION SELECT config, o.parent FROM wanted CROSS JOIN link l ON l.child = config
          CROSS JOIN link o ON o.child = l.parent
      ) SELECT config, t.registry_id AS registryId, t.repository, max(t.name) AS tag, t.digest, t.created
      FROM holder CROSS JOIN tag t ON t.digest = holder.digest
      GROUP BY config, t.registry_id, t.repository, t.digest LIMIT 1000`,
      JSON.stringify(configs),
    )
  }

  /** Where an image was tagged before its tag moved, with the tag that it had. */
  formerlyTagged(config: string): ImagePlace[] {
    return this.database.all<ImagePlace>(
      `WITH holder (digest) AS (
        SELECT parent FROM link WHERE child = ?1
        UNION SELECT o.parent FROM link l CROSS JOIN link o ON o.child = l.parent WHERE l.child = ?1
      ) SELECT t.registry_id AS registryId, t.repository, t.name AS tag, t.digest, i.created
      FROM holder CROSS JOIN former_tag t ON t.digest = holder.digest CROSS JOIN image i ON i.digest = ?1 LIMIT 200`,
      config,
    )
  }

  /** Where an image was seen at all. */
  placed(config: string): ImagePlace[] {
    return this.database.all<ImagePlace>(
      `SELECT p.registry_id AS registryId, p.repository, NULL AS tag, p.digest, i.created
      FROM link l CROSS JOIN place p ON p.digest = l.parent CROSS JOIN image i ON i.digest = l.child WHERE l.child = ? LIMIT 200`,
      config,
    )
  }

  private row(digest: string): ImageRow | null {
    return this.database.get<ImageRow>('SELECT id, created FROM image WHERE digest = ?', digest)
  }

  private join(field: Field, terms: readonly NewTerm[], image: ImageRow): void {
    if (terms.length === 0) return
    this.terms.add(field, terms)
    for (const { text } of terms) {
      const term = this.terms.find(field, text)
      if (!term) continue
      this.database.run(
        'INSERT INTO image_term (term, created, image) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        term.id,
        image.created ?? 0,
        image.id,
      )
      if (image.created !== null && image.created > (term.newest ?? 0)) {
        this.database.run('UPDATE term SET newest = ? WHERE id = ?', image.created, term.id)
      }
    }
  }

  /** A custom base image can be searched for as the base of what stands on it, whichever of them was seen first. */
  private indexBases(digest: string, image: ImageRow): void {
    this.join('base', this.ownbasesBelow(digest), image)
    const own = this.ownbases(digest)
    if (own.length === 0) return
    for (const { config, distance } of this.chain.above(digest)) {
      const upper = distance > 0 ? this.row(config) : null
      if (upper) this.join('base', own, upper)
    }
  }

  /** The custom base images on whose layers an image's begin; there are few of them, and perhaps thousands of other images. */
  private ownbasesBelow(digest: string): NewTerm[] {
    return this.database
      .all<{ repository: string }>(
        `WITH RECURSIVE lower (id) AS (
          SELECT c.parent FROM image i CROSS JOIN chain c ON c.id = i.chain WHERE i.digest = ? AND c.parent <> 0
          UNION ALL SELECT c.parent FROM lower CROSS JOIN chain c ON c.id = lower.id WHERE c.parent <> 0
        ) SELECT DISTINCT p.repository FROM place p CROSS JOIN image i ON i.digest = p.digest
        WHERE substr(p.repository, -8) = '_ownbase' AND i.chain IN (SELECT id FROM lower)`,
        digest,
      )
      .map(({ repository }) => termOf('base', repository))
  }

  private ownbases(config: string): NewTerm[] {
    return this.database
      .all<{ repository: string }>(
        `SELECT DISTINCT repository FROM place WHERE digest = ? AND substr(repository, -8) = '_ownbase'`,
        config,
      )
      .map(({ repository }) => termOf('base', repository))
  }
}
