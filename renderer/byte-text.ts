/** Sizes as they are typed: `512 MB` counts in thousands, `512 MiB` in 1024s, and so do `512Mi` and docker's own `512m`. */

const powers: Record<string, number> = { '': 0, k: 1, m: 2, g: 3, t: 4 }

/** Bytes of a typed size; a number alone is in MiB. Null where nothing is typed, NaN where it is no size. */
export function parseBytes(text: string): number | null {
  const typed = text.trim().replace(/[,，]/g, '.')
  if (typed === '') return null
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgt]?)(ib|i|b)?)$/i.exec(typed)
  if (!match) return NaN
  const [, number = '', prefix = '', ending = ''] = match
  const power = powers[prefix.toLowerCase()] ?? 0
  if (prefix === '' && ending === '') return Math.round(Number(number) * 1024 ** 2)
  if (prefix === '' && ending.toLowerCase() !== 'b') return NaN
  const base = ending.toLowerCase() === 'b' ? 1000 : 1024
  return Math.round(Number(number) * base ** power)
}

const units: readonly (readonly [string, number])[] = [
  ['TiB', 1024 ** 4],
  ['TB', 1000 ** 4],
  ['GiB', 1024 ** 3],
  ['GB', 1000 ** 3],
  ['MiB', 1024 ** 2],
  ['MB', 1000 ** 2],
  ['KiB', 1024],
  ['KB', 1000],
]

/** The shortest text that parses back to exactly these bytes, with at most two digits after the point. */
export function bytesText(bytes: number | null): string {
  if (bytes === null || Number.isNaN(bytes)) return ''
  for (const [unit, size] of units) {
    const count = bytes / size
    if (count >= 1 && Number.isInteger(count * 100) && Math.round(count * size) === bytes)
      return `${count} ${unit}`
  }
  return `${bytes} B`
}
