import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import type { ErrorCode, ErrorInfo } from '@shared/error'
import { mediaTypes } from '@shared/oci'
import { plain, type Handler } from '../../../support/registry/test-server'
import { sha256 } from '../../../support/registry/in-process-registry'
import type { Case } from '../case'
import type { Party, Scene } from '../scene'
import { configOf, index, manifest, put } from './manifests'

const part = Buffer.alloc(32 * 1024 * 1024, ' ')
const many = (member: Buffer): Buffer => Buffer.concat(Array.from({ length: 32 }, () => member))
/** A gigabyte of blanks each; zstd is nothing that we read. */
const bombs: Record<string, () => Buffer> = {
  gzip: () => many(gzipSync(part)),
  deflate: () => deflateSync(Buffer.alloc(256 * 1024 * 1024, ' '), { level: 1 }),
  br: () =>
    brotliCompressSync(Buffer.alloc(256 * 1024 * 1024, ' '), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
    }),
  zstd: () => Buffer.from(`28b52ffd0040${'02000820'.repeat(1000)}`, 'hex'),
}
const made = new Map<string, Buffer>()
function bomb(coding: string): Buffer {
  const known = made.get(coding) ?? bombs[coding]?.() ?? Buffer.alloc(0)
  made.set(coding, known)
  return known
}

type Kind = 'catalog' | 'tags' | 'manifest' | 'config' | 'token' | 'error' | 'layer'
const paths: Record<Kind, RegExp> = {
  ...{
    catalog: /_catalog/,
    tags: /tags\/list/,
    manifest: /manifests/,
    config: /\/blobs\//,
    token: /\/token/,
  },
  ...{ error: /manifests/, layer: /\/blobs\// },
}

async function met(scene: Scene, kind: Kind, handler: Handler): Promise<ErrorInfo | null | undefined> {
  const party = await scene.registry()
  if (kind === 'config' || kind === 'layer') scene.honest.add(party.id)
  // No other case has read this config: what a digest names is kept once for all.
  const own = Buffer.from(JSON.stringify({ os: 'linux', architecture: `${kind}${party.server.port}` }))
  const layer = {
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    digest: sha256(`${party.server.port}`),
    size: 900_000_000,
  }
  const digest = put(party, manifest({ config: configOf(own), layers: kind === 'layer' ? [layer] : [] }))
  if (kind === 'token') scene.askForToken(party)
  party.server.on('GET', paths[kind], handler)
  if (kind === 'catalog') return (await scene.catalog(party)).error
  if (kind === 'tags') return (await scene.repository(party)).error
  if (kind === 'layer') return (await scene.copy(party, digest, await scene.registry())).error
  const { error, variants } = await scene.image(party)
  return error ?? variants[0]?.error
}

const codesOf = (kind: Kind, coding: string): ErrorCode[] => {
  if (kind === 'error') return ['DENIED']
  return coding === 'zstd' || kind === 'layer' ? ['RESPONSE_INVALID'] : ['RESPONSE_TOO_LARGE']
}

const compressed = (Object.keys(paths) as Kind[]).flatMap((kind) =>
  Object.keys(bombs).map((coding): Case => ({
    name: `bomb: ${kind} by ${coding}`,
    bomb: true,
    ...(coding === 'gzip' || kind === 'manifest' ? {} : { long: true }),
    async run(scene) {
      const headers = {
        'content-type': kind === 'manifest' ? mediaTypes.ociManifest : 'application/json',
        'content-encoding': coding,
      }
      const status = kind === 'error' ? 403 : 200
      scene.expect(await met(scene, kind, plain(status, headers, bomb(coding))), ...codesOf(kind, coding))
    },
  })),
)

/** Content of so many bytes as it is: said beforehand, or in chunks without a word. */
const large = (what: string, kind: Kind, bytes: number, chunked: boolean): Case => ({
  name: `bomb: ${kind} of ${what}${chunked ? ', not said beforehand' : ''}`,
  bomb: true,
  ...(chunked ? {} : { long: true }),
  async run(scene) {
    const handler: Handler = (_request, response) => {
      const length = chunked ? {} : { 'content-length': bytes }
      response.writeHead(kind === 'error' ? 403 : 200, { 'content-type': 'application/json', ...length })
      let left = bytes
      const more = (): void => {
        while (left > 0 && !response.destroyed) {
          left -= 1024 * 1024
          if (!response.write(part.subarray(0, 1024 * 1024))) return void response.once('drain', more)
        }
        response.end()
      }
      more()
    }
    scene.expect(await met(scene, kind, handler), kind === 'error' ? 'DENIED' : 'RESPONSE_TOO_LARGE')
  },
})

const listed = (
  what: string,
  kind: 'catalog' | 'tags',
  value: () => string,
  ...codes: ErrorCode[]
): Case => ({
  name: `bomb: ${kind} of ${what}`,
  bomb: true,
  ...(kind === 'catalog' ? { long: true } : {}),
  async run(scene) {
    const content = gzipSync(`{"${kind === 'catalog' ? 'repositories' : 'tags'}":[${value()}]}`)
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    scene.expect(await met(scene, kind, plain(200, headers, content)), ...codes)
  },
})

/** Many manifests at once, each sound: what a copy would have to hold. */
const graph = (what: string, build: (party: Party) => string, ...codes: ErrorCode[]): Case => ({
  name: `bomb: a copy of ${what}`,
  bomb: true,
  async run(scene) {
    const [from, to] = [await scene.registry(), await scene.registry()]
    const digest = build(from)
    scene.expect((await scene.copy(from, digest, to)).error, ...codes)
    const plan = scene.program.call('copy:plan', {
      from: { registryId: from.id, repository: 'a', reference: 'v1' },
      ...{ registryId: to.id, repository: 'c', tag: 'v1' },
    })
    scene.expect(await scene.failureOf(plan), ...codes)
    scene.check(to.server.seen('PUT', /manifests/).length === 0, 'falseSuccess', 'a manifest was put')
  },
})

const store = (
  { server }: Party,
  value: object | string,
  type: string,
): { mediaType: string; digest: string; size: number } => {
  const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  return { mediaType: type, digest: server.store('a', 'v1', type, bytes), size: bytes.length }
}
const root = (party: Party, entries: object[]): string =>
  store(party, index(entries), mediaTypes.ociIndex).digest

export const bombCases: Case[] = [
  ...compressed,
  ...(['catalog', 'tags', 'manifest', 'config', 'token', 'error'] as const).flatMap((kind) => [
    large('100 MB', kind, 100 * 1024 * 1024, false),
    large('100 MB', kind, 100 * 1024 * 1024, true),
  ]),
  ...(['catalog', 'tags'] as const).flatMap((kind) => [
    listed('ten million objects', kind, () => `${'{},'.repeat(10_000_000)}{}`, 'RESPONSE_INVALID'),
    listed('fifteen million numbers', kind, () => `${'0,'.repeat(15_000_000)}0`, 'RESPONSE_INVALID'),
    listed(
      'a name of 30 MB',
      kind,
      () => `"${'a'.repeat(30_000_000)}",{}`.repeat(1).concat(',[]'.repeat(300_000)),
      'RESPONSE_INVALID',
    ),
  ]),
  graph(
    'an index of 12 manifests of 4 MB',
    (party) =>
      root(
        party,
        Array.from({ length: 12 }, (_, at) =>
          store(party, `${JSON.stringify(manifest())}${' '.repeat(4_000_000 + at)}`, mediaTypes.ociManifest),
        ),
      ),
    'RESPONSE_TOO_LARGE',
  ),
  graph(
    'an index of 50 indexes of 50 manifests',
    (party) =>
      root(
        party,
        Array.from({ length: 50 }, (_, at) =>
          store(
            party,
            index(
              Array.from({ length: 50 }, (_one, below) =>
                store(party, manifest({ annotations: { at: `${at} ${below}` } }), mediaTypes.ociManifest),
              ),
            ),
            mediaTypes.ociIndex,
          ),
        ),
      ),
    'RESPONSE_TOO_LARGE',
  ),
  graph(
    'indexes in indexes, 100 deep',
    (party) => {
      let below = store(party, manifest(), mediaTypes.ociManifest)
      for (let depth = 0; depth < 100; depth += 1) below = store(party, index([below]), mediaTypes.ociIndex)
      return below.digest
    },
    'RESPONSE_TOO_LARGE',
  ),
  graph(
    'an index that says other sizes than there are',
    (party) => root(party, [{ ...store(party, manifest(), mediaTypes.ociManifest), size: 5 }]),
    'SIZE_MISMATCH',
  ),
  {
    name: 'bomb: referrers that refer to themselves and never end',
    bomb: true,
    async run(scene) {
      const [from, to] = [await scene.registry(), await scene.registry()]
      for (const { id } of [from, to]) scene.honest.add(id)
      const { digest } = from.server.seed('a', 'v1')
      let page = 0
      from.server.on('GET', /referrers/, (request, response) => {
        page += 1
        const own = {
          mediaType: mediaTypes.ociManifest,
          digest,
          size: 5,
          annotations: { a: 'x'.repeat(60_000) },
        }
        const entries = Array.from({ length: 60 }, () => own)
        const link = `</v2/a/referrers/${digest}?page=${page}>; rel="next"`
        return plain(
          200,
          { 'content-type': mediaTypes.ociIndex, link },
          JSON.stringify(index(entries)),
        )(request, response)
      })
      const { error } = await scene.copy(from, digest, to)
      scene.check(error === null, 'lost', `${error?.code}`)
      scene.check(page <= 50, 'lost', `${page} pages`)
    },
  },
]
