import { AppError, type ErrorContext } from '@shared/error'
import { Config, type Descriptor } from '@shared/oci'
import { bodyLimits } from './body'
import { checkBytes } from './digest'
import type { RequestOptions } from './endpoint'
import { parseJson } from './json'
import { checkDigest, checkRepository } from './name'
import { type Action, repositoryScope } from './scope'
import type { Caller } from './session'

const blobPath = (repository: string, digest: string): string => `/v2/${repository}/blobs/${digest}`

/** Whether a repository holds a blob; `actions` are what the caller will need next, so that one token does. */
export async function hasBlob(
  caller: Caller,
  repository: string,
  digest: string,
  options?: RequestOptions,
  ...actions: Action[]
): Promise<boolean> {
  checkRepository(repository)
  checkDigest(digest)
  const context: ErrorContext = { side: 'registry', repository, digest }
  const scopes = [repositoryScope(repository, 'pull', ...actions)]
  const url = blobPath(repository, digest)
  // A length of decompressed bytes would be another one.
  const headers = { accept: '*/*', 'accept-encoding': 'identity' }
  return caller.call({ method: 'HEAD', url, scopes, headers, context, options }, async (answer) => {
    if (answer.status === 404) return false
    if (answer.status !== 200) throw await answer.refusal('BLOB_UNKNOWN')
    return true
  })
}

/**
 * Fetches a blob of at most 4 MiB whole and checks it against the descriptor's size and digest: SIZE_MISMATCH,
 * DIGEST_MISMATCH, RESPONSE_TOO_LARGE, BLOB_UNKNOWN. The descriptor's `urls` are never fetched.
 */
export async function fetchSmallBlob(
  caller: Caller,
  repository: string,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  options?: RequestOptions,
): Promise<Buffer> {
  checkRepository(repository)
  checkDigest(digest)
  const context: ErrorContext = { side: 'registry', repository, digest }
  if (size > bodyLimits.manifest) {
    throw new AppError('RESPONSE_TOO_LARGE', context, { detail: `${size} bytes are announced` })
  }
  const scopes = [repositoryScope(repository, 'pull')]
  const headers = { accept: '*/*', 'accept-encoding': 'identity' }
  const url = blobPath(repository, digest)
  return caller.call({ method: 'GET', url, scopes, headers, context, options }, async (answer) => {
    if (answer.status !== 200) throw await answer.refusal('BLOB_UNKNOWN')
    const bytes = await answer.bytes(bodyLimits.manifest)
    if (bytes.length !== size) {
      throw new AppError('SIZE_MISMATCH', context, { detail: `${bytes.length} bytes instead of ${size}` })
    }
    checkBytes(bytes, digest, context)
    return bytes
  })
}

/** Fetches an image's config, checked as `fetchSmallBlob` does; RESPONSE_INVALID where it is none. */
export async function fetchConfig(
  caller: Caller,
  repository: string,
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  options?: RequestOptions,
): Promise<{ bytes: Buffer; config: Config }> {
  const bytes = await fetchSmallBlob(caller, repository, descriptor, options)
  const context: ErrorContext = { side: 'registry', repository, digest: descriptor.digest }
  const parsed = Config.safeParse(parseJson(bytes, context))
  if (parsed.success) return { bytes, config: parsed.data }
  const detail = `config: ${parsed.error.issues[0]?.path.join('.') ?? 'broken'}`
  throw new AppError('RESPONSE_INVALID', context, { detail })
}
