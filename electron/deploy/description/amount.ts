/** Sizes and times as people and command lines write them. */

const units: Record<string, number> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }
const mebibyte = 2 ** 20

/** Bytes as engines' command lines take them: `512m`, `2g`, `1000b`. */
export function sizeWord(bytes: number): string {
  for (const unit of ['g', 'm', 'k'] as const) {
    const factor = units[unit] ?? 1
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`
  }
  return `${bytes}b`
}

/** Bytes as a description has them: `512Mi`, `2Gi`, `1000B`. */
export function sizeText(bytes: number): string {
  const word = sizeWord(bytes)
  return word.endsWith('b') ? `${bytes}B` : `${word.slice(0, -1)}${word.at(-1)?.toUpperCase() ?? ''}i`
}

export const sizePattern = /^(\d+(?:\.\d+)?)\s*(?:([KMGTkmgt])(i?)[Bb]?|([Bb]))?$/

/**
 * Bytes of `512Mi`, `512M`, `1.5GiB`, `1000B`; a number alone counts MiB, as `512`. `Mi` and `m` count 1024, `M` and `MB` 1000.
 * Null where it is no size.
 */
export function parseSize(size: string | number): number | null {
  const found = sizePattern.exec(String(size).trim())
  if (!found) return null
  const [, digits, unit, binary, bytes] = found
  if (bytes) return Math.round(Number(digits))
  if (!unit) return Math.round(Number(digits) * mebibyte)
  const power = ['k', 'm', 'g', 't'].indexOf(unit.toLowerCase()) + 1
  const base = binary || unit === unit.toLowerCase() ? 1024 : 1000
  return Math.round(Number(digits) * base ** power)
}

export const secondsPattern = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/

/** Seconds of `10`, `10s`, `1.5m`, `500ms`; null where it is no time. */
export function parseSeconds(time: string | number): number | null {
  const found = secondsPattern.exec(String(time).trim())
  if (!found) return null
  const value = Number(found[1])
  switch (found[2]) {
    case 'ms':
      return value / 1000
    case 'm':
      return value * 60
    case 'h':
      return value * 3600
    default:
      return value
  }
}
