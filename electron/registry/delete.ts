import { AppError, type ErrorContext } from '@shared/error'
import { isTag } from '@shared/reference'
import type { RequestOptions } from './endpoint'
import { checkDigest, checkReference } from './name'
import { repositoryScope } from './scope'
import type { Answer, Caller } from './session'

function send<T>(
  caller: Caller,
  repository: string,
  reference: string,
  options: RequestOptions | undefined,
  read: (answer: Answer, context: ErrorContext) => Promise<T>,
): Promise<T> {
  const context = checkReference(repository, reference)
  const scopes = [repositoryScope(repository, 'pull', 'delete')]
  const url = `/v2/${repository}/manifests/${reference}`
  return caller.call({ method: 'DELETE', url, scopes, context, options }, (answer) => read(answer, context))
}

/** Gone, also where an earlier attempt whose answer got lost had already done it. */
const isGone = ({ status, attempt }: Answer): boolean =>
  (status >= 200 && status <= 299) || (status === 404 && attempt > 1)

/**
 * Deletes a manifest by digest, and so every tag of the repository that names it. DELETE_DISABLED where the registry does
 * not delete (400, 405), MANIFEST_UNKNOWN where it is not there.
 */
export async function deleteManifest(
  caller: Caller,
  repository: string,
  digest: string,
  options?: RequestOptions,
): Promise<void> {
  checkDigest(digest)
  await send(caller, repository, digest, options, async (answer, context) => {
    if (isGone(answer)) return answer.skip()
    const error = await answer.refusal('MANIFEST_UNKNOWN')
    if (answer.status !== 400 && answer.status !== 405) throw error
    throw new AppError('DELETE_DISABLED', { ...context, status: answer.status }, { detail: error.detail })
  })
}

/** Deletes a tag alone (distribution-spec 1.1, end-9); `unsupported` where the registry only deletes by digest. */
export async function deleteTag(
  caller: Caller,
  repository: string,
  tag: string,
  options?: RequestOptions,
): Promise<'deleted' | 'unsupported'> {
  // A digest here would take every tag with it.
  if (!isTag(tag)) throw new AppError('INPUT_INVALID', { side: 'registry', repository, field: 'tag' })
  return send(caller, repository, tag, options, async (answer) => {
    if (!isGone(answer) && answer.status !== 400 && answer.status !== 405) {
      throw await answer.refusal('MANIFEST_UNKNOWN')
    }
    await answer.skip()
    return isGone(answer) ? 'deleted' : 'unsupported'
  })
}
