import type { Database } from './database'
import { termOf } from './facets'
import type { DatedImage, ImagePlace, ImageTable } from './image-table'
import { fold, parseSearch, type SearchText } from './search-text'
import { TagSearch } from './tag-search'
import type { Field, Term, TermTable } from './term-table'
import type { Unindexed } from './unindexed'

/** Something that was found, with the text in which it was. `rank`: 0 is the text, 1 begins with it, 2 contains it. */
export interface Found {
  kind: 'repository' | 'tag' | 'image'
  registryId: string
  repository: string
  tag: string | null
  digest: string | null
  field: Field | 'digest'
  text: string
  created: number | null
  rank: number
}

export interface SearchParts {
  database: Database
  unindexed: Unindexed
  terms: TermTable
  images: ImageTable
}

type Ranked = Term & { rank: number }

const facets = ['base', 'port', 'label', 'environment'] as const
const waiting = 500

const newestFirst = (a: Found, b: Found): number => (b.created ?? -1) - (a.created ?? -1)

/** Search over everything that was ever seen, in a few milliseconds. */
export class Search {
  private readonly tags: TagSearch

  constructor(private readonly parts: SearchParts) {
    this.tags = new TagSearch(parts.database)
  }

  /** At most `limit` of each kind, best first, in these registries. Empty text finds nothing. */
  find(typed: string, limit: number, registryIds: readonly string[]): Found[] {
    const text = parseSearch(typed)
    if (!text) return []
    const known = new Set(registryIds)
    return [
      ...this.repositories(text, limit, registryIds),
      ...this.tagNames(text, limit, known),
      ...this.tags.inRepositories(text.text, this.repositoriesOf(text.text, registryIds), limit),
      ...this.tags.byDigest(text.text, limit),
      ...this.images(text, limit),
    ].filter((found) => known.has(found.registryId))
  }

  private repositories(text: SearchText, limit: number, registryIds: readonly string[]): Found[] {
    return this.expand(this.ranked('repository', text.text, text.words, limit), limit, (term) =>
      this.homes(term.text, registryIds).map((home) => ({
        ...home,
        kind: 'repository',
        repository: term.text,
        tag: null,
        digest: null,
        field: 'repository',
        text: term.text,
        rank: term.rank,
      })),
    )
  }

  private tagNames(text: SearchText, limit: number, known: ReadonlySet<string>): Found[] {
    return this.expand(this.ranked('tag', text.text, [text.text], limit), limit, (term, newerThan) =>
      this.tags
        .named(term.text, newerThan, limit)
        .filter(({ registryId }) => known.has(registryId))
        .map((tag) => ({ ...tag, kind: 'tag', field: 'tag', text: term.text, rank: term.rank })),
    )
  }

  private images({ text }: SearchText, limit: number): Found[] {
    const terms = facets
      .flatMap((field) => this.ranked(field, text, [text], limit).map((term) => ({ ...term, field })))
      .sort((a, b) => a.rank - b.rank || (b.newest ?? 0) - (a.newest ?? 0))
    const chosen = new Map<string, DatedImage & { term: (typeof terms)[number] }>()
    for (const rank of [0, 1, 2]) {
      const room = limit - chosen.size
      let found: (DatedImage & { term: (typeof terms)[number] })[] = []
      for (const term of room > 0 ? terms.filter((one) => one.rank === rank) : []) {
        const oldest = found.length < room ? -1 : (found.at(-1)?.created ?? -1)
        if ((term.newest ?? 0) <= oldest) break
        const more = this.parts.images.withTerm(term.id, oldest, room).map((image) => ({ ...image, term }))
        const others = more.filter(
          ({ config }) => !chosen.has(config) && !found.some((one) => one.config === config),
        )
        found = [...found, ...others].sort((a, b) => b.created - a.created).slice(0, room)
      }
      for (const image of found) chosen.set(image.config, image)
    }
    return this.placesOf([...chosen.keys()]).flatMap(({ config, ...place }) => {
      const term = chosen.get(config)?.term
      return term ? [{ ...place, kind: 'image', field: term.field, text: term.text, rank: term.rank }] : []
    })
  }

  private placesOf(configs: readonly string[]): (ImagePlace & { config: string })[] {
    const tagged = this.parts.images.tagged(configs)
    const isTagged = new Set(tagged.map(({ config }) => config))
    const others = configs
      .filter((config) => !isTagged.has(config))
      .flatMap((config) => this.parts.images.placed(config).map((place) => ({ ...place, config })))
    return [...tagged, ...others]
  }

  /** The repositories that the part before a tag may mean: `nginx` of `nginx:1.2` or `nginx 1.2`. */
  private repositoriesOf(
    text: string,
    registryIds: readonly string[],
  ): { registryId: string; name: string }[] {
    const [head] = TagSearch.split(text) ?? []
    if (head === undefined) return []
    return this.ranked('repository', head, head.split(/\s+/), 200).flatMap(({ text: name }) =>
      registryIds.map((registryId) => ({ registryId, name })),
    )
  }

  /** Terms of a field by rank, then newest first. */
  private ranked(field: Field, text: string, words: readonly string[], limit: number): Ranked[] {
    const { terms } = this.parts
    const isShort = words.every((word) => Array.from(word).length < 3)
    const found = new Map<number, Ranked>()
    const add = (rank: number, list: Term[]): void => {
      for (const term of list) if (!found.has(term.id)) found.set(term.id, { ...term, rank })
    }
    add(0, terms.equal(field, text, limit))
    add(1, terms.beginning(field, text, limit))
    if (!isShort && found.size < limit) add(2, terms.containing(field, words, limit))
    const waits =
      field === 'repository' || field === 'tag'
        ? this.waiting(field, text, words).filter(({ rank }) => rank < 2 || !isShort)
        : []
    return waits.length === 0
      ? [...found.values()]
      : [...found.values(), ...waits].sort((a, b) => a.rank - b.rank)
  }

  /** Names that were written a moment ago and are not in the index yet. */
  private waiting(field: 'repository' | 'tag', text: string, words: readonly string[]): Ranked[] {
    const names = this.parts.unindexed.names(field, words, waiting)
    return names
      .filter((name) => this.parts.terms.find(field, name) === null)
      .map((name) => {
        const folded = fold(name)
        const leaf = fold(termOf(field, name).leaf)
        const isEqual = folded === text || leaf === text
        const begins = folded.startsWith(text) || leaf.startsWith(text)
        return { id: -1, text: name, folded, newest: null, rank: isEqual ? 0 : begins ? 1 : 2 }
      })
  }

  /**
   * Follows terms until there are enough, and until no later one of the rank can be newer than what was found. `places` is
   * told from which date on (null: any) a place can still be among the newest.
   */
  private expand(
    terms: readonly Ranked[],
    limit: number,
    places: (term: Ranked, newerThan: number | null) => Found[],
  ): Found[] {
    const all: Found[] = []
    for (const rank of [0, 1, 2]) {
      let ofRank: Found[] = []
      for (const term of all.length < limit ? terms.filter((one) => one.rank === rank) : []) {
        const oldest = ofRank.length < limit ? null : (ofRank[limit - 1]?.created ?? -1)
        if (oldest !== null && (term.newest ?? -1) <= oldest) continue
        const more = places(term, oldest)
        if (more.length > 0) ofRank = [...ofRank, ...more].sort(newestFirst).slice(0, limit)
      }
      all.push(...ofRank)
    }
    return all.slice(0, limit)
  }

  /** The registries in which a repository is listed, or was looked at. */
  private homes(
    name: string,
    registryIds: readonly string[],
  ): { registryId: string; created: number | null }[] {
    return this.parts.database.all<{ registryId: string; created: number | null }>(
      `SELECT value AS registryId, (SELECT newest_created FROM summary WHERE registry_id = value AND name = ?1) AS created
      FROM json_each(?2) WHERE EXISTS (SELECT 1 FROM repository WHERE registry_id = value AND name = ?1)
        OR EXISTS (SELECT 1 FROM tag WHERE registry_id = value AND repository = ?1)`,
      name,
      JSON.stringify(registryIds),
    )
  }
}
