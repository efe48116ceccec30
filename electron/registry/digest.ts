import { createHash } from 'node:crypto'
import { AppError, type ErrorContext } from '@shared/error'

/** The digest of bytes, by sha256 or by the algorithm of the digest that they are held against. */
export function digestOf(bytes: Buffer, like = 'sha256:'): string {
  const algorithm = like.startsWith('sha512:') ? 'sha512' : 'sha256'
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** DIGEST_MISMATCH where the bytes are not those that the digest names. */
export function checkBytes(bytes: Buffer, digest: string, context: ErrorContext): void {
  const actual = digestOf(bytes, digest)
  if (actual === digest) return
  throw new AppError('DIGEST_MISMATCH', { side: 'registry', ...context, digest }, { detail: `got ${actual}` })
}
