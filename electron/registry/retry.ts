import { performance } from 'node:perf_hooks'
import { AppError, type ErrorCode } from '@shared/error'
import type { Log } from '../log'
import { pause } from './signal'
import type { Timing } from './timing'

/** Attempts at most, the first included, by what went wrong. */
const attemptsFor = (status: number): number => {
  if (status === 429 || status === 502 || status === 503 || status === 504) return 4
  return status >= 500 && status !== 501 && status !== 505 ? 2 : 1
}
const attemptsAfter: Partial<Record<ErrorCode, number>> = { CONNECTION_LOST: 3 }
const longestPause = 60 * 60
const day = 24 * 3600

/** Whether a request that was answered so is worth another attempt. */
export const isWorthRetry = (status: number, attempt: number): boolean => attempt < attemptsFor(status)

/** Whether a request that failed so on the way is worth another attempt; time-outs and refusals are told at once. */
export const isWorthRetryAfter = (error: AppError, attempt: number): boolean =>
  attempt < (attemptsAfter[error.code] ?? 1)

/** Milliseconds before a request that ended so, its answer read, is worth attempt `attempt + 1`; null: it is not. */
export function waitAfter(error: AppError, attempt: number, timing: Timing): number | null {
  const { status, retryAfterSeconds = 0 } = error.context
  // A 429 was waited for already, and not carried out.
  if (status === 429) return null
  if (status === undefined ? !isWorthRetryAfter(error, attempt) : !isWorthRetry(status, attempt)) return null
  const wait = Math.max(backoff(attempt, timing), retryAfterSeconds * 1000)
  return wait <= timing.patience ? wait : null
}

/** Retry-After (RFC 9110, 10.2.3) in seconds from now, from a number or a date; null where there is none. */
export function retryAfterSeconds(header: string | undefined, now = Date.now()): number | null {
  if (header === undefined) return null
  const text = header.trim()
  const seconds = /^[0-9]{1,9}$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000)
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), day) : null
}

/** The pause before attempt `attempt + 1`, in milliseconds: doubling, between half and the whole of it. */
export const backoff = (attempt: number, timing: Timing, random = Math.random()): number =>
  Math.min(timing.backoff * 2 ** (attempt - 1), 10_000) * (0.5 + random / 2)

/** Hosts that asked for a pause (429). One host's pause does not hold up another. */
export class HostPauses {
  private readonly until = new Map<string, number>()

  constructor(
    private readonly timing: Timing,
    private readonly log: Log,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Notes that `host` wants no request for so long; the pause is capped at an hour. */
  add(host: string, milliseconds: number): void {
    const end = this.now() + Math.min(milliseconds, longestPause * 1000)
    if (end <= (this.until.get(host) ?? 0)) return
    this.until.set(host, end)
    this.log.warn('The registry asks for a pause', { host, milliseconds: Math.round(milliseconds) })
  }

  /** Waits for the end of the host's pause; TOOMANYREQUESTS at once where that is longer than our patience. */
  async wait(host: string, signal?: AbortSignal): Promise<void> {
    for (;;) {
      const left = (this.until.get(host) ?? 0) - this.now()
      if (left <= 0) return void this.until.delete(host)
      if (left > this.timing.patience) {
        throw new AppError('TOOMANYREQUESTS', {
          side: 'registry',
          host,
          status: 429,
          retryAfterSeconds: Math.ceil(left / 1000),
        })
      }
      await pause(left, signal)
    }
  }
}
