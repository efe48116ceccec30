import type { AppError, ErrorCode } from '@shared/error'
import type { Reachability } from '@shared/registry'

/** How a request to a registry ended. */
export type Outcome = { ok: true } | { ok: false; error: AppError }

const offline: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'HOST_UNKNOWN',
  'CONNECTION_REFUSED',
  'CONNECTION_LOST',
  'TIMED_OUT',
  'TLS_UNTRUSTED',
  'TLS_EXPIRED',
  'TLS_NAME_MISMATCH',
  'TLS_EXPECTED_HTTP',
  'HTTP_EXPECTED_TLS',
  'PROXY_FAILED',
  'REDIRECT_REFUSED',
  'NOT_A_REGISTRY',
  'REGISTRY_FAILED',
])

const signIn: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UNAUTHORIZED',
  'REALM_REFUSED',
  'CREDENTIAL_MISSING',
  'KEYCHAIN_UNAVAILABLE',
  'KEYCHAIN_LOCKED',
])

/** Errors that say nothing of the registry: our own side gave up, or never asked. */
const silent: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CANCELLED',
  'INTERNAL',
  'INPUT_INVALID',
  'STORE_FAILED',
])

/**
 * What an outcome says of a registry, or null where it says nothing. Any other error is an answer: a tag that is not
 * there, or a repository that this account may not see, came from a registry that is online.
 */
export function reachabilityOf(outcome: Outcome): Reachability | null {
  if (outcome.ok) return 'online'
  const { code, context } = outcome.error
  if (silent.has(code) || context.side === 'engine') return null
  if (offline.has(code)) return 'offline'
  return signIn.has(code) ? 'sign-in-needed' : 'online'
}
