import { AppError } from '@shared/error'
import type { CopyRequest, DeleteRequest, JobResult } from '@shared/job'
import { isDigest } from '@shared/reference'
import { copyImage } from '../registry/copy'
import { Deletion } from './deletion'
import type { Keep } from './keep'
import type { KnownBlobs } from './layer-sender'
import { ask, askAnew, digestOf, type RegistryAccess } from './registry-access'
import type { RunContext, Runner } from './runner'
import { checkTarget, targetName, verifyTarget } from './target'
import type { UploadJournal } from './upload-journal'

export interface CopyParts {
  registries: RegistryAccess
  known: Pick<KnownBlobs, 'repositoriesWithBlob'>
  uploads: Pick<UploadJournal, 'session' | 'note'>
  deleted: Keep
  onPushed: (registryId: string, repository: string, tag: string) => void
  onDeleted: (registryId: string, repository: string, tag: string) => void
  /** Stands in for the copy between two clients in tests. */
  copy?: typeof copyImage
  verifyPauses?: readonly number[]
}

/**
 * Copies an image to a tag, with its platforms and its referrers, and answers the digest that both have then. To rename, the
 * source tag goes afterwards, once the target was verified. TAG_CHANGED where the source is not what the user saw.
 */
export function createCopyRunner(parts: CopyParts): Runner<CopyRequest> {
  return async (request, context): Promise<JobResult> => {
    const { registries } = parts
    const { from, digest, registryId, repository, tag } = request
    const { signal } = context
    const isRename = request.removeSource && !isDigest(from.reference)
    const isItself =
      from.registryId === registryId && from.repository === repository && from.reference === tag
    if (isItself) throw new AppError('INPUT_INVALID', { side: 'program', field: 'tag' })

    const [now, there] = await Promise.all([
      ask(registries, from, (client) => digestOf(client, from.repository, from.reference, { signal })),
      checkTarget(registries, request, (held) => held.digest === digest, signal),
    ])
    // A rename that was cut off may have no source any more, or one that stands on a placeholder.
    const isCopied = there !== null && isRename && now !== digest
    if (now !== digest && !isCopied) throw sourceChanged(request, now)
    const result = { digest, references: [targetName(registries, request)] }
    if (isCopied) {
      if (now !== null) await removeSource(parts, request, context)
      return result
    }
    // The tag is written last: a copy that was ended behind it has nothing left to bring.
    const isThere = there !== null && context.isContinued === true
    if (!isThere) await transfer(parts, request, context)
    // Asked before the window is told: what that reads then is not waited for.
    const verified = verifyTarget(registries, request, digest, { signal, pauses: parts.verifyPauses })
    parts.onPushed(registryId, repository, tag)
    await verified
    if (isRename) await removeSource(parts, request, context)
    return result
  }
}

function transfer(parts: CopyParts, request: CopyRequest, context: RunContext): Promise<unknown> {
  const { registries, known, uploads, copy = copyImage } = parts
  const { from, digest, registryId, repository, tag } = request
  const sameRegistry = from.registryId === registryId
  return askAnew(registries, request, context.signal, (target) =>
    copy({
      source: { client: registries.client(from.registryId), repository: from.repository, reference: digest },
      target: { client: target, repository, tag },
      sameRegistry,
      referrers: true,
      journal: {
        session: (blob) => uploads.session(context.id, blob),
        note: (blob, session) => uploads.note(context.id, blob, session),
      },
      mountFrom: (blob) => {
        if (sameRegistry) return from.repository
        return known.repositoriesWithBlob(registryId, blob).find((name) => name !== repository) ?? null
      },
      onProgress: context.report,
      signal: context.signal,
    }),
  )
}

async function removeSource(parts: CopyParts, request: CopyRequest, context: RunContext): Promise<void> {
  const { registries, deleted, onDeleted } = parts
  const { from, digest } = request
  const { registryId, repository, reference: tag } = from
  const deletion: DeleteRequest = {
    ...{ kind: 'delete', registryId, repository, tag, digest },
    ...{ siblings: [], extent: 'tag' },
  }
  // The bytes that were copied stay on screen.
  const quiet = { ...context, report: () => undefined }
  await ask(registries, from, (client) => new Deletion(client, deleted, deletion, quiet).run()).finally(() =>
    onDeleted(registryId, repository, tag),
  )
}

function sourceChanged({ from, digest }: CopyRequest, now: string | null): AppError {
  const { registryId, repository, reference } = from
  return new AppError(
    now === null ? 'MANIFEST_UNKNOWN' : 'TAG_CHANGED',
    { side: 'registry', registryId, repository, tag: reference, digest },
    { detail: `${reference} names ${now ?? 'nothing'} by now.` },
  )
}
