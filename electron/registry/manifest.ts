import { AppError, type ErrorContext, toAppError } from '@shared/error'
import { type Index, type Manifest, manifestMediaTypes } from '@shared/oci'
import { isDigest } from '@shared/reference'
import { mediaTypeOf } from './answer'
import { bodyLimits } from './body'
import { checkBytes, digestOf } from './digest'
import type { RequestOptions } from './endpoint'
import { readManifest } from './manifest-content'
import { checkReference } from './name'
import { repositoryScope } from './scope'
import type { Answer, Call, Caller } from './session'
import { waitAfter } from './retry'
import { pause } from './signal'
import type { Timing } from './timing'

export interface ManifestHead {
  digest: string
  mediaType: string
  /** Bytes of the manifest itself; null where the registry does not say. */
  size: number | null
}

export interface FetchedManifest {
  digest: string
  mediaType: string
  /** As they came: their hash is the digest. */
  bytes: Buffer
  content: { kind: 'manifest'; manifest: Manifest } | { kind: 'index'; index: Index }
}

/** Not compressed, so that Content-Length is the manifest's own size. */
const headers = { accept: manifestMediaTypes.join(', '), 'accept-encoding': 'identity' }
const pathOf = (repository: string, reference: string): string => `/v2/${repository}/manifests/${reference}`

function announcedDigest(answer: Answer): string | null {
  const header = answer.header('docker-content-digest')?.trim() ?? ''
  return isDigest(header) ? header : null
}

/**
 * What a tag or a digest names now. Where the header has no proper digest or media type, the manifest is fetched and
 * hashed. MANIFEST_UNKNOWN where there is none.
 */
export async function headManifest(
  caller: Caller,
  repository: string,
  reference: string,
  options?: RequestOptions,
): Promise<ManifestHead> {
  const context = checkReference(repository, reference)
  const scopes = [repositoryScope(repository, 'pull')]
  const call = { method: 'HEAD', url: pathOf(repository, reference), scopes, context, options } as const
  const head = await caller.call({ ...call, headers }, async (answer) => {
    if (answer.status === 405) return null
    if (answer.status !== 200) throw await answer.refusal('MANIFEST_UNKNOWN')
    const digest = announcedDigest(answer)
    const mediaType = mediaTypeOf(answer.response)
    if (digest === null || !/^application\/vnd\./.test(mediaType)) return null
    if (isDigest(reference) && digest !== reference) {
      throw new AppError('DIGEST_MISMATCH', context, { detail: `the registry says ${digest}` })
    }
    const length = Number(answer.header('content-length') ?? Number.NaN)
    return { digest, mediaType, size: Number.isSafeInteger(length) && length > 0 ? length : null }
  })
  if (head !== null) return head
  const { digest, mediaType, bytes } = await fetchManifest(caller, repository, reference, options)
  return { digest, mediaType, size: bytes.length }
}

/**
 * Fetches a manifest or an index, at most 4 MiB, and hashes it against the digest that was asked for or that the registry
 * announces. DIGEST_MISMATCH, SCHEMA1_UNSUPPORTED, RESPONSE_INVALID where type and content do not agree.
 */
export async function fetchManifest(
  caller: Caller,
  repository: string,
  reference: string,
  options?: RequestOptions,
): Promise<FetchedManifest> {
  const context = checkReference(repository, reference)
  const scopes = [repositoryScope(repository, 'pull')]
  const call = { method: 'GET', url: pathOf(repository, reference), scopes, context, options } as const
  return caller.call({ ...call, headers }, async (answer) => {
    if (answer.status !== 200) throw await answer.refusal('MANIFEST_UNKNOWN')
    const bytes = await answer.bytes(bodyLimits.manifest)
    const expected = isDigest(reference) ? reference : announcedDigest(answer)
    if (expected !== null) checkBytes(bytes, expected, context)
    const digest = expected ?? digestOf(bytes)
    return { digest, bytes, ...readManifest(bytes, mediaTypeOf(answer.response), context) }
  })
}

/**
 * Puts a manifest byte for byte under a tag or its digest. MANIFEST_BLOB_UNKNOWN where the registry misses a part of it,
 * DIGEST_MISMATCH where it says that it stored something else. `subject`: the registry lists it as a referrer by itself.
 * Where an answer got lost or a gateway failed the registry is asked first what it has: no tag is written twice.
 */
export async function putManifest(
  caller: Caller,
  timing: Timing,
  repository: string,
  reference: string,
  { mediaType, bytes }: { mediaType: string; bytes: Buffer },
  options?: RequestOptions,
): Promise<{ digest: string; subject?: boolean }> {
  const context: ErrorContext = checkReference(repository, reference)
  const digest = digestOf(bytes, isDigest(reference) ? reference : undefined)
  if (isDigest(reference)) checkBytes(bytes, reference, context)
  const scopes = [repositoryScope(repository, 'pull', 'push')]
  const call: Call = {
    ...{ method: 'PUT', url: pathOf(repository, reference), scopes, context, options },
    ...{ headers: { 'content-type': mediaType }, body: bytes, repeatable: false },
  }
  const put = async (answer: Answer): Promise<{ digest: string; subject?: boolean }> => {
    if (answer.status < 200 || answer.status > 299) throw await answer.refusal('NAME_UNKNOWN')
    await answer.skip()
    const stored = announcedDigest(answer)
    if (stored !== null && stored !== digestOf(bytes, stored)) {
      throw new AppError('DIGEST_MISMATCH', { ...context, digest }, { detail: `the registry says ${stored}` })
    }
    return { digest, subject: answer.header('oci-subject') !== undefined }
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await caller.call(call, put)
    } catch (thrown) {
      const wait = waitAfter(toAppError(thrown), attempt, timing)
      if (wait === null) throw thrown
      await pause(wait, options?.signal)
      // By its digest a manifest may be written any number of times, and only that answer says whether its referrer is listed.
      if (isDigest(reference)) continue
      // Where that is not answered either the write says why.
      const held = await headManifest(caller, repository, reference, options).catch(() => null)
      if (held?.digest === digest) return { digest }
    }
  }
}
