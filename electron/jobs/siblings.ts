import { AppError } from '@shared/error'
import type { RequestOptions } from '../registry/client'
import { type Client, digestOf } from './registry-access'

const concurrency = 8

/**
 * What every tag of a repository names, asked from the registry one by one; tags that are gone by then are left out.
 * RESPONSE_INVALID where its list of tags is not whole: a tag that is not seen must not be taken along.
 */
export async function tagDigests(
  client: Client,
  repository: string,
  options: RequestOptions = {},
): Promise<Map<string, string>> {
  const tags = new Set<string>()
  for await (const page of client.listTags(repository, options)) {
    for (const tag of page.items) tags.add(tag)
    if (page.cut) {
      const detail = 'The list of tags is not whole, so which of them share a digest cannot be told.'
      throw new AppError('RESPONSE_INVALID', { side: 'registry', repository }, { detail })
    }
  }
  const waiting = [...tags]
  const found = new Map<string, string>()
  const work = async (): Promise<void> => {
    for (let tag = waiting.pop(); tag !== undefined; tag = waiting.pop()) {
      const digest = await digestOf(client, repository, tag, options)
      if (digest !== null) found.set(tag, digest)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return found
}

/** The tags of such a map that name a digest, sorted. */
export const namesOfDigest = (tags: ReadonlyMap<string, string>, digest: string): string[] =>
  [...tags]
    .filter(([, named]) => named === digest)
    .map(([tag]) => tag)
    .sort()

/** Every tag of a repository that names this digest, sorted; see `tagDigests`. */
export async function tagsOfDigest(
  client: Client,
  repository: string,
  digest: string,
  options: RequestOptions = {},
): Promise<string[]> {
  return namesOfDigest(await tagDigests(client, repository, options), digest)
}
