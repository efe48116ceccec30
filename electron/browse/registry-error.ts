import type { AppError, ErrorCode } from '@shared/error'

/** Answers about one repository or one manifest; the registry itself is there and talks to us. */
const aboutContent: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BLOB_UNKNOWN',
  'DENIED',
  'DIGEST_INVALID',
  'DIGEST_MISMATCH',
  'LISTING_UNSUPPORTED',
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_INVALID',
  'MANIFEST_UNKNOWN',
  'NAME_INVALID',
  'NAME_UNKNOWN',
  'RESPONSE_INVALID',
  'RESPONSE_TOO_LARGE',
  'SCHEMA1_UNSUPPORTED',
  'SIZE_INVALID',
  'SIZE_MISMATCH',
  'UNSUPPORTED',
])

/** Whether an error is about one thing that was asked for; every other would meet the next request as well. */
export const isAboutContent = (error: AppError): boolean => aboutContent.has(error.code)
