import type { Database } from './database'

/** An image at its place in the tree of layers. `config` is its config's digest. */
export interface ChainedImage {
  config: string
  /** Nodes between the two images. */
  distance: number
}

const most = 2000

/** Which images begin with which layers: a tree of diff IDs, bottom up. */
export class ChainTable {
  constructor(private readonly database: Database) {}

  /** The node of a list of diff IDs (base first), made where it is missing; null for no layers. */
  node(diffIds: readonly string[]): number | null {
    let node = 0
    for (const diffId of diffIds) node = this.child(node, diffId)
    return node === 0 ? null : node
  }

  /** The images whose layers are the first of this one's, or the same; nearest first. */
  below(config: string): ChainedImage[] {
    return this.database.all<ChainedImage>(
      `WITH RECURSIVE lower (id, distance) AS (
        SELECT chain, 0 FROM image WHERE digest = ? AND chain IS NOT NULL
        UNION ALL SELECT c.parent, distance + 1 FROM lower CROSS JOIN chain c ON c.id = lower.id WHERE c.parent <> 0
      ) SELECT i.digest AS config, distance FROM lower CROSS JOIN image i ON i.chain = lower.id
      WHERE i.digest <> ? ORDER BY distance LIMIT ${most}`,
      config,
      config,
    )
  }

  /** The images that begin with this one's layers, or have the same; nearest first, at most 2,000. */
  above(config: string): ChainedImage[] {
    return this.database.all<ChainedImage>(
      `WITH RECURSIVE upper (id, distance) AS (
        SELECT chain, 0 FROM image WHERE digest = ? AND chain IS NOT NULL
        UNION ALL SELECT c.id, distance + 1 FROM upper CROSS JOIN chain c ON c.parent = upper.id ORDER BY 2 LIMIT ${most}
      ) SELECT i.digest AS config, distance FROM upper CROSS JOIN image i ON i.chain = upper.id
      WHERE i.digest <> ? ORDER BY distance LIMIT ${most}`,
      config,
      config,
    )
  }

  private child(parent: number, diffId: string): number {
    const find = (): { id: number } | null =>
      this.database.get('SELECT id FROM chain WHERE parent = ? AND diff_id = ?', parent, diffId)
    const found = find()
    if (found) return found.id
    this.database.run('INSERT INTO chain (parent, diff_id) VALUES (?, ?)', parent, diffId)
    return find()?.id ?? 0
  }
}
