import { createHash } from 'node:crypto'
import { invalid, mismatch } from './error'

const algorithmOf = (digest: string): string => digest.slice(0, digest.indexOf(':'))

/** The digest of bytes, by the algorithm of the digest that they are held against. */
export function digestOf(bytes: Buffer, like = 'sha256:'): string {
  return `${algorithmOf(like)}:${createHash(algorithmOf(like)).update(bytes).digest('hex')}`
}

/** DIGEST_MISMATCH where the bytes are not those that the digest names. */
export function checkBytes(bytes: Buffer, digest: string): void {
  const actual = digestOf(bytes, digest)
  if (actual !== digest) throw mismatch(`got ${actual}`, { digest })
}

/** The same bytes, with a failure in place of the end when they are not those that the digest (and the size) name. */
export async function* verified(
  source: AsyncIterable<Buffer>,
  { digest, size }: { digest: string; size: number },
): AsyncGenerator<Buffer> {
  const hash = createHash(algorithmOf(digest))
  let seen = 0
  for await (const chunk of source) {
    hash.update(chunk)
    seen += chunk.length
    yield chunk
  }
  if (seen !== size) throw invalid(`${seen} bytes where ${size} were announced`, { digest })
  const actual = `${algorithmOf(digest)}:${hash.digest('hex')}`
  if (actual !== digest) throw mismatch(`got ${actual}`, { digest })
}
