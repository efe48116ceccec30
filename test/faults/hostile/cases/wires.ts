import type { ServerResponse } from 'node:http'
import type { ErrorCode } from '@shared/error'
import { mediaTypes } from '@shared/oci'
import type { Handler } from '../../../support/registry/test-server'
import type { Case } from '../case'
import { manifest, put } from './manifests'

const head = (more = ''): string =>
  `HTTP/1.1 200 OK\r\nDocker-Distribution-Api-Version: registry/2.0\r\nContent-Type: ${mediaTypes.ociManifest}\r\n${more}`
const body = JSON.stringify(manifest())

/** Writes past HTTP, and ends the connection. */
const raw =
  (...parts: string[]): Handler =>
  (_request, response) => {
    const { socket } = response
    for (const part of parts) socket?.write(part, 'latin1')
    socket?.end()
  }

/** Writes without end: `piece` again and again, every `pause` milliseconds, or as fast as it goes. */
const endless =
  (start: string, piece: string, pause = 0): Handler =>
  (_request, response: ServerResponse) => {
    const { socket } = response
    if (!socket) return
    socket.write(start, 'latin1')
    const more = (): void => {
      if (socket.destroyed) return
      if (pause > 0) return void (socket.write(piece, 'latin1'), setTimeout(more, pause))
      if (socket.write(piece, 'latin1')) setImmediate(more)
      else socket.once('drain', more)
    }
    socket.on('error', () => {})
    more()
  }

const kinds = {
  catalog: /_catalog/,
  tags: /tags\/list/,
  manifest: /manifests/,
  token: /\/token/,
} as const
type Kind = keyof typeof kinds

const broken = (name: string, handler: Handler, codes: ErrorCode[], kind: Kind = 'manifest'): Case => ({
  name: `wire: ${name} (${kind})`,
  async run(scene) {
    const party = await scene.registry()
    put(party, manifest())
    if (kind === 'token') scene.askForToken(party)
    party.server.on('*', kinds[kind], handler)
    const { error } =
      kind === 'catalog'
        ? await scene.catalog(party)
        : kind === 'tags'
          ? await scene.repository(party)
          : await scene.image(party)
    scene.expect(error, ...codes)
  },
})

const everywhere = (name: string, handler: Handler, codes: ErrorCode[]): Case[] =>
  (Object.keys(kinds) as Kind[]).map((kind) => broken(name, handler, codes, kind))

const chunk = (data: string): string => `${data.length.toString(16)}\r\n${data}\r\n`
const lost: ErrorCode[] = ['CONNECTION_LOST']
const strange: ErrorCode[] = ['NOT_A_REGISTRY', 'CONNECTION_LOST']

export const wireCases: Case[] = [
  ...everywhere(
    'a body without end',
    endless(head('Transfer-Encoding: chunked\r\n\r\n'), chunk(' '.repeat(60_000))),
    ['RESPONSE_TOO_LARGE'],
  ),
  ...everywhere(
    'a body of one byte now and then',
    endless(head('Transfer-Encoding: chunked\r\n\r\n'), chunk(' '), 200),
    ['TIMED_OUT'],
  ),
  ...everywhere('headers of one byte now and then', endless('HTTP/1.1 200 OK\r\nX-A: ', 'x', 200), [
    'TIMED_OUT',
  ]),
  ...everywhere('headers without end', endless('HTTP/1.1 200 OK\r\n', 'X-A: b\r\n'.repeat(200)), [
    'RESPONSE_TOO_LARGE',
  ]),
  ...everywhere('no answer at all', () => undefined, ['TIMED_OUT']),
  broken('nothing after the head', endless(head('Content-Length: 500\r\n\r\n'), '', 1000), ['TIMED_OUT']),
  broken('informational answers without end', endless('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20), 20), [
    'TIMED_OUT',
    ...strange,
  ]),
  broken(
    'early hints without end',
    endless('', 'HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=next\r\n\r\n', 50),
    ['TIMED_OUT', ...strange],
  ),
  broken('a broken chunk', raw(head('Transfer-Encoding: chunked\r\n\r\n'), 'zz\r\n', body), strange),
  broken(
    'a chunk of 2^64 bytes',
    raw(head('Transfer-Encoding: chunked\r\n\r\n'), 'ffffffffffffffff1\r\n', body),
    strange,
  ),
  broken(
    'a chunk extension without end',
    endless(`${head('Transfer-Encoding: chunked\r\n\r\n')}5;`, 'a=b;'.repeat(1000)),
    [...strange, 'RESPONSE_TOO_LARGE', 'TIMED_OUT'],
  ),
  broken('cut in the middle', raw(head(`Content-Length: ${body.length}\r\n\r\n`), body.slice(0, 100)), lost),
  broken('longer than its length says', raw(head('Content-Length: 20\r\n\r\n'), body), [
    'RESPONSE_INVALID',
    'DIGEST_MISMATCH',
  ]),
  broken('two lengths', raw(head('Content-Length: 20\r\nContent-Length: 500\r\n\r\n'), body), strange),
  broken(
    'a length and chunks',
    raw(head('Content-Length: 20\r\nTransfer-Encoding: chunked\r\n\r\n'), chunk(body), '0\r\n\r\n'),
    [...strange, 'RESPONSE_INVALID'],
  ),
  broken('a negative length', raw(head('Content-Length: -5\r\n\r\n'), body), strange),
  broken('a length of 10^30', raw(head(`Content-Length: 1${'0'.repeat(30)}\r\n\r\n`), body), [
    ...strange,
    'RESPONSE_TOO_LARGE',
  ]),
  broken('no content, with content', raw('HTTP/1.1 204 No Content\r\n\r\n', body), [
    'RESPONSE_INVALID',
    'REGISTRY_FAILED',
    ...strange,
  ]),
  broken('a status of 999', raw('HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n'), [
    'RESPONSE_INVALID',
    'REGISTRY_FAILED',
    ...strange,
  ]),
  broken('another protocol', raw('SSH-2.0-OpenSSH_9.2\r\n'), strange),
  broken(
    'an upgrade',
    raw('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n'),
    strange,
  ),
  broken('a NUL in a header', raw('HTTP/1.1 200 OK\r\nX-A: a\0b\r\n\r\n'), strange),
  {
    name: 'wire: a second answer behind the first is nobody\u2019s',
    async run(scene) {
      const party = await scene.registry()
      scene.honest.add(party.id)
      const digest = put(party, manifest())
      const other = JSON.stringify(manifest({ annotations: { forged: 'yes' } }))
      const answer = (text: string): string => `${head(`Content-Length: ${text.length}\r\n\r\n`)}${text}`
      party.server.on(
        'GET',
        /manifests/,
        (_request, response) => void response.socket?.write(answer(body) + answer(other)),
        1,
      )
      const first = await scene.image(party)
      const again = await scene.image(party)
      for (const { digest: said, error } of [first, again])
        scene.check(said === digest || error !== null, 'falseSuccess', 'the forged one was taken')
    },
  },
  {
    name: 'wire: a layer of one byte now and then',
    long: true,
    async run(scene) {
      const [party, target] = [await scene.registry(), await scene.registry()]
      scene.honest.add(party.id)
      const { digest } = party.server.seed('a', 'v1')
      const layer = {
        ...{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${'c'.repeat(64)}` },
        size: 50_000_000,
      }
      const slow = put(party, manifest({ layers: [layer] }))
      party.server.on('GET', /blobs\/sha256:c/, ({ headers }, response) => {
        const from = Number(/(\d+)-/.exec(String(headers.range))?.[1] ?? 0)
        const status = from > 0 ? '206 Partial Content' : '200 OK'
        const range = `Content-Range: bytes ${from}-${layer.size - 1}/${layer.size}\r\n`
        const start = `HTTP/1.1 ${status}\r\n${range}Content-Length: ${layer.size - from}\r\n\r\n`
        return endless(
          start,
          'x',
          200,
        )({ method: '', path: '', headers: {}, body: Buffer.alloc(0) }, response)
      })
      scene.check(digest !== slow, 'lost', 'not the slow one')
      scene.expect((await scene.copy(party, slow, target)).error, 'TIMED_OUT')
      scene.check(target.server.seen('PUT', /manifests/).length === 0, 'falseSuccess', 'a manifest was put')
    },
  },
]
