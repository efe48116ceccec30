/** Search over everything ever seen, pins, recent places, and what an image is built on. */
import { z } from 'zod'
import { Section } from './registry'

export const SearchHit = z.object({
  kind: z.enum(['repository', 'tag', 'image']),
  registryId: z.string(),
  /** The section under which it is shown. */
  section: Section,
  repository: z.string(),
  tag: z.string().nullable(),
  digest: z.string().nullable(),
  /** Which field matched, and its text around the match; hostile text. */
  field: z.enum(['repository', 'tag', 'digest', 'label', 'environment', 'port', 'base']),
  snippet: z.string(),
  created: z.number().nullable(),
})
export type SearchHit = z.infer<typeof SearchHit>

export const SearchAnswer = z.object({
  hits: z.array(SearchHit),
  /** More matched than were asked for. */
  more: z.boolean(),
})
export type SearchAnswer = z.infer<typeof SearchAnswer>

/** A place that was pinned or visited: a catalog has no repository, a repository no reference. */
export const Place = z.object({
  registryId: z.string(),
  section: Section,
  repository: z.string().max(255),
  reference: z.string().max(300).nullable(),
})
export type Place = z.infer<typeof Place>

export const Places = z.object({
  pins: z.array(Place),
  /** Newest first. */
  recent: z.array(Place.extend({ visitedAt: z.number() })),
  revision: z.number(),
})
export type Places = z.infer<typeof Places>

export const LineageEntry = z.object({
  registryId: z.string(),
  section: Section,
  repository: z.string(),
  tag: z.string(),
  digest: z.string(),
  created: z.number().nullable(),
})
export type LineageEntry = z.infer<typeof LineageEntry>

/** What an image is built on, as far as it was seen: `_ownbase` images (and others) whose layers it begins with. */
export const Lineage = z.object({
  /** The image that shares the most layers from the bottom up; null where none was seen. */
  base: LineageEntry.nullable(),
  /** The newest tag of the base's repository, when that is another build than the one it stands on. */
  newerBase: LineageEntry.nullable(),
  /** Seen images that begin with this one's layers; `stale` ones stand on an older build of its repository. */
  builtOnThis: z.array(LineageEntry.extend({ stale: z.boolean() })),
})
export type Lineage = z.infer<typeof Lineage>

export const DeletedTag = z.object({
  registryId: z.string(),
  repository: z.string(),
  tag: z.string(),
  digest: z.string(),
  deletedAt: z.number(),
})
export type DeletedTag = z.infer<typeof DeletedTag>
