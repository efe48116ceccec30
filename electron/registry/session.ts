import { AppError, type ErrorCode, type ErrorContext, toAppError } from '@shared/error'
import { headerOf, refusalOf } from './answer'
import type { Authorizer, Grant } from './authorizer'
import { drain, readBytes } from './body'
import type { Carrier, Read } from './carrier'
import type { RequestOptions } from './endpoint'
import type { Limit } from './limit'
import { joinSignals } from './signal'
import type { Timing } from './timing'
import type { StreamedBody, WireResponse } from './transport'
import { hostOf, isSameOrigin } from './url'
import type { Veil } from '../veil'

/** One request to the registry, as a resource asks for it. */
export interface Call {
  method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Resolved against the registry's root; a Location or Link of its own may be a whole URL, also on another host. */
  url: string | URL
  scopes: readonly string[]
  headers?: Record<string, string>
  body?: Buffer | StreamedBody
  /** Milliseconds for the answer, where it may take longer than others. */
  answerWithin?: number
  /** Takes none of the places: a body of any length, whose number the caller bounds. */
  streams?: boolean
  /** False: a lost answer is the caller's to look into. */
  repeatable?: boolean
  /** `account`: the account's Basic header is sent unasked. */
  authorize?: 'when-asked' | 'account'
  context: ErrorContext
  options?: RequestOptions
}

/** An answer with the ways to read it. */
export interface Answer {
  response: WireResponse
  status: number
  attempt: number
  header(name: string): string | undefined
  bytes(limit: number): Promise<Buffer>
  /** Lets the body go. */
  skip(): Promise<void>
  /** The error that this answer means; `missing` for a 404 without a code. */
  refusal(missing: ErrorCode): Promise<AppError>
}

/** What the resources (catalog, tags, manifest, blob ...) need of a client. */
export interface Caller {
  call<T>(call: Call, read: (answer: Answer) => Promise<T>): Promise<T>
}

export interface SessionOptions {
  registry: URL
  carrier: Carrier
  authorizer: Authorizer
  limit: Limit
  timing: Timing
  /** Has every secret that was sent. */
  veil: Veil
  closing: AbortSignal
}

/** The chain that every request passes: a place, credentials, then pauses, attempts and redirects, then the wire. */
export class Session implements Caller {
  constructor(private readonly options: SessionOptions) {}

  /**
   * Sends a call and resolves with what `read` makes of the answer. Rejects with an AppError that has the call's context, and
   * nothing in it of what was sent as a secret.
   */
  async call<T>(call: Call, read: (answer: Answer) => Promise<T>): Promise<T> {
    const { limit, closing, registry, veil } = this.options
    const { signal, release } = joinSignals(call.options?.signal, closing)
    try {
      const task = (): Promise<T> => this.authorized(call, read, signal)
      if (call.streams) return await task()
      return await limit.run(task, call.options?.priority ?? 0, signal)
    } catch (thrown) {
      throw veil.coverError(toAppError(thrown)).with({ ...call.context, host: hostOf(registry) })
    } finally {
      release()
    }
  }

  private async authorized<T>(
    call: Call,
    read: (answer: Answer) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { authorizer, registry } = this.options
    const url = new URL(call.url, registry)
    // Another host (an upload's Location) gets no credentials at all.
    if (!isSameOrigin(url, registry)) {
      // An upload's session may have been kept over a restart, so it is looked at here too.
      if (url.protocol !== 'https:') {
        throw new AppError('REDIRECT_REFUSED', { side: 'registry' }, { detail: `to ${url.origin}` })
      }
      await this.options.carrier.checkLead(registry, url)
      return this.send(call, url, null, signal, (answer) => read(answer))
    }
    let grant =
      call.authorize === 'account'
        ? await authorizer.basicGrant()
        : await authorizer.grant(call.scopes, call.context, signal)
    for (let last = false; ; last = true) {
      const outcome = await this.send(call, url, grant, signal, async (answer) => {
        if (answer.status !== 401 || !isSameOrigin(answer.response.url, registry)) {
          return { done: true as const, value: await read(answer) }
        }
        if (last) throw await this.refused(answer, grant)
        await answer.skip()
        return { done: false as const, challenge: answer.response.headers['www-authenticate'] }
      })
      if (outcome.done) return outcome.value
      grant = await authorizer.regrant(outcome.challenge, grant, call.scopes, call.context, signal)
    }
  }

  /** 401 to a fresh header: with an account's token the right is missing, otherwise the account. */
  private async refused(answer: Answer, grant: Grant | null): Promise<AppError> {
    const error = await answer.refusal('UNAUTHORIZED')
    return grant?.kind === 'bearer' && grant.account
      ? new AppError('DENIED', error.context, { detail: error.detail })
      : error
  }

  private send<T>(
    call: Call,
    url: URL,
    grant: Grant | null,
    signal: AbortSignal,
    read: (answer: Answer) => Promise<T>,
  ): Promise<T> {
    const headers: Record<string, string> = {
      accept: 'application/json',
      'accept-encoding': 'gzip',
      ...call.headers,
    }
    if (grant) headers.authorization = grant.header
    const { method, body = null, answerWithin } = call
    const request = { method, url, headers, body, signal, answerWithin }
    const carried: Read<T> = (response, attempt) => read(this.answer(response, attempt, call, signal))
    return this.options.carrier.carry(request, carried, { repeatable: call.repeatable ?? true })
  }

  private answer(response: WireResponse, attempt: number, call: Call, signal: AbortSignal): Answer {
    const { timing, registry, veil } = this.options
    return {
      response,
      status: response.status,
      attempt,
      header: (name) => headerOf(response, name),
      bytes: (limit) => readBytes(response, { limit, timing, signal }),
      skip: () => drain(response, { timing, signal }),
      refusal: async (missing) => {
        const error = await refusalOf(response, call.context, missing, { timing, signal, veil })
        // A storage behind the registry that refuses says nothing of the account's rights.
        const foreign =
          !isSameOrigin(response.url, registry) && (response.status === 401 || response.status === 403)
        return foreign ? new AppError('REGISTRY_FAILED', error.context, { detail: error.detail }) : error
      },
    }
  }
}
