import { performance } from 'node:perf_hooks'
import { AppError, type ErrorContext, toAppError } from '@shared/error'
import type { Log } from '../log'
import type { Carrier } from './carrier'
import { type Challenge, chooseChallenge, parseChallenges } from './challenge'
import { type Credential, identityTokenUser } from './endpoint'
import { judgeRealm } from './realm'
import { mergeScopes, parseScopes } from './scope'
import { untilAborted } from './signal'
import type { Timing } from './timing'
import { basicHeader, requestToken, type Token } from './token'
import type { Veil } from '../veil'

export interface AuthorizerOptions {
  registry: URL
  carrier: Carrier
  timing: Timing
  resolveCredential: () => Promise<Credential | null>
  confirmedRealms: () => readonly string[]
  log: Log
  /** Learns of every secret that is sent. */
  veil: Veil
  /** Aborted when the client closes. */
  closing: AbortSignal
}

/** What goes into Authorization, and how to judge a refusal of it. */
export interface Grant {
  header: string
  /** With an account's credential; false: a token for nobody. */
  account: boolean
  kind: 'basic' | 'bearer'
}

const manyTokens = 2000
const keyOf = (scopes: readonly string[]): string => scopes.join(' ')

/** Answers challenges: which header a request with these scopes gets. Tokens live in memory, one request for many. */
export class Authorizer {
  private challenge: Challenge | null = null
  private credential: Promise<Credential | null> | null = null
  private readonly tokens = new Map<string, Token>()
  private readonly underway = new Map<string, Promise<Token>>()

  constructor(private readonly options: AuthorizerOptions) {}

  /** The header for these scopes by what is known; null as long as the registry has not asked for one. */
  async grant(scopes: readonly string[], context: ErrorContext, signal?: AbortSignal): Promise<Grant | null> {
    if (this.challenge === null) return null
    return this.answer(this.challenge, scopes, context, signal)
  }

  /**
   * The header for a request that was answered 401 with `header` as WWW-Authenticate, after `refused`. UNAUTHORIZED where no
   * scheme is one of ours or nobody is signed in, REALM_REFUSED, and what the realm says.
   */
  async regrant(
    header: string | undefined,
    refused: Grant | null,
    scopes: readonly string[],
    context: ErrorContext,
    signal?: AbortSignal,
  ): Promise<Grant> {
    const challenge = chooseChallenge(parseChallenges(header ?? ''))
    if (challenge === null) {
      const schemes = parseChallenges(header ?? '').map(({ scheme }) => scheme)
      const detail = schemes.length > 0 ? `sign-in by ${schemes.join(', ')} only` : 'no WWW-Authenticate'
      throw new AppError('UNAUTHORIZED', { side: 'registry', ...context, status: 401 }, { detail })
    }
    this.challenge = challenge
    this.forget(refused)
    const asked = mergeScopes(scopes, parseScopes(challenge.parameters.get('scope')))
    const grant = await this.answer(challenge, asked, context, signal)
    if (grant === null || (grant.kind === 'basic' && grant.header === refused?.header)) {
      this.credential = null
      throw new AppError('UNAUTHORIZED', { side: 'registry', ...context, status: 401 })
    }
    // The challenge may ask for more than we do: the next request for the same goes with that token at once.
    const token = this.tokens.get(keyOf(asked))
    if (token) this.tokens.set(keyOf(mergeScopes(scopes)), token)
    return grant
  }

  /** The account's own header, unasked: to check an account at a registry that also lets nobody in. */
  async basicGrant(): Promise<Grant | null> {
    const credential = await this.resolve()
    if (credential === null || credential.username === identityTokenUser) return null
    return { header: basicHeader(credential), account: true, kind: 'basic' }
  }

  /** Whether the registry has asked for a sign-in so far. */
  get challenged(): boolean {
    return this.challenge !== null
  }

  /** Whether there is an account; asks the keychain where that is not known yet. */
  async hasAccount(): Promise<boolean> {
    return (await this.resolve()) !== null
  }

  private async answer(
    challenge: Challenge,
    scopes: readonly string[],
    context: ErrorContext,
    signal?: AbortSignal,
  ): Promise<Grant | null> {
    if (challenge.scheme === 'basic') return this.basicGrant()
    try {
      const token = await this.token(challenge, mergeScopes(scopes), context, signal)
      return { header: `Bearer ${token.value}`, account: !token.anonymous, kind: 'bearer' }
    } catch (thrown) {
      // Asked anew the next time: another registry may have answered for a while, whose realm is of no use. Each of many at
      // once drops its own, and so the last one what is remembered.
      if (this.challenge === challenge && !signal?.aborted) this.challenge = null
      throw thrown
    }
  }

  private async token(
    challenge: Challenge,
    scopes: string[],
    context: ErrorContext,
    signal?: AbortSignal,
  ): Promise<Token> {
    const key = keyOf(scopes)
    const known = this.tokens.get(key)
    if (known && known.expires > performance.now()) return known
    let request = this.underway.get(key)
    if (request === undefined) {
      request = this.fetchToken(challenge, scopes).finally(() => this.underway.delete(key))
      this.underway.set(key, request)
    }
    try {
      return await untilAborted(request, signal)
    } catch (thrown) {
      throw thrown instanceof AppError ? thrown.with(context) : thrown
    }
  }

  private async fetchToken(challenge: Challenge, scopes: string[]): Promise<Token> {
    const { registry, carrier, timing, closing, confirmedRealms, log, veil } = this.options
    const credential = await this.resolve()
    const realm = await judgeRealm({
      realm: challenge.parameters.get('realm') ?? '',
      registry,
      confirmed: confirmedRealms(),
      withCredential: credential !== null,
    })
    const service = challenge.parameters.get('service')
    const question = { realm, service, scopes, credential, context: { side: 'registry' as const } }
    try {
      const token = await requestToken(carrier, question, { timing, veil, signal: closing })
      veil.hide(token.value)
      this.keep(keyOf(scopes), token)
      return token
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'UNAUTHORIZED') {
        // Another password may be there the next time, and tokens of an account that is gone must not hide it.
        this.credential = null
        this.tokens.clear()
      }
      log.debug('No token', { realm: realm.origin, scopes, error: veil.coverError(toAppError(thrown)) })
      throw thrown
    }
  }

  private keep(key: string, token: Token): void {
    if (this.tokens.size >= manyTokens) {
      const now = performance.now()
      for (const [each, { expires }] of this.tokens) if (expires <= now) this.tokens.delete(each)
      if (this.tokens.size >= manyTokens) this.tokens.clear()
    }
    this.tokens.set(key, token)
  }

  /** Drops the token that was refused; one that came meanwhile stays, so that many refusals make one refresh. */
  private forget(refused: Grant | null): void {
    if (refused === null) return
    for (const [key, token] of this.tokens) {
      if (refused.header === `Bearer ${token.value}`) this.tokens.delete(key)
    }
  }

  private resolve(): Promise<Credential | null> {
    this.credential ??= this.options.resolveCredential().then(
      (credential) => {
        // Name and password also as one, which is what the header has.
        if (credential)
          this.options.veil.hide(credential.password, basicHeader(credential).slice('Basic '.length))
        return credential
      },
      (error: unknown) => {
        this.credential = null
        throw error
      },
    )
    return this.credential
  }
}
