import { AppError, toAppError } from '@shared/error'
import type { Log } from '../log'
import { drain } from './body'
import { mayLead } from './reach'
import { isRedirect, maximumHops, nextHop } from './redirect'
import { backoff, HostPauses, isWorthRetry, isWorthRetryAfter, retryAfterSeconds } from './retry'
import { pause } from './signal'
import type { Timing } from './timing'
import type { Transport, WireRequest, WireResponse } from './transport'
import { hostOf } from './url'

/** Reads an answer; `attempt` counts from 1 and tells whether an earlier one may have been carried out unseen. */
export type Read<T> = (response: WireResponse, attempt: number) => Promise<T>

export interface CarryRules {
  /** False: when an answer got lost or a gateway failed, the caller looks into what was done. */
  repeatable?: boolean
  /** False: a redirect to another scheme, host or port is refused; for requests that carry a credential elsewhere. */
  crossOrigin?: boolean
}

/** Carries one request to its answer: pauses, other attempts, redirects. Whose credentials it has is decided above. */
export class Carrier {
  private readonly pauses: HostPauses

  constructor(
    private readonly transport: Transport,
    private readonly timing: Timing,
    log: Log,
  ) {
    this.pauses = new HostPauses(timing, log)
  }

  /** Sends until an answer is worth reading, and resolves with what `read` makes of it; rejects with an AppError. */
  async carry<T>(request: WireRequest, read: Read<T>, rules: CarryRules = {}): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await this.follow(request, rules)
        const wait = this.waitBeforeRetry(response, attempt, rules)
        if (wait === null) return await this.readAndLetGo(response, request, attempt, read)
        await drain(response, { timing: this.timing, signal: request.signal })
        if (wait > 0) await pause(wait, request.signal)
      } catch (thrown) {
        const error = toAppError(thrown)
        if (rules.repeatable === false || !isWorthRetryAfter(error, attempt)) throw error
        await pause(backoff(attempt, this.timing), request.signal)
      }
    }
  }

  /** What `read` left must not hold the socket: taken where it is here already (HEAD, an empty body), cut otherwise. */
  private async readAndLetGo<T>(
    response: WireResponse,
    { signal }: WireRequest,
    attempt: number,
    read: Read<T>,
  ): Promise<T> {
    const { stream } = response
    try {
      return await read(response, attempt)
    } finally {
      if (!stream.complete) stream.destroy()
      else if (!stream.readableEnded) await drain(response, { timing: this.timing, signal })
    }
  }

  /** Milliseconds until another attempt; null where this answer is the one. A 429 pauses its host for everybody. */
  private waitBeforeRetry(response: WireResponse, attempt: number, rules: CarryRules): number | null {
    const { status, headers, url } = response
    // A request that was put off by 429 has not been carried out.
    const again = (rules.repeatable !== false || status === 429) && isWorthRetry(status, attempt)
    const asked = retryAfterSeconds(headers['retry-after'])
    if (status === 429) {
      const wait = asked === null ? backoff(attempt + 1, this.timing) : asked * 1000
      this.pauses.add(hostOf(url), wait)
      return again && wait <= this.timing.patience ? 0 : null
    }
    if (!again) return null
    const wait = Math.max(backoff(attempt, this.timing), (asked ?? 0) * 1000)
    return wait <= this.timing.patience ? wait : null
  }

  /** REDIRECT_REFUSED where `from` may not send us to `to`. Behind a proxy a name is the proxy's to judge. */
  async checkLead(from: URL, to: URL): Promise<void> {
    const viaProxy = this.transport.proxyFor(to) !== null
    const may = await (viaProxy ? mayLead(from, to, () => Promise.resolve([])) : mayLead(from, to))
    if (!may) throw refused(from, `to ${to.origin}`)
  }

  private async follow(request: WireRequest, rules: CarryRules): Promise<WireResponse> {
    let current = request
    for (let hop = 0; ; hop += 1) {
      await this.pauses.wait(hostOf(current.url), request.signal)
      const response = await this.transport.send(current)
      const { location } = response.headers
      if (!isRedirect(response.status, location)) return response
      await drain(response, { timing: this.timing, signal: request.signal })
      if (hop >= maximumHops) throw refused(request.url, `more than ${maximumHops} redirects`)
      const next = nextHop(current, response.status, location ?? '')
      if (!next.trusted && rules.crossOrigin === false) throw refused(request.url, `to ${next.url.origin}`)
      if (!next.trusted) await this.checkLead(request.url, next.url)
      const headers = { ...current.headers }
      if (!next.trusted) delete headers.authorization
      current = { ...current, method: next.method, url: next.url, headers }
    }
  }
}

function refused(url: URL, detail: string): AppError {
  return new AppError('REDIRECT_REFUSED', { side: 'registry', host: hostOf(url) }, { detail })
}
