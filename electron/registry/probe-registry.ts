import { AppError, toAppError } from '@shared/error'
import { headerOf, refusalOf } from './answer'
import { drain } from './body'
import type { Carrier } from './carrier'
import { parseChallenges } from './challenge'
import type { RegistryClient } from './client'
import { type Credential, identityTokenUser } from './endpoint'
import { plainText } from './error'
import { speaksAsRegistry } from './ping'
import { type Finding, fine } from './probe-finding'
import type { Timing } from './timing'
import type { Veil } from '../veil'

/** `/v2/` without an account: 200, or 401 with a challenge. NOT_A_REGISTRY where something else answers. */
export function checkApi(
  carrier: Carrier,
  base: URL,
  { timing, veil, signal }: { timing: Timing; veil: Veil; signal: AbortSignal },
): Promise<Finding> {
  const request = {
    method: 'GET',
    url: new URL('/v2/', base),
    headers: { accept: 'application/json' },
    body: null,
    signal,
  }
  return carrier.carry(request, async (response) => {
    const { status } = response
    const schemes = parseChallenges(headerOf(response, 'www-authenticate') ?? '').map(({ scheme }) => scheme)
    if (status !== 200 && status !== 401) {
      throw await refusalOf(response, { side: 'registry' }, 'NOT_A_REGISTRY', { timing, signal, veil })
    }
    await drain(response, { timing, signal })
    // A proxy before the registry may ask for the account in its stead, without saying what is behind it.
    const known = schemes.includes('bearer') || schemes.includes('basic')
    if (!speaksAsRegistry(response) && !(status === 401 && known)) {
      throw new AppError('NOT_A_REGISTRY', { side: 'registry', status })
    }
    const version = plainText(veil.cover(headerOf(response, 'docker-distribution-api-version') ?? '')).slice(
      0,
      40,
    )
    const scheme = status === 401 ? plainText(veil.cover(schemes.join(', '))).slice(0, 60) : ''
    return fine(version || 'API v2', ...(scheme ? [{ kind: 'asks', scheme } as const] : []))
  })
}

/** Whether the account, or nobody, is let in. */
export async function checkAccount(
  client: RegistryClient,
  resolveCredential: () => Promise<Credential | null>,
  signal: AbortSignal,
): Promise<Finding> {
  const credential = await resolveCredential()
  await client.ping({ signal })
  if (credential === null) return fine({ kind: 'anonymous' })
  return fine(credential.username === identityTokenUser ? { kind: 'identity-token' } : credential.username)
}

/** The first page of the catalog; a registry that does not list is a warning, not a failure. */
export async function checkCatalog(
  client: RegistryClient,
  namespace: string | null,
  signal: AbortSignal,
): Promise<Finding> {
  try {
    for await (const { items } of client.listRepositories({ signal })) {
      const listed = { kind: 'listed', count: items.length } as const
      if (!namespace) return fine(listed)
      const inside = items.filter((name) => name.startsWith(`${namespace}/`)).length
      return fine(listed, { kind: 'inside', count: inside, namespace })
    }
    return fine({ kind: 'listed', count: 0 })
  } catch (thrown) {
    const error = toAppError(thrown)
    if (error.code !== 'LISTING_UNSUPPORTED') throw error
    return { state: 'warning', facts: [], error: error.toInfo() }
  }
}
