import { performance } from 'node:perf_hooks'
import { AppError, type ErrorContext } from '@shared/error'
import { bodyLimits, readBytes } from './body'
import type { Carrier, Read } from './carrier'
import type { Credential } from './endpoint'
import { identityTokenUser } from './endpoint'
import { parseJson } from './json'
import { refusalOf } from './answer'
import type { Timing } from './timing'
import type { WireRequest } from './transport'
import type { Veil } from '../veil'

export interface TokenQuestion {
  realm: URL
  service: string | undefined
  scopes: readonly string[]
  credential: Credential | null
  context: ErrorContext
}

export interface Token {
  value: string
  /** On the monotonic clock, in milliseconds. */
  expires: number
  anonymous: boolean
}

/** Distribution, "Token Authentication Specification": a token without `expires_in` lives 60 seconds. */
const defaultSeconds = 60
const longestSeconds = 24 * 3600

export const basicHeader = ({ username, password }: Credential): string =>
  `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`

function requestFor({ realm, service, scopes, credential }: TokenQuestion): WireRequest {
  if (credential?.username === identityTokenUser) {
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'slipway' })
    if (service !== undefined) form.set('service', service)
    if (scopes.length > 0) form.set('scope', scopes.join(' '))
    form.set('refresh_token', credential.password)
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
    return { method: 'POST', url: realm, headers, body: Buffer.from(form.toString()) }
  }
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  if (credential) url.searchParams.set('account', credential.username)
  const headers: Record<string, string> = { accept: 'application/json', 'accept-encoding': 'gzip' }
  if (credential) headers.authorization = basicHeader(credential)
  return { method: 'GET', url, headers, body: null }
}

/**
 * Asks a realm, which must have been judged, for a token: by GET, or by the OAuth2 POST for an identity token. UNAUTHORIZED
 * when it refuses, RESPONSE_INVALID when its answer is no token. What it says is told without what `veil` hides.
 */
export async function requestToken(
  carrier: Carrier,
  question: TokenQuestion,
  { timing, veil, signal }: { timing: Timing; veil: Veil; signal?: AbortSignal },
): Promise<Token> {
  const { context } = question
  const request = { ...requestFor(question), signal }
  const read: Read<Token> = async (response) => {
    const received = performance.now()
    if (response.status !== 200)
      throw await refusalOf(response, context, 'REGISTRY_FAILED', { timing, signal, veil })
    const bytes = await readBytes(response, { limit: bodyLimits.token, timing, signal })
    const { value, seconds } = readToken(parseJson(bytes, context), context)
    // A little early, so that it does not end on its way to the registry; half its life where that is short.
    const margin = Math.min(10, seconds / 2)
    return {
      value,
      expires: received + (seconds - margin) * 1000,
      anonymous: question.credential === null,
    }
  }
  return carrier.carry(request, read, { crossOrigin: question.credential === null })
}

function readToken(answer: unknown, context: ErrorContext): { value: string; seconds: number } {
  const fields = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>
  const value = [fields.token, fields.access_token].find((each) => typeof each === 'string' && each !== '')
  // It becomes a header: visible ASCII only.
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw new AppError(
      'RESPONSE_INVALID',
      { side: 'registry', ...context },
      { detail: 'no token in the answer' },
    )
  }
  const life = fields.expires_in
  const known = typeof life === 'number' && Number.isFinite(life) && life > 0
  return { value, seconds: known ? Math.min(life, longestSeconds) : defaultSeconds }
}
