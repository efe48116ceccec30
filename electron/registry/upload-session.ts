import { AppError, type ErrorContext, toAppError } from '@shared/error'
import type { RequestOptions } from './endpoint'
import { checkDigest, checkRepository } from './name'
import { repositoryScope } from './scope'
import type { Answer, Caller } from './session'
import { isSameOrigin, parseUrl } from './url'

/** An upload that a registry has begun: JSON, so that it can be kept and gone on with after a restart. */
export interface UploadSession {
  /** The newest Location, absolute; its query is opaque and stays byte for byte. */
  location: string
  /** Bytes that the registry has said to hold. */
  offset: number
}

export interface StartedSession extends UploadSession {
  /** OCI-Chunk-Min-Length: every chunk but the last has at least so many bytes; 0 without. */
  minimum: number
}

/** What a session says of itself: distribution-spec 1.1, "Pushing a blob in chunks". */
export type UploadStatus = StartedSession | 'gone'

const empty = Buffer.alloc(0)
const uploadsOf = (repository: string): string => `/v2/${repository}/blobs/uploads/`
export const pushScopes = (repository: string): string[] => [repositoryScope(repository, 'pull', 'push')]

/** Opens a session; NAME_UNKNOWN, DENIED. */
export function startUpload(
  caller: Caller,
  repository: string,
  context: ErrorContext,
  options?: RequestOptions,
): Promise<StartedSession> {
  checkRepository(repository)
  const scopes = pushScopes(repository)
  const url = uploadsOf(repository)
  return caller.call({ method: 'POST', url, scopes, body: empty, context, options }, async (answer) => {
    if (answer.status !== 202) throw await answer.refusal('NAME_UNKNOWN')
    return started(answer, context)
  })
}

/**
 * Asks for a blob of another repository of the same registry (distribution-spec 1.1, end-11): `mounted`; the session that was
 * opened instead; null where it is refused, as it is where the account must not read there.
 */
export async function mountBlob(
  caller: Caller,
  repository: string,
  digest: string,
  fromRepository: string,
  options?: RequestOptions,
): Promise<'mounted' | StartedSession | null> {
  checkRepository(repository)
  checkRepository(fromRepository)
  checkDigest(digest)
  const context: ErrorContext = { side: 'registry', repository, digest }
  const scopes = [...pushScopes(repository), repositoryScope(fromRepository, 'pull')]
  const query = `mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(fromRepository)}`
  const url = `${uploadsOf(repository)}?${query}`
  try {
    return await caller.call(
      { method: 'POST', url, scopes, body: empty, context, options },
      async (answer) => {
        if (answer.status === 202) return started(answer, context)
        if (answer.status !== 201) throw await answer.refusal('BLOB_UNKNOWN')
        await answer.skip()
        return 'mounted' as const
      },
    )
  } catch (thrown) {
    const error = toAppError(thrown)
    const { status } = error.context
    const refused = status !== undefined && status >= 400 && status < 500 && status !== 429
    if (refused || error.code === 'DENIED' || error.code === 'UNAUTHORIZED') return null
    throw error
  }
}

/** Where a session stands (distribution-spec 1.1, end-13); `gone` where the registry knows nothing of it any more. */
export function uploadStatus(
  caller: Caller,
  repository: string,
  session: UploadSession,
  context: ErrorContext,
  options?: RequestOptions,
): Promise<UploadStatus> {
  const url = new URL(session.location)
  const scopes = pushScopes(repository)
  return caller.call({ method: 'GET', url, scopes, context, options }, async (answer) => {
    const { status } = answer
    if (status >= 200 && status <= 299) {
      const next = await moved(answer, session, context)
      return { ...next, offset: next.offset ?? 0 }
    }
    const error = await answer.refusal('BLOB_UPLOAD_UNKNOWN')
    // Distribution 2 drops a session whose last chunk was cut (BLOB_UPLOAD_INVALID); some registries cannot tell at all.
    if ([400, 404, 405, 410, 501].includes(status)) return 'gone'
    throw error
  })
}

/** Whether an error of a chunk or a commit says that its session does not exist any more. */
export const isSessionGone = (error: AppError): boolean =>
  error.code === 'BLOB_UPLOAD_UNKNOWN' || (error.context.status === 404 && error.context.side === 'registry')

/** Ends a session, so that the registry lets go of its bytes; one that is gone already is fine. */
export async function abortUpload(
  caller: Caller,
  session: UploadSession,
  options?: RequestOptions,
): Promise<void> {
  const url = parseUrl(session.location)
  const context: ErrorContext = { side: 'registry' }
  if (url === null) throw new AppError('INPUT_INVALID', { ...context, field: 'session' })
  const repository = /^\/v2\/(.+)\/blobs\/uploads\//.exec(url.pathname)?.[1]
  const scopes = repository === undefined ? [] : pushScopes(repository)
  await caller.call({ method: 'DELETE', url, scopes, context, options }, async (answer) => {
    const { status } = answer
    if ((status < 200 || status > 299) && status !== 404) throw await answer.refusal('BLOB_UPLOAD_UNKNOWN')
    await answer.skip()
  })
}

/**
 * Reads an answer that moves a session on: always the newest Location (the old one where none is given), and the bytes that
 * the registry holds by its Range; `offset` is null where it does not say.
 */
export async function moved(
  answer: Answer,
  session: UploadSession,
  context: ErrorContext,
): Promise<{ location: string; offset: number | null; minimum: number }> {
  const given = answer.header('location') !== undefined
  const location = given ? uploadLocation(answer, context).href : session.location
  const offset = bytesHeld(answer.header('range'))
  await answer.skip()
  return { location, offset, minimum: chunkMinimum(answer) }
}

/** The digest appended to a session's URL; what is opaque in its query stays byte for byte. */
export function withDigest(session: URL, digest: string): URL {
  const url = new URL(session)
  url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`
  return url
}

async function started(answer: Answer, context: ErrorContext): Promise<StartedSession> {
  const location = uploadLocation(answer, context).href
  await answer.skip()
  return { location, offset: 0, minimum: chunkMinimum(answer) }
}

/**
 * The Location of an upload session: relative or absolute, its query kept as it is. To another host only by https, and then
 * the call goes without credentials. RESPONSE_INVALID without a usable one, REDIRECT_REFUSED for an unfit one.
 */
function uploadLocation(answer: Answer, context: ErrorContext): URL {
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

/** `0-99` is 100 bytes. `0-0` stands for none: an empty session cannot say it otherwise. */
function bytesHeld(range: string | undefined): number | null {
  const last = /^(?:bytes[= ])?0-(\d{1,15})$/i.exec(range?.trim() ?? '')?.[1]
  if (last === undefined) return null
  return last === '0' ? 0 : Number(last) + 1
}

const mostChunk = 1024 ** 3

function chunkMinimum(answer: Answer): number {
  const bytes = Number(answer.header('oci-chunk-min-length') ?? 0)
  return Number.isSafeInteger(bytes) && bytes > 0 ? Math.min(bytes, mostChunk) : 0
}
