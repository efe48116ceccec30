import type { RepositoryKey } from '@shared/browse'
import { AppError } from '@shared/error'
import { isDigest } from '@shared/reference'
import type { Registry, Section } from '@shared/registry'
import type { Lineage, LineageEntry, SearchAnswer, SearchHit } from '@shared/search'
import type { Cache } from '../cache/cache'
import type { Kin } from '../cache/lineage'
import type { Found } from '../cache/search'
import { boundedText } from './hostile-text'
import { sectionOf } from './section'

const kinds = ['repository', 'tag', 'image'] as const
const around = 40

/** The text around a match, without hidden characters. */
export function snippetOf(text: string, typed: string): string {
  const at = text.toLowerCase().indexOf(typed.trim().toLowerCase())
  const start = Math.max(0, at - around)
  const end = Math.max(at, 0) + typed.length + around * 2
  const cut = text.slice(start, end)
  return boundedText(`${start > 0 ? '…' : ''}${cut}${end < text.length ? '…' : ''}`, 300)
}

const best = (a: Found, b: Found): number =>
  a.rank - b.rank || kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || (b.created ?? -1) - (a.created ?? -1)

const keyOf = ({ kind, registryId, repository, tag, digest }: Found): string =>
  JSON.stringify([kind, registryId, repository, tag, kind === 'image' ? digest : null])

/** The best of each kind, so that no kind hides another: each has a third of the places as far as it needs them. */
function shared(found: readonly Found[], limit: number): Found[] {
  const share = Math.ceil(limit / kinds.length)
  const first = new Set(kinds.flatMap((kind) => found.filter((one) => one.kind === kind).slice(0, share)))
  const rest = found.filter((one) => !first.has(one)).slice(0, Math.max(0, limit - first.size))
  const chosen = new Set([...first, ...rest])
  return found.filter((one) => chosen.has(one)).slice(0, limit)
}

/** Search and lineage over everything ever seen in the registries that are set up; no registry is asked. */
export class SearchReader {
  constructor(private readonly options: { cache: Cache; registries: () => readonly Registry[] }) {}

  /** Answers within a key stroke: exact names first, then beginnings, then the rest; newest first among equals. */
  query(text: string, limit: number): SearchAnswer {
    const registries = this.byId()
    const found = new Map<string, Found>()
    for (const one of this.options.cache.search(text, limit + 1, [...registries.keys()]).sort(best)) {
      if (!found.has(keyOf(one))) found.set(keyOf(one), one)
    }
    const hits = shared([...found.values()], limit).map((one): SearchHit => ({
      kind: one.kind,
      registryId: one.registryId,
      section: this.section(registries, one),
      repository: one.repository,
      tag: one.tag,
      digest: one.digest,
      field: one.field,
      snippet: snippetOf(one.text, text),
      created: one.created,
    }))
    return { hits, more: found.size > hits.length }
  }

  /** What an image is built on, and what on it. INPUT_INVALID where the digest is none. */
  lineage({ registryId, repository }: RepositoryKey, digest: string): Lineage {
    if (!isDigest(digest)) throw new AppError('INPUT_INVALID', { side: 'program', field: 'digest' })
    const registries = this.byId()
    // What was read a moment ago is likely the very image that is asked for.
    this.options.cache.index(20)
    const entry = (kin: Kin): LineageEntry => ({
      registryId: kin.registryId,
      section: this.section(registries, kin),
      repository: kin.repository,
      tag: kin.tag,
      digest: kin.digest,
      created: kin.created,
    })
    const kin = this.options.cache.lineages.of({ registryId, repository, digest }, [...registries.keys()])
    return {
      base: kin.base && entry(kin.base),
      newerBase: kin.newerBase && entry(kin.newerBase),
      builtOnThis: kin.builtOnThis.map((one) => ({ ...entry(one), stale: one.stale })),
    }
  }

  private byId(): Map<string, Registry> {
    return new Map(this.options.registries().map((registry) => [registry.id, registry]))
  }

  private section(registries: ReadonlyMap<string, Registry>, key: RepositoryKey): Section {
    const registry = registries.get(key.registryId)
    return registry ? sectionOf(registry, key.repository) : 'public'
  }
}
