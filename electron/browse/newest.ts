import type { ManifestKind } from '@shared/oci'
import { isPlainVersion, newestVersionFirst } from '@shared/version-order'

interface DatedTag {
  name: string
  kind: ManifestKind | null
  created: number | null
}

/**
 * The tag of the newest image: the latest date; among equals (or where no image has a date) the highest version, then
 * `latest`, then any other. Null where there is no image.
 */
export function newestTagOf<T extends DatedTag>(tags: readonly T[]): T | null {
  let latest = -Infinity
  let equals: T[] = []
  for (const tag of tags) {
    if (tag.kind !== 'image' && tag.kind !== 'index') continue
    const created = tag.created ?? -1
    if (created > latest) equals = []
    if (created >= latest) equals.push(tag)
    latest = Math.max(latest, created)
  }
  const [first, second] = newestVersionFirst(equals, (tag) => tag.name)
  // `latest` leads the order of versions, but a version says more than it.
  return first?.name === 'latest' && second && isPlainVersion(second.name) ? second : (first ?? null)
}

/** Names ordered by how likely each is the newest, for reading the likely ones first: `latest`, then versions. */
export const likelyNewestFirst = (names: readonly string[]): string[] =>
  newestVersionFirst(names, (name) => name)

/** The few tags from which a summary is made: `latest` and the two that follow it. */
export function summaryCandidates(names: readonly string[]): string[] {
  return likelyNewestFirst(names).slice(0, names.includes('latest') ? 3 : 2)
}
