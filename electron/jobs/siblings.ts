import { AppError } from '@shared/error'
import type { RequestOptions } from '../registry/client'
import { type Client, digestOf } from './registry-access'

const concurrency = 8

/**
 * Every tag of a repository that names this digest, sorted, asked from the registry one by one. RESPONSE_INVALID where its
 * list of tags is not whole: a tag that is not seen must not be taken along.
 */
export async function tagsOfDigest(
  client: Client,
  repository: string,
  digest: string,
  options: RequestOptions = {},
): Promise<string[]> {
  const tags = new Set<string>()
  for await (const page of client.listTags(repository, options)) {
    for (const tag of page.items) tags.add(tag)
    if (page.cut) {
      const detail = 'The list of tags is not whole, so which of them share the digest cannot be told.'
      throw new AppError('RESPONSE_INVALID', { side: 'registry', repository, digest }, { detail })
    }
  }
  const waiting = [...tags]
  const found: string[] = []
  const work = async (): Promise<void> => {
    for (let tag = waiting.pop(); tag !== undefined; tag = waiting.pop()) {
      if ((await digestOf(client, repository, tag, options)) === digest) found.push(tag)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return found.sort()
}
