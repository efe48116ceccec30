import type { ErrorCode } from '@shared/error'
import { mediaTypes } from '@shared/oci'
import { plain, type Handler } from '../../../support/registry/test-server'
import { sha256 } from '../../../support/registry/in-process-registry'
import type { Case } from '../case'
import type { Party, Scene } from '../scene'

const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'
const hex = 'a'.repeat(64)
const config = Buffer.from('{"os":"linux","architecture":"amd64"}')
export const configOf = (bytes: Buffer): object => ({
  ...{ mediaType: mediaTypes.ociConfig, digest: sha256(bytes), size: bytes.length },
})
const layer = { mediaType: layerType, digest: `sha256:${hex}`, size: 5 }

/** A manifest that only its changes make a hostile one. */
export const manifest = (change: object = {}): object => ({
  ...{ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: configOf(config), layers: [layer] },
  ...change,
})
export const index = (manifests: object[], change: object = {}): object => ({
  ...{ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
  ...change,
})
const bytesOf = (value: object | Buffer): Buffer =>
  Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))

/** Puts content under `a:v1`, whatever it is, with the config beside it. */
export function put(
  { server }: Party,
  value: object | Buffer,
  type: string = mediaTypes.ociManifest,
): string {
  server.repository('a').blobs.set(sha256(config), config)
  return server.store('a', 'v1', type, bytesOf(value))
}

/** What a registry says under `a:v1` ends with this error, on the page of the image and in the list of tags. */
const refused = (name: string, value: object | Buffer, codes: ErrorCode[], type?: string): Case => ({
  name: `manifest: ${name}`,
  async run(scene) {
    const party = await scene.registry()
    put(party, value, type)
    scene.expect((await scene.image(party)).error, ...codes)
    const { tags, error } = await scene.repository(party)
    scene.expect(error ?? tags[0]?.error, ...codes)
  },
})

/** The answer of a registry, changed. */
const answered = (name: string, handler: (party: Party) => Handler, codes: ErrorCode[]): Case => ({
  name: `manifest: ${name}`,
  async run(scene) {
    const party = await scene.registry()
    put(party, manifest())
    party.server.on('GET', /\/manifests\//, handler(party))
    scene.expect((await scene.image(party)).error, ...codes)
  },
})

const withHeader =
  (digest: string): ((party: Party) => Handler) =>
  () =>
    plain(
      200,
      { 'content-type': mediaTypes.ociManifest, 'docker-content-digest': digest },
      bytesOf(manifest()),
    )

const invalid: ErrorCode[] = ['RESPONSE_INVALID']
const deep = (open: string, shut: string, levels: number): string => open.repeat(levels) + shut.repeat(levels)
const text = (more: string): Buffer => Buffer.from(JSON.stringify(manifest()).replace(/\}$/, `,${more}}`))

const sizes: [string, unknown][] = [
  ['-1', -1],
  ['2^53 + 2', 2 ** 53 + 2],
  ['1.5', 1.5],
  ['a text', '5'],
  ['null', null],
  ['a list', [5]],
]
export const pathTricks = [
  'sha256:../../x',
  `sha256:${'A'.repeat(64)}`,
  `SHA256:${hex}`,
  `sha256:${hex}/../../../etc/passwd`,
  `sha256:${hex.slice(0, 63)}`,
  `sha256:${hex}\n`,
  `sha512:${hex}`,
  `md5:${'a'.repeat(32)}`,
  'sha256:',
  `sha256:%2e%2e%2f${'a'.repeat(55)}`,
  '../../etc/passwd',
  '',
]

async function anyway(scene: Scene, value: Buffer | object, type?: string): Promise<void> {
  const party = await scene.registry()
  scene.honest.add(party.id)
  put(party, value, type)
  const { error, digest } = await scene.image(party)
  scene.check(error === null, 'lost', `refused: ${error?.code}`)
  scene.check(digest === sha256(bytesOf(value)), 'falseSuccess', 'another digest than that of its bytes')
}

export const manifestCases: Case[] = [
  {
    name: 'manifest: other content than the digest that was asked for',
    async run(scene) {
      const party = await scene.registry()
      const digest = put(party, manifest())
      party.server.on(
        'GET',
        /\/manifests\//,
        plain(200, { 'content-type': mediaTypes.ociManifest }, bytesOf(manifest({ annotations: {} }))),
      )
      scene.expect((await scene.image(party, digest)).error, 'DIGEST_MISMATCH')
    },
  },
  answered('other content than Docker-Content-Digest says', withHeader(`sha256:${hex}`), ['DIGEST_MISMATCH']),
  ...pathTricks.map((trick): Case => ({
    name: `manifest: Docker-Content-Digest ${JSON.stringify(trick)}`,
    async run(scene) {
      const party = await scene.registry()
      scene.honest.add(party.id)
      put(party, manifest())
      const value = trick.replace('\n', '')
      party.server.on('GET', /\/manifests\//, withHeader(value)(party))
      const { digest, error } = await scene.image(party)
      // No digest at all is as if none were said: the content has its own.
      const isOwn = error === null && digest === sha256(bytesOf(manifest()))
      scene.check(isOwn || error?.code === 'DIGEST_MISMATCH', 'falseSuccess', `${digest} ${error?.code}`)
    },
  })),
  ...sizes.flatMap(([what, size]) => [
    refused(`a layer of the size ${what}`, manifest({ layers: [{ ...layer, size }] }), invalid),
    refused(`a config of the size ${what}`, manifest({ config: { ...configOf(config), size } }), invalid),
  ]),
  ...pathTricks.flatMap((digest) => [
    refused(`a layer ${JSON.stringify(digest)}`, manifest({ layers: [{ ...layer, digest }] }), invalid),
    refused(
      `a config ${JSON.stringify(digest)}`,
      manifest({ config: { ...configOf(config), digest } }),
      invalid,
    ),
    refused(
      `an index of ${JSON.stringify(digest)}`,
      index([{ ...layer, mediaType: mediaTypes.ociManifest, digest }]),
      invalid,
      mediaTypes.ociIndex,
    ),
  ]),
  refused('called an index', manifest({ mediaType: undefined }), invalid, mediaTypes.ociIndex),
  refused('an index called a manifest', index([], { mediaType: undefined }), invalid),
  refused('calls itself an index', manifest({ mediaType: mediaTypes.ociIndex }), invalid),
  refused('both a manifest and an index', manifest({ manifests: [] }), invalid),
  refused(
    'both, and called an index',
    index([], { layers: [], config: configOf(config) }),
    invalid,
    mediaTypes.ociIndex,
  ),
  refused('schema 1', { schemaVersion: 1, fsLayers: [], history: [] }, ['SCHEMA1_UNSUPPORTED']),
  refused(
    'schema 1 by its type',
    { schemaVersion: 1 },
    ['SCHEMA1_UNSUPPORTED'],
    mediaTypes.dockerSchema1Signed,
  ),
  refused('schema 3', manifest({ schemaVersion: 3 }), invalid),
  refused('schema "2"', manifest({ schemaVersion: '2' }), invalid),
  refused('an unknown type', manifest({ mediaType: undefined }), invalid, 'application/vnd.evil+json'),
  refused('a web page', Buffer.from('<html>'), ['NOT_A_REGISTRY'], 'text/html'),
  refused('neither layers nor manifests', { schemaVersion: 2 }, invalid),
  refused('layers that are no list', manifest({ layers: { length: 5 } }), invalid),
  refused('20,000 layers', manifest({ layers: Array.from({ length: 20_000 }, () => layer) }), invalid),
  refused('a list', [], invalid),
  refused('null', Buffer.from('null'), invalid),
  refused('nothing', Buffer.alloc(0), invalid),
  refused('100 objects deep', text(`"x":${deep('{"x":', '1}', 100).replace(/1\}(?=1)/g, '}')}`), invalid),
  refused('100,000 lists deep', text(`"x":${deep('[', ']', 100_000)}`), invalid),
  refused('a key __proto__', text('"__proto__":{"layers":[]}'), invalid),
  refused('a key __proto__ in escapes', text('"\\u005f_proto__":{"layers":[]}'), invalid),
  refused('a key __proto__ far below', text('"annotations":{"a":"b"},"x":[{"y":{"__proto__":1}}]'), invalid),
  refused('a byte order mark', Buffer.concat([Buffer.from('efbbbf', 'hex'), bytesOf(manifest())]), invalid),
  refused('UTF-16', Buffer.from(`\ufeff${JSON.stringify(manifest())}`, 'utf16le'), invalid),
  refused(
    'broken UTF-8',
    Buffer.concat([bytesOf(manifest()).subarray(0, -1), Buffer.from(',"x":"\xff"}', 'latin1')]),
    invalid,
  ),
  refused('a NUL', Buffer.concat([bytesOf(manifest()), Buffer.of(0)]), invalid),
  refused('two documents', Buffer.concat([bytesOf(manifest()), bytesOf(manifest())]), invalid),
  refused('an annotation that is a number', manifest({ annotations: { a: 5 } }), invalid),
  refused(
    'constructor and toString for annotations',
    manifest({ annotations: { constructor: { prototype: 1 } } }),
    invalid,
  ),
  refused('5 MB', Buffer.from(JSON.stringify(manifest()) + ' '.repeat(5_000_000)), ['RESPONSE_TOO_LARGE']),
  {
    name: 'manifest: a key twice is read as it is stored',
    run: (scene) => anyway(scene, text(`"layers":[${JSON.stringify({ ...layer, size: 7 })}]`)),
  },
  {
    name: 'manifest: an index of 10,000 entries is read in part',
    async run(scene) {
      const entries = Array.from({ length: 10_000 }, (_, at) => ({
        ...layer,
        mediaType: mediaTypes.ociManifest,
        digest: sha256(`${at}`),
      }))
      const party = await scene.registry()
      scene.honest.add(party.id)
      put(party, index(entries), mediaTypes.ociIndex)
      const { variants } = await scene.image(party)
      scene.check(
        variants.length <= 1000 && variants.every(({ error }) => error !== null),
        'falseSuccess',
        `${variants.length} variants`,
      )
      scene.check(party.server.requests.length < 1000, 'lost', `${party.server.requests.length} requests`)
    },
  },
  {
    name: 'manifest: an index whose entry is answered with the index',
    async run(scene) {
      const party = await scene.registry()
      scene.honest.add(party.id)
      const value = index([{ ...layer, mediaType: mediaTypes.ociIndex }])
      const digest = put(party, value, mediaTypes.ociIndex)
      const content = plain(200, { 'content-type': mediaTypes.ociIndex }, bytesOf(value))
      party.server.on('GET', new RegExp(`/manifests/sha256:${hex}`), content)
      scene.expect((await scene.image(party)).variants[0]?.error, 'DIGEST_MISMATCH')
      const target = await scene.registry()
      scene.expect((await scene.copy(party, digest, target)).error, 'DIGEST_MISMATCH')
      scene.check(target.server.seen('PUT', /manifests/).length === 0, 'falseSuccess', 'a manifest was put')
    },
  },
]
