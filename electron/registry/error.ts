import { AppError, type ErrorCode, type ErrorContext } from '@shared/error'

/** Codes of distribution-spec 1.1, "Error Codes", as registries send them in `errors[].code`. */
const registryCodes = new Set<ErrorCode>([
  'BLOB_UNKNOWN',
  'BLOB_UPLOAD_INVALID',
  'BLOB_UPLOAD_UNKNOWN',
  'DIGEST_INVALID',
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_INVALID',
  'MANIFEST_UNKNOWN',
  'NAME_INVALID',
  'NAME_UNKNOWN',
  'SIZE_INVALID',
  'UNAUTHORIZED',
  'DENIED',
  'UNSUPPORTED',
  'TOOMANYREQUESTS',
])

const controls = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/g

/** Far-side text for an error's detail: no control or direction characters, at most 2,000 characters. */
export const plainText = (text: string): string =>
  text.slice(0, 4000).replace(controls, ' ').trim().slice(0, 2000)

export interface Refusal {
  status: number
  contentType: string
  /** Docker-Distribution-Api-Version was there: a registry spoke, not something before it. */
  fromRegistry: boolean
  body: string
  retryAfterSeconds: number | null
  /** Takes what was sent out of what is said back. */
  cover?: (text: string) => string
}

/**
 * What a registry's refusal means. `missing` is the code for a 404 that names none. The status decides where it is
 * unmistakable (401, 403, 429, 5xx), the registry's own code elsewhere.
 */
export function refusalError(refusal: Refusal, context: ErrorContext, missing: ErrorCode): AppError {
  const { status } = refusal
  const { code, detail } = readBody(refusal)
  const known = { ...context, side: 'registry' as const, status }
  const make = (chosen: ErrorCode, more: ErrorContext = {}): AppError =>
    new AppError(chosen, { ...known, ...more }, { detail: detail ?? `HTTP ${status}` })

  if (status === 401) return make('UNAUTHORIZED')
  if (status === 403) return make('DENIED')
  if (status === 429) return make('TOOMANYREQUESTS', retryAfter(refusal))
  if (status >= 500) return make('REGISTRY_FAILED', retryAfter(refusal))
  if (/http request to (an )?https|plain http request was sent/i.test(refusal.body)) {
    return make('HTTP_EXPECTED_TLS')
  }
  if (code !== null) return make(code)
  if (isPage(refusal) && status !== 413) return make('NOT_A_REGISTRY')
  if (status === 404) return make(missing)
  if (status === 405) return make('UNSUPPORTED')
  if (status === 413) return make('SIZE_INVALID')
  return make(status >= 400 ? 'REGISTRY_FAILED' : 'RESPONSE_INVALID')
}

/** A web page from something that does not say it is a registry: a portal, a proxy, another program on that port. */
const isPage = (refusal: Refusal): boolean =>
  !refusal.fromRegistry && /^text\/html/i.test(refusal.contentType)

function retryAfter({ retryAfterSeconds }: Refusal): ErrorContext {
  return retryAfterSeconds === null ? {} : { retryAfterSeconds }
}

interface RegistryErrors {
  errors?: unknown
}

function readBody({ body, contentType, cover = (text) => text }: Refusal): {
  code: ErrorCode | null
  detail: string | null
} {
  const text = /^text\/plain/i.test(contentType) ? plainText(cover(body)) || null : null
  let parsed: RegistryErrors | null
  try {
    parsed = JSON.parse(body) as RegistryErrors | null
  } catch {
    // Not JSON: the status alone tells.
    return { code: null, detail: text }
  }
  const list: unknown = parsed?.errors
  const first: unknown = Array.isArray(list) ? list[0] : null
  if (typeof first !== 'object' || first === null) return { code: null, detail: text }
  const { code, message } = first as { code?: unknown; message?: unknown }
  const words = [code, message].filter((part): part is string => typeof part === 'string' && part !== '')
  return {
    code: registryCodes.has(code as ErrorCode) ? (code as ErrorCode) : null,
    detail: plainText(cover(words.join(': '))) || null,
  }
}
