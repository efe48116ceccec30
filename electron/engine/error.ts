import { AppError, type ErrorCode, type ErrorContext } from '@shared/error'
import { codeOfText } from './error-text'
import { coverHeaders } from '../veil'

/** Codes of Node and of TLS when the engine itself is not reached. */
const systemCodes: Record<string, ErrorCode> = {
  ENOENT: 'ENGINE_STOPPED',
  ENOTSOCK: 'ENGINE_STOPPED',
  ECONNREFUSED: 'ENGINE_STOPPED',
  EHOSTUNREACH: 'ENGINE_STOPPED',
  EHOSTDOWN: 'ENGINE_STOPPED',
  ENETUNREACH: 'ENGINE_STOPPED',
  ETIMEDOUT: 'ENGINE_STOPPED',
  ENOTFOUND: 'ENGINE_STOPPED',
  EAI_AGAIN: 'ENGINE_STOPPED',
  EACCES: 'ENGINE_DENIED',
  EPERM: 'ENGINE_DENIED',
  ECONNRESET: 'ENGINE_LOST',
  ECONNABORTED: 'ENGINE_LOST',
  EPIPE: 'ENGINE_LOST',
  ERR_STREAM_PREMATURE_CLOSE: 'ENGINE_LOST',
}

/** What TLS says where one side does not accept the other's certificate, or has none to show. */
const tlsRefused =
  /^(UNABLE_TO_|CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|ERR_TLS_CERT_|ERR_SSL_.*(ALERT|CERTIFICATE|KEY_VALUES_MISMATCH))/

interface Facts {
  code: string | null
  status: number | null
  text: string
}

/**
 * Any failure of a call to the engine as an AppError: by HTTP status, by the engine's words, or by the system's code when
 * the engine was not reached. What is not recognised becomes ENGINE_FAILED with the engine's words as detail.
 */
export function toEngineError(thrown: unknown, context: ErrorContext = {}): AppError {
  if (thrown instanceof AppError) return thrown.with(context)
  const { code, status, text } = factsOf(thrown)
  const full: ErrorContext = { side: 'engine', ...context, ...(status !== null && { status }) }
  const detail = wordsOf(text)
  // The cause is left out: docker-modem's errors carry whole answers.
  if (status === null && code !== null && systemCodes[code]) {
    return new AppError(systemCodes[code], full, { detail })
  }
  if (status === null && code !== null && tlsRefused.test(code)) {
    return new AppError('ENGINE_TLS_REFUSED', full, { detail })
  }
  if (status === null && /socket hang up|^aborted$/.test(text))
    return new AppError('ENGINE_LOST', full, { detail })
  return fromText(text, status, full)
}

/** An error that the engine reports in its stream, or as the body of an answer. */
export function fromText(text: string, status: number | null, context: ErrorContext = {}): AppError {
  const told = text.trim().slice(0, 4000)
  const detail = wordsOf(text)
  // The name that was asked for may hold any word that an engine uses for a failure.
  const name = context.reference
  const found = codeOfText(name && /[/:]/.test(name) ? told.replaceAll(name, 'IMAGE') : told)
  if (found.code) {
    const known = found.status ?? undefined
    return new AppError(
      found.code,
      { side: 'engine', ...context, ...(known && { status: known }) },
      { detail },
    )
  }
  return new AppError(codeOfStatus(status), { side: 'engine', ...context }, { detail })
}

/** An engine says what registries said to it, which may be what they were sent. */
const wordsOf = (text: string): string => coverHeaders(text.trim()).slice(0, 4000)

function codeOfStatus(status: number | null): ErrorCode {
  if (status === 409) return 'IMAGE_IN_USE'
  return 'ENGINE_FAILED'
}

function factsOf(thrown: unknown): Facts {
  if (!(thrown instanceof Error)) return { code: null, status: null, text: String(thrown) }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null
  const status = 'statusCode' in thrown && typeof thrown.statusCode === 'number' ? thrown.statusCode : null
  const told = 'json' in thrown ? messageOf(thrown.json) : null
  return { code, status, text: told ?? stripModem(thrown.message) }
}

function messageOf(json: unknown): string | null {
  if (typeof json !== 'object' || json === null || !('message' in json)) return null
  return typeof json.message === 'string' ? json.message : null
}

/** `(HTTP code 404) no such image - No such image: x ` as docker-modem writes it, without its own words. */
function stripModem(message: string): string {
  return message.replace(/^\(HTTP code \d+\) [^-]* - /, '').trim()
}
