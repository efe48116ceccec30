import { AppError, type ErrorContext } from '@shared/error'
import { isDigest, isRepository, isTag } from '@shared/reference'

/** Refuses with NAME_INVALID what is no repository name, before it reaches a URL. */
export function checkRepository(repository: string): void {
  if (!isRepository(repository))
    throw new AppError('NAME_INVALID', { side: 'registry' }, { detail: repository })
}

/** Refuses with DIGEST_INVALID what is no sha256 or sha512 digest. */
export function checkDigest(digest: string): void {
  if (!isDigest(digest)) throw new AppError('DIGEST_INVALID', { side: 'registry' }, { detail: digest })
}

/** Checks repository and reference (a tag or a digest) and answers them as an error's context. */
export function checkReference(repository: string, reference: string): ErrorContext {
  checkRepository(repository)
  if (isDigest(reference)) return { side: 'registry', repository, digest: reference }
  if (isTag(reference)) return { side: 'registry', repository, tag: reference }
  throw new AppError(
    reference.includes(':') ? 'DIGEST_INVALID' : 'INPUT_INVALID',
    { side: 'registry', repository, field: 'reference' },
    { detail: reference },
  )
}
