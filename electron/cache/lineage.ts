import type { ChainTable, ChainedImage } from './chain-table'
import type { Database } from './database'
import type { ImagePlace, ImageTable } from './image-table'

/** A tagged image; the tag is the one that it has now, or had until it moved. */
export interface Kin {
  registryId: string
  repository: string
  tag: string
  digest: string
  created: number | null
}

export interface KinOfImage {
  base: Kin | null
  newerBase: Kin | null
  builtOnThis: (Kin & { stale: boolean })[]
}

interface Own {
  registryId: string
  repository: string
  /** Of the manifest or index. */
  digest: string
}

/** Whether a place is tagged, in a registry that is set up, and in another repository. */
type IsOther = <P extends ImagePlace>(place: P) => place is P & Kin

const most = 500
const mostBuilds = 50

const isOwnbase = (repository: string): boolean => repository.endsWith('_ownbase')
const newestFirst = (a: Kin, b: Kin): number => (b.created ?? -1) - (a.created ?? -1)

/** What images stand on, by the layers with which they begin; among what was seen. */
export class Lineages {
  constructor(
    private readonly database: Database,
    private readonly chain: ChainTable,
    private readonly images: ImageTable,
  ) {}

  /** Base, its newest build, and what stands on this image or on older builds of its repository, in these registries. */
  of(own: Own, registryIds: readonly string[]): KinOfImage {
    const configs = this.configsUnder(own.digest)
    const isOther: IsOther = (place): place is typeof place & Kin =>
      place.tag !== null &&
      registryIds.includes(place.registryId) &&
      (place.registryId !== own.registryId || place.repository !== own.repository)
    const base = this.base(configs, isOther, isOwnbase(own.repository))
    return {
      base: base?.kin ?? null,
      newerBase: base && this.newerBuild(base.kin, [base.config]),
      builtOnThis: this.builtOn(own, configs, isOther),
    }
  }

  /** The configs of an image, or of the platforms of an index. */
  private configsUnder(digest: string): string[] {
    return this.database
      .all<{ digest: string }>(
        `SELECT i.digest FROM image i WHERE i.digest IN (
          SELECT child FROM link WHERE parent = ?1
          UNION SELECT l.child FROM link u CROSS JOIN link l ON l.parent = u.child WHERE u.parent = ?1
        ) ORDER BY i.digest`,
        digest,
      )
      .map((row) => row.digest)
  }

  private base(
    configs: readonly string[],
    isOther: IsOther,
    isBaseItself: boolean,
  ): { kin: Kin; config: string } | null {
    for (const config of configs) {
      const candidates = this.chain.below(config).flatMap(({ config: lower, distance }) =>
        [...this.images.tagged([lower]), ...this.images.formerlyTagged(lower)]
          .filter(isOther)
          // Two images of the same layers: only the custom base image of them can be what the other was made from.
          .filter(({ repository }) => distance > 0 || (isOwnbase(repository) && !isBaseItself))
          .map((kin) => ({ kin, config: lower, distance })),
      )
      const nearest = Math.min(...candidates.map(({ distance }) => distance))
      const [first] = candidates
        .filter(({ distance }) => distance === nearest)
        .sort(
          (a, b) =>
            Number(isOwnbase(b.kin.repository)) - Number(isOwnbase(a.kin.repository)) ||
            newestFirst(a.kin, b.kin),
        )
      if (first) return first
    }
    return null
  }

  /** The newest tag of an image's repository, where it is newer and another build. */
  private newerBuild(kin: Kin, configs: readonly string[]): Kin | null {
    const newest = this.database.get<Kin>(
      `SELECT registry_id AS registryId, repository, name AS tag, digest, created FROM tag
      WHERE registry_id = ? AND repository = ? AND digest IS NOT NULL AND created IS NOT NULL
      ORDER BY created DESC, name DESC LIMIT 1`,
      kin.registryId,
      kin.repository,
    )
    if (!newest || newest.digest === kin.digest || (newest.created ?? 0) <= (kin.created ?? 0)) return null
    return this.configsUnder(newest.digest).some((config) => configs.includes(config)) ? null : newest
  }

  private builtOn(own: Own, configs: readonly string[], isOther: IsOther): KinOfImage['builtOnThis'] {
    const created = this.createdOf(configs)
    const newer = this.newerBuild({ ...own, tag: '', created }, configs)
    const found = new Map<string, Kin & { stale: boolean }>()
    const add = (uppers: readonly ChainedImage[], stale: boolean): void => {
      for (const { config, distance } of uppers) {
        if (found.size >= most) return
        for (const kin of this.images.tagged([config])) {
          if (!isOther(kin)) continue
          if (distance === 0 && (!isOwnbase(own.repository) || isOwnbase(kin.repository))) continue
          const key = `${kin.registryId} ${kin.repository} ${kin.digest}`
          if (!found.has(key)) found.set(key, { ...kin, stale })
        }
      }
    }
    for (const config of configs) add(this.chain.above(config), newer !== null)
    for (const older of this.olderBuilds(own, configs, created)) add(this.chain.above(older), true)
    return [...found.values()].sort(newestFirst).slice(0, most)
  }

  private createdOf(configs: readonly string[]): number | null {
    return (
      this.database.get<{ created: number | null }>(
        'SELECT max(created) AS created FROM image WHERE digest IN (SELECT value FROM json_each(?))',
        JSON.stringify(configs),
      )?.created ?? null
    )
  }

  private olderBuilds(own: Own, configs: readonly string[], created: number | null): string[] {
    if (created === null) return []
    return this.database
      .all<{ digest: string }>(
        `SELECT i.digest FROM place p CROSS JOIN image i ON i.digest = p.digest
        WHERE p.registry_id = ? AND p.repository = ? AND i.created < ? AND i.digest NOT IN (SELECT value FROM json_each(?))
        ORDER BY i.created DESC LIMIT ${mostBuilds}`,
        own.registryId,
        own.repository,
        created,
        JSON.stringify(configs),
      )
      .map(({ digest }) => digest)
  }
}
