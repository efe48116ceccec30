import { setTimeout as pause } from 'node:timers/promises'

/** Options of `until`; times in milliseconds. */
export interface UntilOptions {
  timeout?: number
  interval?: number
  /** Added to the message when time is up, say the end of a log. */
  explain?: () => string
}

/**
 * Asks `condition` again and again until it answers something other than undefined, null or false, and resolves with
 * that. A condition that throws counts as not yet; its last error is in the message when time is up.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  { timeout = 30_000, interval = 25, explain }: UntilOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const end = Date.now() + timeout
  let last: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false>
      }
    } catch (error) {
      if (error instanceof GiveUp) throw error
      last = error
    }
    if (Date.now() > end) {
      const reason = last instanceof Error ? `: ${last.message}` : ''
      throw new Error(`${what}: not within ${timeout} ms${reason}${explain ? `\n${explain()}` : ''}`)
    }
    await pause(interval)
  }
}

/** Thrown by a condition that can no longer come true: `until` passes it on at once. */
export class GiveUp extends Error {}
