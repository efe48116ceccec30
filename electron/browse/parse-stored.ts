import type { z } from 'zod'
import { AppError } from '@shared/error'
import { Config, Index, isIndexMediaType, Manifest } from '@shared/oci'

export type Content = { kind: 'manifest'; manifest: Manifest } | { kind: 'index'; index: Index }

function parse<T>(schema: z.ZodType<T>, bytes: Buffer, digest: string): T {
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')))
  } catch (cause) {
    // It parsed when it was fetched: a stricter schema since then, or a damaged file.
    throw new AppError('MANIFEST_INVALID', { side: 'store', digest }, { cause })
  }
}

/** A manifest or index out of the cache's bytes. */
export function parseContent(stored: { digest: string; mediaType: string; bytes: Buffer }): Content {
  return isIndexMediaType(stored.mediaType)
    ? { kind: 'index', index: parse(Index, stored.bytes, stored.digest) }
    : { kind: 'manifest', manifest: parse(Manifest, stored.bytes, stored.digest) }
}

/** A config out of the cache's bytes. */
export const parseConfig = (digest: string, bytes: Buffer): Config => parse(Config, bytes, digest)
