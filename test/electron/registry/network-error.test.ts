import { expect, it } from 'vitest'
import type { ErrorCode } from '@shared/error'
import { networkError } from '../../../electron/registry/network-error'

const https = new URL('https://r.example/v2/')
const http = new URL('http://r.example:5000/v2/')
const nodeError = (code: string, message = code, more: object = {}): Error =>
  Object.assign(new Error(message), { code, ...more })

it.each<[string, ErrorCode]>([
  ['ENOTFOUND', 'HOST_UNKNOWN'],
  ['EAI_AGAIN', 'HOST_UNKNOWN'],
  ['ECONNREFUSED', 'CONNECTION_REFUSED'],
  ['ECONNRESET', 'CONNECTION_LOST'],
  ['EPIPE', 'CONNECTION_LOST'],
  ['ETIMEDOUT', 'TIMED_OUT'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS_UNTRUSTED'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'TLS_UNTRUSTED'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS_UNTRUSTED'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'TLS_UNTRUSTED'],
  ['CERT_HAS_EXPIRED', 'TLS_EXPIRED'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS_NAME_MISMATCH'],
  ['HPE_HEADER_OVERFLOW', 'RESPONSE_TOO_LARGE'],
  ['HPE_INVALID_CONSTANT', 'NOT_A_REGISTRY'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'CONNECTION_LOST'],
])('%s is %s', (code, expected) => {
  const error = networkError(nodeError(code), https)
  expect(error.code).toBe(expected)
  expect(error.context).toEqual({ side: 'registry', host: 'r.example' })
})

it('knows TLS spoken to http in the words of OpenSSL and BoringSSL', () => {
  for (const message of [
    'SSL routines:ssl3_get_record:wrong version number',
    'OPENSSL_internal:WRONG_VERSION_NUMBER',
  ]) {
    expect(networkError(nodeError('EPROTO', message), https).code).toBe('TLS_EXPECTED_HTTP')
  }
})

it('knows a TLS alert that answers http', () => {
  const alert = nodeError('HPE_INVALID_CONSTANT', 'Parse Error', {
    rawPacket: Buffer.from([0x15, 3, 1, 0, 2, 2, 22]),
  })
  expect(networkError(alert, http).code).toBe('HTTP_EXPECTED_TLS')
})

it('speaks of the first address where several failed', () => {
  const both = Object.assign(
    new AggregateError([nodeError('ECONNREFUSED', 'connect ::1'), nodeError('ECONNREFUSED')]),
    {
      code: 'ECONNREFUSED',
    },
  )
  expect(networkError(both, http)).toMatchObject({ code: 'CONNECTION_REFUSED', detail: 'connect ::1' })
})

it('blames the proxy until it has connected, but not for a certificate', () => {
  expect(networkError(nodeError('ECONNREFUSED'), https, true).code).toBe('PROXY_FAILED')
  expect(networkError(nodeError('CERT_HAS_EXPIRED'), https, true).code).toBe('TLS_EXPIRED')
})
