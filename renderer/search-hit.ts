/** How a hit of the search is shown: its group, its icon and its name. */
import { Boxes, Braces, Hash, Layers, Package, Plug, Tag } from '@lucide/vue'
import type { SearchHit } from '@shared/search'
import type { Component } from 'vue'
import { placeName, placeOfHit } from './place'

export type HitField = SearchHit['field']

/** The order of the groups. */
export const hitFields: readonly HitField[] = [
  'repository',
  'tag',
  'digest',
  'label',
  'environment',
  'port',
  'base',
]

export const fieldIcons: Record<HitField, Component> = {
  repository: Package,
  tag: Tag,
  digest: Hash,
  label: Boxes,
  environment: Braces,
  port: Plug,
  base: Layers,
}

export const hitName = (hit: SearchHit): string => placeName(placeOfHit(hit))
/** What matched, where the name does not show it. */
export const hitSnippet = ({ field, snippet }: SearchHit): string =>
  field === 'repository' || field === 'tag' ? '' : snippet

/** Unique among the hits of one answer: an image may be found by several fields, and by several labels. */
export const hitKey = ({ field, registryId, section, repository, tag, digest, snippet }: SearchHit): string =>
  [field, section, registryId, repository, tag, digest, snippet].join(' ')

/** The hits by field, in the order of the groups; within one as they came, best first. Doubles are left out. */
export function groupHits(hits: readonly SearchHit[]): { field: HitField; hits: SearchHit[] }[] {
  const seen = new Set<string>()
  const fresh = hits.filter((hit) => !seen.has(hitKey(hit)) && seen.add(hitKey(hit)))
  return hitFields
    .map((field) => ({ field, hits: fresh.filter((hit) => hit.field === field) }))
    .filter((group) => group.hits.length > 0)
}
