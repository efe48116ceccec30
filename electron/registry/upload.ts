import { AppError, type ErrorContext, toAppError } from '@shared/error'
import { hasBlob } from './blob'
import { digestOf } from './digest'
import type { RequestOptions } from './endpoint'
import { checkRepository } from './name'
import { repositoryScope } from './scope'
import type { Answer, Caller } from './session'
import { isSameOrigin, parseUrl } from './url'

export interface UploadedBlob {
  digest: string
  size: number
}

const attempts = 3
/** A new session may help: the old one is gone, or the way to it broke. */
const worthAnother = new Set([
  'CONNECTION_LOST',
  'BLOB_UPLOAD_UNKNOWN',
  'BLOB_UPLOAD_INVALID',
  'REGISTRY_FAILED',
])

/**
 * Uploads a small blob in one piece (distribution-spec 1.1, "POST then PUT"), unless the repository holds it already. When
 * the answer to the last step got lost the registry is asked for the blob before it is sent again.
 */
export async function uploadBlob(
  caller: Caller,
  repository: string,
  bytes: Buffer,
  options?: RequestOptions,
): Promise<UploadedBlob> {
  checkRepository(repository)
  const blob = { digest: digestOf(bytes), size: bytes.length }
  for (let attempt = 1; ; attempt += 1) {
    if (await hasBlob(caller, repository, blob.digest, options, 'push')) return blob
    const context: ErrorContext = { side: 'registry', repository, digest: blob.digest }
    try {
      const session = await startUpload(caller, repository, context, options)
      await commit(caller, session, repository, blob.digest, bytes, context, options)
      return blob
    } catch (thrown) {
      const error = toAppError(thrown)
      if (attempt >= attempts || !worthAnother.has(error.code)) throw error
    }
  }
}

function startUpload(
  caller: Caller,
  repository: string,
  context: ErrorContext,
  options?: RequestOptions,
): Promise<URL> {
  const scopes = [repositoryScope(repository, 'pull', 'push')]
  const url = `/v2/${repository}/blobs/uploads/`
  const body = Buffer.alloc(0)
  return caller.call({ method: 'POST', url, scopes, body, context, options }, async (answer) => {
    if (answer.status !== 202) throw await answer.refusal('NAME_UNKNOWN')
    await answer.skip()
    return uploadLocation(answer, context)
  })
}

/**
 * The Location of an upload session: relative or absolute, its query kept as it is. To another host only by https, and then
 * the call goes without credentials. RESPONSE_INVALID without a usable one, REDIRECT_REFUSED for an unfit one.
 */
export function uploadLocation(answer: Answer, context: ErrorContext): URL {
  const own = answer.response.url
  const url = parseUrl(answer.header('location') ?? '', own)
  const web = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (answer.header('location') === undefined || url === null || !web) {
    throw new AppError('RESPONSE_INVALID', context, { detail: 'no upload location' })
  }
  const foreign = !isSameOrigin(url, own)
  if (url.username !== '' || url.password !== '' || (foreign && url.protocol !== 'https:')) {
    throw new AppError('REDIRECT_REFUSED', context, { detail: `upload to ${url.origin}` })
  }
  return url
}

/** The session's URL with the digest appended; what is opaque in its query stays byte for byte. */
export function withDigest(session: URL, digest: string): URL {
  const url = new URL(session)
  url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`
  return url
}

async function commit(
  caller: Caller,
  session: URL,
  repository: string,
  digest: string,
  body: Buffer,
  context: ErrorContext,
  options?: RequestOptions,
): Promise<void> {
  const scopes = [repositoryScope(repository, 'pull', 'push')]
  const headers = { 'content-type': 'application/octet-stream' }
  const url = withDigest(session, digest)
  const call = { method: 'PUT', url, scopes, headers, body, repeatable: false, context, options } as const
  await caller.call(call, async (answer) => {
    if (answer.status < 200 || answer.status > 299) throw await answer.refusal('BLOB_UPLOAD_UNKNOWN')
    await answer.skip()
  })
}
