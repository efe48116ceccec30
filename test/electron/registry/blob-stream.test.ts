import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry, sha256 } from '../../support/registry/in-process-registry'
import { plain, TestServer } from '../../support/registry/test-server'
import { waitFor } from '../../support/wait'

const blob = randomBytes(3_000_000)
const descriptor = { digest: sha256(blob), size: blob.length }

async function start(): Promise<InProcessRegistry> {
  const registry = later(await InProcessRegistry.start())
  registry.repository('a').blobs.set(descriptor.digest, blob)
  return registry
}

async function bytesOf(stream: Promise<Readable>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of (await stream) as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Answers as the registry does, but cuts after so many bytes. */
function cutDown(registry: InProcessRegistry, after: number, times: number): void {
  registry.on(
    'GET',
    /blobs/,
    (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(String(request.headers.range))?.[1] ?? 0)
      const range = { 'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}` }
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': blob.length - from,
        ...(from > 0 ? range : {}),
      })
      response.write(blob.subarray(from, from + after), () => response.destroy())
    },
    times,
  )
}

it('reads a blob whole, or from a byte on', async () => {
  const registry = await start()
  const client = clientOf(registry.endpoint())
  expect((await bytesOf(client.openBlob('a', descriptor))).equals(blob)).toBe(true)
  expect((await bytesOf(client.openBlob('a', descriptor, { from: 1000 }))).equals(blob.subarray(1000))).toBe(
    true,
  )
  expect(await bytesOf(client.openBlob('a', descriptor, { from: blob.length }))).toHaveLength(0)
  await failure(client.openBlob('a', descriptor, { from: blob.length + 1 }), 'INPUT_INVALID')
  await failure(client.openBlob('a', { ...descriptor, digest: sha256('x') }), 'BLOB_UNKNOWN')
})

it('skips what it has where the registry pays no heed to Range', async () => {
  const registry = await start()
  registry.on('GET', /blobs/, plain(200, {}, blob))
  const read = bytesOf(clientOf(registry.endpoint()).openBlob('a', descriptor, { from: 1_234_567 }))
  expect((await read).equals(blob.subarray(1_234_567))).toBe(true)
})

it('asks for the rest after a cut, and checks the whole', async () => {
  const registry = await start()
  cutDown(registry, 900_000, 3)
  expect((await bytesOf(clientOf(registry.endpoint()).openBlob('a', descriptor))).equals(blob)).toBe(true)
  const ranges = registry.seen('GET', /blobs/).map(({ headers }) => headers.range)
  expect(ranges).toEqual([undefined, 'bytes=900000-', 'bytes=1800000-', 'bytes=2700000-'])
})

it('gives up where nothing comes any more', async () => {
  const registry = await start()
  registry.on('GET', /blobs/, (_request, response) => void response.destroy())
  cutDown(registry, 900_000, 1)
  await failure(bytesOf(clientOf(registry.endpoint()).openBlob('a', descriptor)), 'CONNECTION_LOST')
  expect(registry.seen('GET', /blobs/).length).toBeLessThan(10)
})

it.each([
  ['DIGEST_MISMATCH', Buffer.alloc(blob.length)],
  ['SIZE_MISMATCH', blob.subarray(1)],
  ['SIZE_MISMATCH', Buffer.concat([blob, Buffer.alloc(1)])],
] as const)('is %s for other bytes', async (code, bytes) => {
  const registry = await start()
  registry.on('GET', /blobs/, plain(200, {}, bytes))
  await failure(bytesOf(clientOf(registry.endpoint()).openBlob('a', descriptor)), code)
})

it('is RESPONSE_INVALID for another range', async () => {
  const registry = await start()
  registry.on(
    'GET',
    /blobs/,
    plain(206, { 'content-range': `bytes 0-${blob.length - 1}/${blob.length}` }, blob),
  )
  await failure(clientOf(registry.endpoint()).openBlob('a', descriptor, { from: 5 }), 'RESPONSE_INVALID')
})

it('waits for a slow reader for as long as it takes, and for a registry only so long', async () => {
  const registry = await start()
  const client = clientOf(registry.endpoint(), { timing: { backoff: 1, idle: 60 } })
  const stream = await client.openBlob('a', descriptor)
  const begun = performance.now()
  await waitFor(() => expect(performance.now() - begun).toBeGreaterThan(200), { interval: 20 })
  expect((await bytesOf(Promise.resolve(stream))).equals(blob)).toBe(true)
  registry.on('GET', /blobs/, (_request, response) => {
    response.writeHead(200).write('x')
  })
  await failure(bytesOf(client.openBlob('a', descriptor)), 'TIMED_OUT')
})

it('is TIMED_OUT where a few bytes come now and then, for ever', async () => {
  const registry = await start()
  const drips = new Set<NodeJS.Timeout>()
  registry.on('GET', /blobs/, ({ headers }, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(String(headers.range))?.[1] ?? 0)
    const range = { 'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}` }
    response.writeHead(from > 0 ? 206 : 200, from > 0 ? range : {})
    const drip = setInterval(() => response.write(blob.subarray(from, from + 1)), 5)
    drips.add(drip)
    response.once('close', () => clearInterval(drip))
  })
  const client = clientOf(registry.endpoint(), { timing: { backoff: 1, idle: 5000, window: 60 } })
  await failure(bytesOf(client.openBlob('a', descriptor)), 'TIMED_OUT')
  for (const drip of drips) clearInterval(drip)
  expect(registry.seen('GET', /blobs/).length).toBeLessThan(10)
})

it('gives up where each attempt brings a byte and ends', async () => {
  const registry = await start()
  cutDown(registry, 1, Infinity)
  await failure(bytesOf(clientOf(registry.endpoint()).openBlob('a', descriptor)), 'CONNECTION_LOST')
  expect(registry.seen('GET', /blobs/).length).toBeLessThan(10)
})

it('lets go of the connection when it is destroyed or cancelled', async () => {
  const registry = await start()
  const gone: string[] = []
  registry.on('GET', /blobs/, (_request, response) => {
    response.on('close', () => gone.push('closed'))
    response.writeHead(200).write(blob.subarray(0, 10))
  })
  const client = clientOf(registry.endpoint())
  const stream = await client.openBlob('a', descriptor)
  stream.destroy()
  await waitFor(() => expect(gone).toHaveLength(1))
  const stop = new AbortController()
  const second = bytesOf(client.openBlob('a', descriptor, { signal: stop.signal }))
  await waitFor(() => expect(registry.seen('GET', /blobs/)).toHaveLength(2))
  stop.abort()
  await failure(second, 'CANCELLED')
  await waitFor(() => expect(gone).toHaveLength(2))
})

it("never reads from a descriptor's own addresses", async () => {
  const registry = await start()
  const other = later(await TestServer.start())
  const foreign = { mediaType: 'x/y', digest: sha256('foreign'), size: 7, urls: [`${other.url}/foreign`] }
  await failure(clientOf(registry.endpoint()).openBlob('a', foreign), 'BLOB_UNKNOWN')
  expect(other.requests).toHaveLength(0)
})
