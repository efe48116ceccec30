/** Which tags of a repository a clean-up rule would take: pure, from what is known of the tags to two lists. */
import { newestVersionFirst } from './version-order'

export interface CleanupTag {
  name: string
  /** Null while it was not read. */
  digest: string | null
  /** Milliseconds since 1970. */
  created: number | null
}

export interface CleanupRule {
  /** How many images stay, the newest of those that `pattern` means; several tags of one image count once. */
  keepNewest: number
  /** What was created within so many days stays; null: age alone keeps nothing. */
  keepDays: number | null
  /** Globs of the tags that the rule is about; none means every tag. */
  patterns: readonly string[]
  /** Globs of the tags that stay in any case. */
  protect: readonly string[]
}

export const stayReasons = ['protected', 'unmatched', 'unread', 'undated', 'newest', 'recent'] as const
/** Why a tag stays. What cannot be dated is never taken by a rule. */
export type StayReason = (typeof stayReasons)[number]

export interface Cleanup<T> {
  going: T[]
  staying: { tag: T; reason: StayReason }[]
}

const day = 86_400_000
/** Container images came in 2013; builds that can be repeated carry 1970 or 1980, which tells nothing of their age. */
const firstImages = Date.UTC(2013, 0, 1)

/** Whether a tag matches a glob: `*` is any run of characters, `?` is one; letters count as they are written. */
export function matchesGlob(text: string, glob: string): boolean {
  let at = 0
  let inGlob = 0
  let star = -1
  let retry = 0
  while (at < text.length) {
    if (glob[inGlob] === '*') {
      star = inGlob
      inGlob += 1
      retry = at
    } else if (inGlob < glob.length && (glob[inGlob] === '?' || glob[inGlob] === text[at])) {
      inGlob += 1
      at += 1
    } else if (star >= 0) {
      inGlob = star + 1
      retry += 1
      at = retry
    } else return false
  }
  while (glob[inGlob] === '*') inGlob += 1
  return inGlob === glob.length
}

/** The globs of a field: separated by commas or white space. */
export const globsOf = (text: string): string[] => text.split(/[\s,，、]+/).filter((glob) => glob !== '')

const isDated = (tag: CleanupTag): tag is CleanupTag & { created: number } =>
  tag.created !== null && tag.created >= firstImages

/** Newest first; among equals the newer version first; what has no date comes last. */
function newestFirst<T extends CleanupTag>(tags: readonly T[]): T[] {
  const time = (tag: T): number => (isDated(tag) ? tag.created : 0)
  return newestVersionFirst(tags, (tag) => tag.name).sort((a, b) => time(b) - time(a))
}

/** Parts the tags by a rule at a time (`now`, ms): both lists newest first, each staying tag with its first reason. */
export function applyCleanup<T extends CleanupTag>(
  tags: readonly T[],
  rule: CleanupRule,
  now: number,
): Cleanup<T> {
  const matchesAny = (tag: T, globs: readonly string[]): boolean =>
    globs.some((glob) => matchesGlob(tag.name, glob))
  const images = new Set<string>()

  /** Null: it goes. Asked from the newest tag on, so that the newest images are counted first. */
  function reasonOf(tag: T): StayReason | null {
    if (matchesAny(tag, rule.protect)) return 'protected'
    if (rule.patterns.length > 0 && !matchesAny(tag, rule.patterns)) return 'unmatched'
    if (tag.digest === null) return 'unread'
    if (!isDated(tag)) return 'undated'
    if (images.has(tag.digest)) return 'newest'
    if (images.size < rule.keepNewest) {
      images.add(tag.digest)
      return 'newest'
    }
    return rule.keepDays !== null && tag.created > now - rule.keepDays * day ? 'recent' : null
  }

  const result: Cleanup<T> = { going: [], staying: [] }
  for (const tag of newestFirst(tags)) {
    const reason = reasonOf(tag)
    if (reason === null) result.going.push(tag)
    else result.staying.push({ tag, reason })
  }
  return result
}
