const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,12})?(?:[Zz]|[+-]\d{2}:\d{2})$/

/**
 * Milliseconds since 1970 of an RFC 3339 date, or null where the text is none. Go's zero time (year 1) and everything
 * else before 1970 stands for "not set".
 */
export function parseDate(text: string | null | undefined): number | null {
  const match = text ? rfc3339.exec(text) : null
  if (!match) return null
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  // JavaScript turns 30 February into 1 or 2 March.
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return null
  const time = Date.parse((text ?? '').replace(/[Tt ]/, 'T').replace(/z$/, 'Z'))
  return Number.isNaN(time) || time < 0 ? null : time
}
