import type { ErrorInfo } from '@shared/error'

/**
 * The token service's address that a REALM_REFUSED asks to confirm, as the registry named it; null for any other error, and
 * where no confirmation would help. Hostile text: it is shown, and nothing is sent there before the user has confirmed it.
 */
export function realmOf(error: ErrorInfo): string | null {
  if (error.code !== 'REALM_REFUSED') return null
  const { reference } = error.context
  return reference && /^https?:\/\//.test(reference) && realmHost(reference) !== null ? reference : null
}

/** Host and port of a realm, the part that tells whose it is; null where it is no address. */
export function realmHost(realm: string): string | null {
  try {
    return new URL(realm).host || null
  } catch {
    return null
  }
}
