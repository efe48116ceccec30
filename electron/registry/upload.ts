import { type ErrorContext, toAppError } from '@shared/error'
import { hasBlob } from './blob'
import { digestOf } from './digest'
import type { RequestOptions } from './endpoint'
import { checkRepository } from './name'
import type { Caller } from './session'
import { pushScopes, startUpload, type UploadSession, withDigest } from './upload-session'

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

async function commit(
  caller: Caller,
  session: UploadSession,
  repository: string,
  digest: string,
  body: Buffer,
  context: ErrorContext,
  options?: RequestOptions,
): Promise<void> {
  const scopes = pushScopes(repository)
  const headers = { 'content-type': 'application/octet-stream' }
  const url = withDigest(new URL(session.location), digest)
  const call = { method: 'PUT', url, scopes, headers, body, repeatable: false, context, options } as const
  await caller.call(call, async (answer) => {
    if (answer.status < 200 || answer.status > 299) throw await answer.refusal('BLOB_UPLOAD_UNKNOWN')
    await answer.skip()
  })
}
