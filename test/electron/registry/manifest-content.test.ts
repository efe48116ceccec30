import { expect, it } from 'vitest'
import { type AppError, type ErrorCode } from '@shared/error'
import { mediaTypes } from '@shared/oci'
import { readManifest } from '../../../electron/registry/manifest-content'

const descriptor = { mediaType: mediaTypes.ociConfig, digest: `sha256:${'a'.repeat(64)}`, size: 2 }
const manifest = { schemaVersion: 2, config: descriptor, layers: [descriptor] }
const index = { schemaVersion: 2, manifests: [descriptor] }
const read = (value: unknown, type: string): ReturnType<typeof readManifest> =>
  readManifest(Buffer.from(JSON.stringify(value)), type, {})

it.each([
  [manifest, mediaTypes.ociManifest, mediaTypes.ociManifest, 'manifest'],
  [
    { ...manifest, mediaType: mediaTypes.dockerManifest },
    mediaTypes.dockerManifest,
    mediaTypes.dockerManifest,
    'manifest',
  ],
  [{ ...index, mediaType: mediaTypes.dockerIndex }, 'application/json', mediaTypes.dockerIndex, 'index'],
  [index, mediaTypes.ociIndex, mediaTypes.ociIndex, 'index'],
  [manifest, 'text/plain', mediaTypes.ociManifest, 'manifest'],
  [index, '', mediaTypes.ociIndex, 'index'],
])('reads %j as %s: %s', (value, type, mediaType, kind) => {
  const result = read(value, type)
  expect(result.mediaType).toBe(mediaType)
  expect(result.content.kind).toBe(kind)
})

it.each<[string, unknown, string, ErrorCode]>([
  ['both at once', { ...manifest, ...index }, mediaTypes.ociManifest, 'RESPONSE_INVALID'],
  ['an index in a manifest type', index, mediaTypes.ociManifest, 'RESPONSE_INVALID'],
  ['a manifest in an index type', manifest, mediaTypes.dockerIndex, 'RESPONSE_INVALID'],
  [
    'two types',
    { ...manifest, mediaType: mediaTypes.dockerManifest },
    mediaTypes.ociManifest,
    'RESPONSE_INVALID',
  ],
  ['an unknown type', manifest, 'application/vnd.other+json', 'RESPONSE_INVALID'],
  ['schema 1 by its type', {}, mediaTypes.dockerSchema1Signed, 'SCHEMA1_UNSUPPORTED'],
  ['schema 1 by its content', { schemaVersion: 1 }, 'application/json', 'SCHEMA1_UNSUPPORTED'],
  ['a page', {}, 'text/html', 'NOT_A_REGISTRY'],
  ['a list', [], mediaTypes.ociManifest, 'RESPONSE_INVALID'],
  ['null', null, mediaTypes.ociManifest, 'RESPONSE_INVALID'],
  [
    'a bad digest',
    { ...index, manifests: [{ ...descriptor, digest: 'sha256:../..' }] },
    '',
    'RESPONSE_INVALID',
  ],
  ['a negative size', { ...manifest, layers: [{ ...descriptor, size: -1 }] }, '', 'RESPONSE_INVALID'],
  ['no layers', { schemaVersion: 2, config: descriptor }, '', 'RESPONSE_INVALID'],
])('refuses %s', (_what, value, type, code) => {
  try {
    read(value, type)
    expect.unreachable()
  } catch (error) {
    expect((error as AppError).code).toBe(code)
  }
})
