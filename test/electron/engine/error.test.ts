import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '@shared/error'
import { fromText, toEngineError } from '../../../electron/engine/error'

/** What dockerd 20.10, 24 and 28 and Podman 4 and 5 were seen to say. */
const said: [string, ErrorCode][] = [
  ['unauthorized: authentication required', 'UNAUTHORIZED'],
  ['Head "https://r.example/v2/a/blobs/sha256:1": no basic auth credentials', 'UNAUTHORIZED'],
  ['unable to retrieve auth token: invalid username/password: unauthorized: access', 'UNAUTHORIZED'],
  ['denied: requested access to the resource is denied', 'DENIED'],
  [
    'pull access denied for a/b, repository does not exist or may require "docker login": denied: requested access',
    'DENIED',
  ],
  ['push access denied, repository does not exist: insufficient_scope: authorization failed', 'DENIED'],
  [
    'Get "https://nohost.invalid/v2/": dial tcp: lookup nohost.invalid on 10.0.0.1:53: no such host',
    'HOST_UNKNOWN',
  ],
  ['Get "https://r/v2/": x509: certificate signed by unknown authority', 'ENGINE_UNTRUSTED_REGISTRY'],
  ['tls: failed to verify certificate: x509: certificate has expired', 'ENGINE_UNTRUSTED_REGISTRY'],
  ['http: server gave HTTP response to HTTPS client', 'ENGINE_UNTRUSTED_REGISTRY'],
  ['dial tcp 127.0.0.1:5078: connect: connection refused', 'ENGINE_UNREACHABLE_REGISTRY'],
  ['dial tcp 10.9.8.7:443: i/o timeout', 'ENGINE_UNREACHABLE_REGISTRY'],
  ['net/http: TLS handshake timeout', 'ENGINE_UNREACHABLE_REGISTRY'],
  ['write /var/lib/docker/tmp/GetImageBlob1: no space left on device', 'ENGINE_DISK_FULL'],
  ['manifest for 127.0.0.1:5077/t/nope:v1 not found: manifest unknown: manifest unknown', 'MANIFEST_UNKNOWN'],
  ['failed to resolve reference "r/a:b": r/a:b: not found', 'MANIFEST_UNKNOWN'],
  ['blob upload invalid: blob upload invalid', 'BLOB_UPLOAD_INVALID'],
  ['error parsing HTTP 413 response body: invalid character', 'BLOB_UPLOAD_INVALID'],
  ['blob upload unknown to registry', 'BLOB_UPLOAD_UNKNOWN'],
  ['manifest invalid: manifest invalid', 'MANIFEST_INVALID'],
  ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'PLATFORM_MISSING'],
  ['no image found in image index for architecture arm64, variant "v8", OS linux', 'PLATFORM_MISSING'],
  [
    'image with reference a was found but does not match the specified platform: wanted linux/arm64',
    'PLATFORM_MISSING',
  ],
  ['No such image: nope:1', 'IMAGE_NOT_FOUND'],
  ['An image does not exist locally with the tag: r/a', 'IMAGE_NOT_FOUND'],
  ['failed to find image nope:1: docker.io/library/nope:1: image not known', 'IMAGE_NOT_FOUND'],
  [
    'conflict: unable to remove repository reference "a:1" (must force) - container 1 is using its referenced image 2',
    'IMAGE_IN_USE',
  ],
  ['image used by 0123: image is in use by a container', 'IMAGE_IN_USE'],
  ['toomanyrequests: You have reached your pull rate limit.', 'TOOMANYREQUESTS'],
  ['received unexpected HTTP status: 502 Bad Gateway', 'REGISTRY_FAILED'],
  ['received unexpected HTTP status: 403 Forbidden', 'DENIED'],
  ['repository name not known to registry', 'NAME_UNKNOWN'],
  ['something entirely new', 'ENGINE_FAILED'],
]

describe('an engine’s words', () => {
  it.each(said)('%s', (text, code) => {
    expect(fromText(text, null)).toMatchObject({ code, detail: text, context: { side: 'engine' } })
  })
  it('name the registry’s status where they tell it', () => {
    expect(fromText('received unexpected HTTP status: 502 Bad Gateway', null).context.status).toBe(502)
  })
  it('are kept as detail, bounded', () => {
    expect(fromText('x'.repeat(100_000), null).toInfo().detail).toHaveLength(4000)
  })
})

describe('a failed call', () => {
  const failed = (fields: object, message = 'failed'): Error => Object.assign(new Error(message), fields)
  it.each([
    ['ENOENT', 'ENGINE_STOPPED'],
    ['ECONNREFUSED', 'ENGINE_STOPPED'],
    ['EACCES', 'ENGINE_DENIED'],
    ['ECONNRESET', 'ENGINE_LOST'],
    ['EPIPE', 'ENGINE_LOST'],
    ['ETIMEDOUT', 'ENGINE_STOPPED'],
  ])('with the system’s %s is %s', (code, expected) => {
    expect(toEngineError(failed({ code }))).toMatchObject({ code: expected })
  })
  it('of an answer tells the engine’s own message and the status', () => {
    const error = toEngineError(
      failed(
        { statusCode: 404, json: { message: 'No such image: a' } },
        '(HTTP code 404) no such image - x ',
      ),
      { reference: 'a' },
    )
    expect(error).toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      detail: 'No such image: a',
      context: { side: 'engine', status: 404, reference: 'a' },
    })
  })
  it('of a stream’s start is read from the client’s words', () => {
    const error = toEngineError(
      failed({ statusCode: 500 }, '(HTTP code 500) server error - Get "http://r/v2/": connection refused '),
    )
    expect(error).toMatchObject({
      code: 'ENGINE_UNREACHABLE_REGISTRY',
      detail: 'Get "http://r/v2/": connection refused',
    })
  })
  it('with any conflict is an image in use', () => {
    expect(toEngineError(failed({ statusCode: 409, json: { message: 'conflict' } })).code).toBe(
      'IMAGE_IN_USE',
    )
  })
  it('keeps no answer of the engine inside', () => {
    expect(
      toEngineError(failed({ statusCode: 500, json: { message: 'a', secret: 'canary' } })).cause,
    ).toBeUndefined()
  })
})

it('takes no word of an image’s own name for a failure', () => {
  const reference = 'r.example/1/denied:unauthorized'
  expect(fromText(`No such image: ${reference}`, 404).code).toBe('IMAGE_NOT_FOUND')
  expect(fromText(`cannot tag ${reference}`, 500, { reference }).code).toBe('ENGINE_FAILED')
})
