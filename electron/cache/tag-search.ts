import type { Database } from './database'
import { prefixEnd } from './search-text'
import type { Found } from './search'

export interface FoundTag {
  registryId: string
  repository: string
  tag: string
  digest: string | null
  created: number | null
}

const columns = 'registry_id AS registryId, repository, name AS tag, digest, created'
const digestText = /^(?:sha256:)?[0-9a-f]{6,64}$/
const mostByDigest = 200

/** Tags by name, within repositories, and by digest. */
export class TagSearch {
  constructor(private readonly database: Database) {}

  /** Tags of this very name that are newer than a date (without one: all), newest first. */
  named(name: string, newerThan: number | null, limit: number): FoundTag[] {
    const newer = newerThan === null ? '' : 'AND created > ?'
    return this.database.all<FoundTag>(
      `SELECT ${columns} FROM tag WHERE name = ? ${newer} ORDER BY created DESC LIMIT ?`,
      name,
      ...(newerThan === null ? [] : [newerThan]),
      limit,
    )
  }

  /** Divides `nginx:1.2` and `nginx 1.2` into what names the repository and what the tag; null where nothing divides it. */
  static split(text: string): [string, string] | null {
    const match = /^(.*?[^\s:])(?:\s+|:)([^\s:/]+)$/.exec(text)
    return match?.[1] !== undefined && match[2] !== undefined && match[1] !== 'sha256'
      ? [match[1], match[2]]
      : null
  }

  /** For a text that has both: the tags of these repositories that contain its second part. */
  inRepositories(
    text: string,
    repositories: readonly { registryId: string; name: string }[],
    limit: number,
  ): Found[] {
    const tag = TagSearch.split(text)?.[1]
    if (tag === undefined || repositories.length === 0) return []
    return this.database.all<Found>(
      `SELECT 'tag' AS kind, 'tag' AS field, t.name AS text, t.registry_id AS registryId, t.repository, t.name AS tag,
        t.digest, t.created, CASE instr(lower(t.name), ?1) WHEN 1 THEN lower(t.name) <> ?1 ELSE 2 END AS rank
      FROM (SELECT value ->> 'registryId' AS id, value ->> 'name' AS name, key FROM json_each(?2)) r
      CROSS JOIN tag t ON t.registry_id = r.id AND t.repository = r.name
      WHERE instr(lower(t.name), ?1) > 0 ORDER BY rank, t.created DESC, r.key LIMIT ?3`,
      tag,
      JSON.stringify(repositories),
      limit,
    )
  }

  /** What a digest, or the beginning of one (six digits or more), names: tags, and images under an index or without a tag. */
  byDigest(text: string, limit: number): Found[] {
    if (!digestText.test(text)) return []
    const first = text.startsWith('sha256:') ? text : `sha256:${text}`
    const found = { field: 'digest' as const, rank: 1 }
    const tags = this.database
      .all<FoundTag & { digest: string }>(
        `SELECT ${columns} FROM tag WHERE digest >= ? AND digest < ? LIMIT ${mostByDigest}`,
        first,
        prefixEnd(first),
      )
      .map((tag) => ({ ...tag, ...found, kind: 'tag' as const, text: tag.digest }))
    const others = this.database
      .all<{ registryId: string; repository: string; held: string; digest: string; created: number | null }>(
        `SELECT p.registry_id AS registryId, p.repository, p.digest AS held,
          coalesce((SELECT l.parent FROM link l JOIN config c ON c.digest = l.child WHERE l.child = p.digest LIMIT 1),
            p.digest) AS digest,
          coalesce((SELECT created FROM fact WHERE digest = p.digest),
            (SELECT created FROM image WHERE digest = p.digest)) AS created
        FROM place p WHERE p.digest >= ? AND p.digest < ?
          AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.digest = p.digest) LIMIT ${mostByDigest}`,
        first,
        prefixEnd(first),
      )
      .map(({ held, ...place }) => ({ ...place, ...found, kind: 'image' as const, tag: null, text: held }))
    return [...tags, ...others].sort((a, b) => (b.created ?? -1) - (a.created ?? -1)).slice(0, limit)
  }
}
