import type { RepositoryKey } from '@shared/browse'
import { toAppError, type AppError } from '@shared/error'
import type { Cache } from '../cache/cache'
import type { BrowseClient, RegistryAccess } from './registry-access'
import { isAboutContent } from './registry-error'

/** One repository at its registry, and where what it answers is kept; made anew for each refresh. */
export interface Source extends RepositoryKey {
  client: BrowseClient
  cache: Cache
  now: () => number
  /** What is being fetched, by digest: tags that share an image ask for it once. */
  fetching: Map<string, Promise<unknown>>
}

/** A repository as it is read in one refresh, through the client of this moment. */
export function openSource(
  { registryId, repository }: RepositoryKey,
  { registries, cache, now }: { registries: RegistryAccess; cache: Cache; now: () => number },
): Source {
  return { registryId, repository, client: registries.client(registryId), cache, now, fetching: new Map() }
}

/** Does a piece of work that others may ask for at the same time, once; `key` must fix the type of its result. */
export async function once<T>(source: Source, key: string, work: () => Promise<T>): Promise<T> {
  const running = source.fetching.get(key)
  if (running) return running as Promise<T>
  const begun = work().finally(() => source.fetching.delete(key))
  source.fetching.set(key, begun)
  return begun
}

export interface ReadOptions {
  signal: AbortSignal
  /** Higher goes first among the requests that wait. */
  priority?: number
}

/** Reads on screen go before those behind it, and those before what only fills in. */
export const priorities = { focused: 2, shown: 1, behind: 0 } as const

/**
 * Does the work and tells the registries how the registry answered. A failure of our own, or a cancelled request, says
 * nothing about the registry.
 */
export async function reporting<T>(
  registries: RegistryAccess,
  registryId: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const result = await work()
    if (!signal.aborted) registries.report(registryId, { ok: true })
    return result
  } catch (thrown) {
    const error = toAppError(thrown)
    if (!signal.aborted && !isOurs(error)) {
      registries.report(registryId, isAboutContent(error) ? { ok: true } : { ok: false, error })
    }
    throw thrown
  }
}

const isOurs = (error: AppError): boolean =>
  error.code === 'INTERNAL' ||
  error.code === 'STORE_FAILED' ||
  error.code === 'CANCELLED' ||
  error.code === 'REGISTRY_UNKNOWN'

/** Runs `work` over the items, at most `limit` at once; the first error ends it all. */
export async function each<T>(
  next: () => T | null,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let failed = false
  const worker = async (): Promise<void> => {
    for (let item = next(); item !== null && !failed; item = next()) {
      try {
        await work(item)
      } catch (thrown) {
        failed = true
        throw thrown
      }
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
}
