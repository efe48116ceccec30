import { AppError, toAppError } from '@shared/error'
import type { Log } from '../log'
import { RegistryClient } from './client'
import type { Credential, RegistryEndpoint } from './endpoint'
import type { ProxyFor } from './proxy'

/**
 * Tries a credential at a registry before it is kept. UNAUTHORIZED when the registry or its token service refuses it,
 * REALM_REFUSED while its token service is not confirmed; a registry that wants no account accepts every one.
 */
export async function checkCredential(
  endpoint: RegistryEndpoint,
  credential: Credential,
  confirmedRealms: readonly string[],
  options: { log: Log; signal?: AbortSignal; proxyFor?: ProxyFor | undefined },
): Promise<void> {
  const client = new RegistryClient({
    endpoint,
    resolveCredential: () => Promise.resolve(credential),
    confirmedRealms: () => confirmedRealms,
    log: options.log,
    ...(options.proxyFor && { proxyFor: options.proxyFor }),
  })
  try {
    await client.ping({ signal: options.signal })
  } catch (thrown) {
    const error = toAppError(thrown)
    if (error.code !== 'DENIED') throw error
    throw new AppError('UNAUTHORIZED', error.context, { detail: error.detail, cause: error })
  } finally {
    client.close()
  }
}
