import { AppError, type ErrorContext, toAppError } from '@shared/error'
import { type Descriptor, Index, mediaTypes } from '@shared/oci'
import type { Log } from '../log'
import { bodyLimits } from './body'
import type { RequestOptions } from './endpoint'
import { parseJson } from './json'
import { nextPage } from './link'
import { fetchManifest } from './manifest'
import { checkDigest, checkRepository } from './name'
import { repositoryScope } from './scope'
import type { Caller } from './session'

const mostPages = 50
/** Where an endless list ends: what it may hold, and bytes of its pages; they stay in memory. */
const mostItems = 10_000
const mostBytes = 16 * 1024 * 1024
/** What registries say that do not know the referrers API; the specification's own word is 404. */
const unknown = new Set([400, 404, 405, 501])

/** The tag under which referrers are listed where there is no API for it (distribution-spec 1.1, "Referrers Tag Schema"). */
export function referrersTag(digest: string): string {
  const [algorithm = '', encoded = ''] = digest.split(':')
  return `${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}`
}

/**
 * What has this manifest as its subject: by the referrers API (distribution-spec 1.1, end-12a), or by the tag schema where
 * the registry does not know it. None is an empty list; RESPONSE_INVALID where the list is none.
 */
export async function listReferrers(
  caller: Caller,
  log: Log,
  repository: string,
  digest: string,
  options?: RequestOptions,
): Promise<Descriptor[]> {
  checkRepository(repository)
  checkDigest(digest)
  const context: ErrorContext = { side: 'registry', repository, digest }
  const found = new Map<string, Descriptor>()
  let next: URL | string = `/v2/${repository}/referrers/${digest}`
  let bytes = 0
  for (let page = 1; ; page += 1) {
    const answer: ReferrersPage | null = await fetchPage(caller, repository, next, page, context, options)
    if (answer === null) return byTag(caller, repository, digest, options)
    for (const entry of answer.manifests) found.set(entry.digest, entry)
    bytes += answer.bytes
    if (answer.next === 'none') break
    const isFull = page >= mostPages || found.size >= mostItems || bytes > mostBytes
    if (answer.next === 'bad' || isFull || answer.manifests.length === 0) {
      log.warn('A list of referrers was cut', { ...context, pages: page, items: found.size })
      break
    }
    next = answer.next
  }
  return [...found.values()]
}

interface ReferrersPage {
  manifests: Descriptor[]
  /** Of the page. */
  bytes: number
  next: URL | 'none' | 'bad'
}

/** Null: the registry does not know the API. */
function fetchPage(
  caller: Caller,
  repository: string,
  url: URL | string,
  page: number,
  context: ErrorContext,
  options?: RequestOptions,
): Promise<ReferrersPage | null> {
  const scopes = [repositoryScope(repository, 'pull')]
  const headers = { accept: mediaTypes.ociIndex }
  return caller.call({ method: 'GET', url, scopes, headers, context, options }, async (answer) => {
    if (page === 1 && unknown.has(answer.status)) {
      await answer.skip()
      return null
    }
    if (answer.status !== 200) throw await answer.refusal('NAME_UNKNOWN')
    const bytes = await answer.bytes(bodyLimits.manifest)
    const parsed = Index.safeParse(parseJson(bytes, context))
    if (!parsed.success) throw new AppError('RESPONSE_INVALID', context, { detail: 'no list of referrers' })
    const { manifests } = parsed.data
    return { manifests, bytes: bytes.length, next: nextPage(answer.header('link'), answer.response.url) }
  })
}

async function byTag(
  caller: Caller,
  repository: string,
  digest: string,
  options?: RequestOptions,
): Promise<Descriptor[]> {
  try {
    const { content } = await fetchManifest(caller, repository, referrersTag(digest), options)
    return content.kind === 'index' ? content.index.manifests : []
  } catch (thrown) {
    const { code } = toAppError(thrown)
    if (code === 'MANIFEST_UNKNOWN' || code === 'NAME_UNKNOWN') return []
    throw thrown
  }
}
