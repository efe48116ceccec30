/** `auto`: refreshed where it is old or not whole. `force`: refreshed now. `never`: the cache alone. */
export type Policy = 'auto' | 'force' | 'never'

const freshFor = 60_000

/** Whether an answer of that time (milliseconds since 1970) is still good; one from the future is not. */
export function isFresh(fetchedAt: number | null, now: number, milliseconds = freshFor): boolean {
  return fetchedAt !== null && fetchedAt <= now && now - fetchedAt <= milliseconds
}

/** Whether a read by this policy asks the registry. */
export const wantsRefresh = (policy: Policy, isGood: boolean): boolean =>
  policy === 'force' || (policy === 'auto' && !isGood)
