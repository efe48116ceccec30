import type { AppError, ErrorCode, ErrorContext } from '@shared/error'
import { bodyLimits, readBytes } from './body'
import { refusalError } from './error'
import { retryAfterSeconds } from './retry'
import type { Timing } from './timing'
import type { Veil } from '../veil'
import type { WireResponse } from './transport'

/** The media type of an answer, in lower case and without parameters; '' where none is given. */
export const mediaTypeOf = ({ headers }: WireResponse): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

/** One header as a text; the first where it came several times. */
export function headerOf({ headers }: WireResponse, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/**
 * Reads a refusal's body and answers the error that it means, without what `veil` hides. `missing` is what a 404 without a code
 * means. A body that cannot be read leaves the status to speak.
 */
export async function refusalOf(
  response: WireResponse,
  context: ErrorContext,
  missing: ErrorCode,
  rules: { timing: Timing; signal?: AbortSignal; veil: Veil },
): Promise<AppError> {
  let body = ''
  try {
    body = (await readBytes(response, { ...rules, limit: bodyLimits.token })).toString('utf8')
  } catch (error) {
    if (rules.signal?.aborted) throw error
  }
  const refusal = {
    status: response.status,
    contentType: mediaTypeOf(response),
    fromRegistry: headerOf(response, 'docker-distribution-api-version') !== undefined,
    body,
    retryAfterSeconds: retryAfterSeconds(headerOf(response, 'retry-after')),
    cover: (text: string) => rules.veil.cover(text),
  }
  return refusalError(refusal, context, missing)
}
