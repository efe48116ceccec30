/** A number as it is typed: null where nothing is, NaN where it is none. */
export function parseNumber(text: string): number | null {
  const typed = text.trim().replace(/[,，]/g, '.')
  if (typed === '') return null
  return /^-?\d+(\.\d+)?$/.test(typed) ? Number(typed) : NaN
}

export const numberText = (value: number | null): string =>
  value === null || Number.isNaN(value) ? '' : String(value)
