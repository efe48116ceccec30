/**
 * The order of tags as versions. Tags follow no one scheme: this reads the usual ones (`1.27.3`, `v2.0.0-rc.1`,
 * `3.12-slim-bookworm`, `20240101`) and leaves every other name in natural order.
 */

/** A tag as it compares. Ranks: `latest`, plain versions (with pre-releases), versions of a variant, other names. */
interface Version {
  text: string
  rank: 0 | 1 | 2 | 3
  /** `alpine` of `1.27-alpine3.20`: variants stand together. */
  variant: string
  numbers: string[]
  /** Empty: a release, which is newer than its pre-releases. */
  preRelease: string[]
  /** What is left: revisions (`-1`) and the variant's own numbers. */
  rest: string[]
}

const preReleaseWords = /^(?:alpha|beta|rc|cr|pre|preview|dev|snapshot|nightly|canary|ea|m|a|b)(?=\d*$)/i
const commitHash = /^(?=.*[0-9])(?=.*[a-f])[0-9a-f]{7,64}$/
const leadingVersion = /^v?(\d+(?:[._]\d+)*)(.*)$/i

/** `alpine3.20` as `alpine`, `3`, `20`: runs of digits and runs of anything else but separators. */
const pieces = (text: string): string[] => text.match(/\d+|[^\d._-]+/g) ?? []
const isNumber = (text: string): boolean => /^\d+$/.test(text)

function parse(text: string): Version {
  const name = (rank: 0 | 3): Version => ({
    text,
    rank,
    variant: '',
    numbers: [],
    preRelease: [],
    rest: pieces(text),
  })
  if (text === 'latest') return name(3)
  const match = commitHash.test(text) ? null : leadingVersion.exec(text)
  if (!match) return name(0)
  const version: Version = {
    text,
    rank: 2,
    variant: '',
    numbers: (match[1] ?? '').split(/[._]/),
    preRelease: [],
    rest: [],
  }
  const rest = pieces(match[2] ?? '')
  const words: string[] = []
  let inPreRelease = false
  for (const [index, piece] of rest.entries()) {
    const next = rest[index + 1] ?? ''
    if (words.length === 0 && preReleaseWords.test(piece) && (piece.length > 1 || isNumber(next))) {
      version.preRelease.push(piece.toLowerCase())
      inPreRelease = true
    } else if (inPreRelease && isNumber(piece)) version.preRelease.push(piece)
    else {
      inPreRelease = false
      if (!isNumber(piece)) words.push(piece)
      version.rest.push(piece)
    }
  }
  if (words.length > 0) {
    version.rank = 1
    version.variant = words.join('-')
  }
  return version
}

/** A list is sorted again and again while its details come in; each tag of it is read once. */
const parsed = new Map<string, Version>()
const mostParsed = 50_000
function parseOnce(text: string): Version {
  const known = parsed.get(text)
  if (known) return known
  if (parsed.size >= mostParsed) parsed.clear()
  const version = parse(text)
  parsed.set(text, version)
  return version
}

const sign = (difference: number): number => (difference > 0 ? 1 : difference < 0 ? -1 : 0)
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Digits of any length, without losing the low ones of a long one. */
function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  return sign(left.length - right.length) || compareText(left, right)
}

/** Piece by piece: numbers as numbers, a number below a word, and a missing piece below any. */
function comparePieces(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const left = a[index]
    const right = b[index]
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1
    const order =
      isNumber(left) && isNumber(right)
        ? compareDigits(left, right)
        : isNumber(left) !== isNumber(right)
          ? isNumber(left)
            ? -1
            : 1
          : compareText(left, right)
    if (order !== 0) return order
  }
  return 0
}

function compareParsed(a: Version, b: Version): number {
  if (a.rank !== b.rank) return sign(a.rank - b.rank)
  // Names and variants read from a to z when the newest stands first.
  if (a.rank === 0) return comparePieces(b.rest, a.rest) || compareText(b.text, a.text)
  return (
    compareText(b.variant, a.variant) ||
    comparePieces(a.numbers, b.numbers) ||
    comparePreRelease(a.preRelease, b.preRelease) ||
    comparePieces(a.rest, b.rest) ||
    compareText(a.text, b.text)
  )
}

function comparePreRelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return sign(b.length - a.length)
  return comparePieces(a, b)
}

/**
 * Compares two tags: above 0 when `a` is the newer. Sorted with the newest first, `latest` leads, then come the plain
 * versions, then the variants in groups (`-alpine`, `-slim`), then names that are no version.
 */
export const compareVersions = (a: string, b: string): number => compareParsed(parseOnce(a), parseOnce(b))

/** Whether a tag is a plain version, a pre-release included: no variant, no `latest`, no other name. */
export const isPlainVersion = (tag: string): boolean => parse(tag).rank === 2

/** A sorted copy, newest version first; each name is read once, so that long lists stay quick. */
export function newestVersionFirst<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, version: parse(nameOf(item)) }))
    .sort((a, b) => compareParsed(b.version, a.version))
    .map(({ item }) => item)
}
