import { AppError } from '@shared/error'
import type { Descriptor } from '@shared/oci'
import type { FetchedManifest, RequestOptions } from '../registry/client'
import type { DeletedTable } from './deleted-table'
import { type Client, manifestOf, type Place } from './registry-access'

const deepest = 8
const most = 1000

/** What of `DeletedTable` those need who delete. */
export type Keep = Pick<DeletedTable, 'keep' | 'confirm'>

/**
 * Keeps what tags name, with all manifests below an index, before it is deleted. Says why where it cannot be kept: a manifest
 * of the first schema, an entry that is damaged. Other failures of the registry are thrown.
 */
export async function keepManifests(
  client: Client,
  deleted: Keep,
  place: Place,
  { tags, digest }: { tags: readonly string[]; digest: string },
  options: RequestOptions = {},
): Promise<string | null> {
  try {
    const root = await client.fetchManifest(place.repository, digest, options)
    const below = new Map<string, FetchedManifest>()
    await collect(client, place.repository, root, below, 1, options)
    deleted.keep(place, tags, root, [...below.values()])
    return null
  } catch (thrown) {
    const unreadable: readonly unknown[] = ['SCHEMA1_UNSUPPORTED', 'RESPONSE_INVALID', 'DIGEST_MISMATCH']
    if (thrown instanceof AppError && unreadable.includes(thrown.code)) return thrown.message
    throw thrown
  }
}

async function collect(
  client: Client,
  repository: string,
  { content }: FetchedManifest,
  found: Map<string, FetchedManifest>,
  depth: number,
  options: RequestOptions,
): Promise<void> {
  if (content.kind === 'manifest' || depth > deepest) return
  const fetchOne = async ({ digest }: Descriptor): Promise<void> => {
    if (found.has(digest) || found.size >= most) return
    // An index may name what its registry never had.
    const child = await manifestOf(client, repository, digest, options)
    if (!child) return
    found.set(digest, child)
    await collect(client, repository, child, found, depth + 1, options)
  }
  await Promise.all(content.index.manifests.slice(0, most).map(fetchOne))
}
