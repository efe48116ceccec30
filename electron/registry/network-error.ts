import { AppError, type ErrorCode } from '@shared/error'
import { hostOf } from './url'

const codes: Record<string, ErrorCode> = {
  ENOTFOUND: 'HOST_UNKNOWN',
  EAI_AGAIN: 'HOST_UNKNOWN',
  EAI_NODATA: 'HOST_UNKNOWN',
  EAI_NONAME: 'HOST_UNKNOWN',
  ECONNREFUSED: 'CONNECTION_REFUSED',
  EHOSTUNREACH: 'CONNECTION_REFUSED',
  ENETUNREACH: 'CONNECTION_REFUSED',
  EADDRNOTAVAIL: 'CONNECTION_REFUSED',
  EACCES: 'CONNECTION_REFUSED',
  ETIMEDOUT: 'TIMED_OUT',
  ESOCKETTIMEDOUT: 'TIMED_OUT',
  CERT_HAS_EXPIRED: 'TLS_EXPIRED',
  CERT_NOT_YET_VALID: 'TLS_EXPIRED',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS_NAME_MISMATCH',
  HPE_HEADER_OVERFLOW: 'RESPONSE_TOO_LARGE',
}

/** OpenSSL's verdicts on a chain (X509_V_ERR_...), as Node names them. */
const untrusted = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
])

/** What OpenSSL and BoringSSL say when the other side does not speak TLS. */
const notTls = /wrong.version.number|packet.length.too.long|http.request|record.overflow|unknown.protocol/i

interface NetworkError {
  code?: unknown
  message?: unknown
  errors?: unknown
  rawPacket?: unknown
}

/** The AppError code for the code of a Node error, or of `authorizationError`; null where it is no known one. */
export function networkCode(code: string): ErrorCode | null {
  return codes[code] ?? (untrusted.has(code) ? 'TLS_UNTRUSTED' : null)
}

function describe(thrown: unknown): { code: string; message: string; raw: Buffer | null } {
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as NetworkError
  // Several addresses were tried (happy eyeballs): the first attempt's words stand for all.
  const inner: unknown = Array.isArray(error.errors) ? error.errors[0] : null
  if (inner) return describe(inner)
  return {
    code: typeof error.code === 'string' ? error.code : '',
    message: typeof error.message === 'string' ? error.message : String(thrown),
    raw: Buffer.isBuffer(error.rawPacket) ? error.rawPacket : null,
  }
}

/**
 * The AppError for what Node threw on the way to `url`. `proxied`: until the proxy has connected, what fails is the
 * proxy, so PROXY_FAILED.
 */
export function networkError(thrown: unknown, url: URL, proxied = false): AppError {
  if (thrown instanceof AppError) return thrown
  const { code, message, raw } = describe(thrown)
  const make = (chosen: ErrorCode): AppError =>
    new AppError(chosen, { side: 'registry', host: hostOf(url) }, { detail: message, cause: thrown })
  const known = networkCode(code)
  if (proxied && !known?.startsWith('TLS_')) return make('PROXY_FAILED')
  if (known) return make(known)
  if (url.protocol === 'https:' && notTls.test(message)) return make('TLS_EXPECTED_HTTP')
  if (code.startsWith('HPE_')) {
    // RFC 8446 section 5.1: a TLS record of the type alert (21) answers what was no handshake.
    return make(url.protocol === 'http:' && raw?.[0] === 0x15 ? 'HTTP_EXPECTED_TLS' : 'NOT_A_REGISTRY')
  }
  return make('CONNECTION_LOST')
}
