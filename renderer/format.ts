/** Pure formatting with Intl; the composable useFormat binds it to the language that is shown. */

/** Making an Intl formatter costs far more than using it, and tables use them for every cell. */
const made = new Map<string, unknown>()
function kept<T>(key: string, make: () => T): T {
  const known = made.get(key)
  if (known !== undefined) return known as T
  const fresh = make()
  made.set(key, fresh)
  return fresh
}

/** A plain number with at most some digits after the point. */
export const plainNumber = (value: number, locale: string, digits = 3): string =>
  kept(
    `number ${locale} ${digits}`,
    () => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }),
  ).format(value)

/** Date and time in full. */
export const dateTime = (time: number, locale: string): string =>
  kept(
    `date ${locale}`,
    () => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }),
  ).format(time)

const byteUnits = ['B', 'KB', 'MB', 'GB', 'TB']

/** Bytes in decimal units, as docker and registries count them: `38.2 MB`. */
export function byteSize(bytes: number, locale: string): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${plainNumber(value, locale, digits)} ${byteUnits[unit]}`
}

/** Bytes a second: `4.2 MB/s`. */
export const speed = (bytesPerSecond: number, locale: string): string =>
  `${byteSize(bytesPerSecond, locale)}/s`

/** Whether a number is a time that a calendar has (ECMA-262 §21.4.1.1); registries may claim others. */
export const isTime = (time: number | null | undefined): time is number =>
  time != null && Math.abs(time) <= 8.64e15

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365.25 * 86_400],
  ['month', 30.44 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** `3 days ago`, of two times in ms; less than a minute is `now`. */
export function relativeTime(time: number, now: number, locale: string): string {
  const seconds = (time - now) / 1000
  const format = kept(`relative ${locale}`, () => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }))
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit)
  }
  return format.format(0, 'second')
}

const part = (value: number, unit: 'hour' | 'minute' | 'second', locale: string): string =>
  kept(
    `${unit} ${locale}`,
    () => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }),
  ).format(value)

/** Seconds as the two largest units: `1 min 20 sec`. */
export function duration(seconds: number, locale: string): string {
  const whole = Math.max(0, Math.round(seconds))
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  if (hours > 0)
    return [part(hours, 'hour', locale), minutes ? part(minutes, 'minute', locale) : ''].join(' ').trim()
  const rest = whole % 60
  if (minutes > 0)
    return [part(minutes, 'minute', locale), rest ? part(rest, 'second', locale) : ''].join(' ').trim()
  return part(rest, 'second', locale)
}
