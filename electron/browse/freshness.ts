/** `auto`: refreshed where it is old or not whole. `force`: refreshed now. `never`: the cache alone. */
export type Policy = 'auto' | 'force' | 'never'

const freshFor = 60_000

/** Whether an answer of that time (milliseconds since 1970) is still good; one from the future is not. */
export function isFresh(fetchedAt: number | null, now: number, milliseconds = freshFor): boolean {
  return fetchedAt !== null && fetchedAt <= now && now - fetchedAt <= milliseconds
}

/**
 * As `isFresh`, for what tells the user whether the registry is there: what an earlier run of the program was told says
 * nothing about that, however new it is.
 */
export const isFreshSince = (began: number, fetchedAt: number | null, now: number): boolean =>
  isFresh(fetchedAt, now) && fetchedAt !== null && fetchedAt >= began

/** Whether a read by this policy asks the registry. */
export const wantsRefresh = (policy: Policy, isGood: boolean): boolean =>
  policy === 'force' || (policy === 'auto' && !isGood)
