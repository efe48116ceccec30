import { AppError, toAppError } from '@shared/error'
import type { Outcome } from '../registries/reachability'
import type { Registries } from '../registries/registries'
import type { FetchedManifest, RegistryClient, RequestOptions } from '../registry/client'
import { throwIfAborted } from './engine-access'

/** What jobs ask of one registry. */
export type Client = Pick<
  RegistryClient,
  | 'headManifest'
  | 'fetchManifest'
  | 'fetchConfig'
  | 'listTags'
  | 'putManifest'
  | 'uploadBlob'
  | 'deleteManifest'
  | 'deleteTag'
  | 'hasBlob'
  | 'mountBlob'
  | 'uploadStream'
  | 'abortUpload'
  | 'openBlob'
  | 'listReferrers'
>

/** What jobs need of the registries. */
export interface RegistryAccess
  extends Pick<Registries, 'host' | 'engineAuth'>, Partial<Pick<Registries, 'snapshot'>> {
  client(id: string): Client
  report(id: string, outcome: Outcome): void
}

/** A place in a registry. */
export interface Place {
  registryId: string
  repository: string
}

/**
 * Asks a registry, with the client of that moment: it changes when the user signs in anew. How it went is reported, and an
 * error says which registry and repository it is about.
 */
export async function ask<T>(
  registries: RegistryAccess,
  { registryId, repository }: Place,
  request: (client: Client) => Promise<T>,
): Promise<T> {
  try {
    const answer = await request(registries.client(registryId))
    registries.report(registryId, { ok: true })
    return answer
  } catch (thrown) {
    const error = toAppError(thrown)
    registries.report(registryId, { ok: false, error })
    throw error.with({ side: 'registry', registryId, host: registries.host(registryId), repository })
  }
}

/** Attempts where a registry's client changes meanwhile, say because the user signs in anew. */
const mostClients = 3

/** As `ask`, for long work that can be done again: it goes on with the next client where its own was closed. */
export async function askAnew<T>(
  registries: RegistryAccess,
  place: Place,
  signal: AbortSignal,
  request: (client: Client) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask(registries, place, request)
    } catch (thrown) {
      throwIfAborted(signal)
      if (toAppError(thrown).code !== 'CANCELLED' || attempt >= mostClients) throw thrown
    }
  }
}

/** The digest that a tag has now, or null where the registry knows no such tag or repository. */
export async function digestOf(
  client: Client,
  repository: string,
  reference: string,
  options: RequestOptions = {},
): Promise<string | null> {
  try {
    return (await client.headManifest(repository, reference, options)).digest
  } catch (thrown) {
    if (isUnknown(thrown)) return null
    throw thrown
  }
}

/** The manifest or index that a tag names now, or null where the registry knows no such tag or repository. */
export async function manifestOf(
  client: Client,
  repository: string,
  reference: string,
  options: RequestOptions = {},
): Promise<FetchedManifest | null> {
  try {
    return await client.fetchManifest(repository, reference, options)
  } catch (thrown) {
    if (isUnknown(thrown)) return null
    throw thrown
  }
}

const isUnknown = (thrown: unknown): boolean =>
  thrown instanceof AppError && (thrown.code === 'MANIFEST_UNKNOWN' || thrown.code === 'NAME_UNKNOWN')
