// Long because every fault of that conversation is shown here, on one registry that misbehaves.
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import type { BlobSource, UploadSession, UploadStreamOptions } from '../../../electron/registry/client'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry, sha256 } from '../../support/registry/in-process-registry'
import { plain, refusal } from '../../support/registry/test-server'
import { startTokenService } from '../../support/registry/token-service'
import { waitFor } from '../../support/wait'

const MiB = 1024 * 1024
const blob = randomBytes(6 * MiB)
const digest = sha256(blob)
const chunkBytes = MiB

interface TestSource extends BlobSource {
  opened: number[]
}

function sourceOf(bytes: Buffer, known = true): TestSource {
  const opened: number[] = []
  return {
    opened,
    digest: known ? sha256(bytes) : null,
    size: known ? bytes.length : null,
    open(from) {
      opened.push(from)
      const pieces = []
      for (let at = from; at < bytes.length; at += 100_000) pieces.push(bytes.subarray(at, at + 100_000))
      return Promise.resolve(Readable.from(pieces, { objectMode: false }))
    },
    finished: () => Promise.resolve({ digest: sha256(bytes), size: bytes.length }),
  }
}

const start = async (): Promise<InProcessRegistry> => later(await InProcessRegistry.start())
const chunks = (registry: InProcessRegistry): number[] =>
  registry.seen('PATCH', /uploads/).map(({ body }) => body.length)

async function send(
  registry: InProcessRegistry,
  options: UploadStreamOptions = {},
  source: BlobSource = sourceOf(blob),
): Promise<{ digest: string; size: number; sent: number }> {
  const outcome = await clientOf(registry.endpoint()).uploadStream('a', source, { chunkBytes, ...options })
  expect(registry.repository('a').blobs.get(outcome.digest)?.length).toBe(outcome.size)
  return outcome
}

describe('a blob in chunks', () => {
  it('goes by the newest location each time, its bytes once, and tells what is held', async () => {
    const registry = await start()
    const sessions: (UploadSession | null)[] = []
    const offsets: number[] = []
    const source = sourceOf(blob)
    const outcome = await send(
      registry,
      { onSession: (session) => sessions.push(session), onBytes: (offset) => offsets.push(offset) },
      source,
    )
    expect(outcome).toEqual({ digest, size: blob.length, sent: blob.length })
    expect(chunks(registry)).toEqual([MiB, MiB, MiB, MiB, MiB, MiB])
    expect(source.opened).toEqual([0])
    expect(sessions.map((session) => session?.offset)).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6].map((n) => n * MiB),
      undefined,
    ])
    expect(offsets.at(-1)).toBe(blob.length)
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
    const [first, second] = registry.seen('PATCH', /uploads/)
    expect(first?.headers['content-range']).toBeUndefined()
    expect(second?.headers['content-range']).toBe(`${MiB}-${2 * MiB - 1}`)
    expect(registry.seen('PUT', /uploads/)[0]?.path).toMatch(/\?_state=a%2Fb6&digest=sha256%3A/)
  })

  it('may have a digest that is known at its end only, also where it ends with a chunk', async () => {
    const registry = await start()
    expect(await send(registry, {}, sourceOf(blob, false))).toMatchObject({ digest, sent: blob.length })
    expect(chunks(registry)).toHaveLength(6)
    await send(registry, {}, sourceOf(Buffer.from('short'), false))
    await send(registry, {}, sourceOf(Buffer.alloc(0), false))
  })

  it('goes in one request where it is small', async () => {
    const registry = await start()
    await send(registry, {}, sourceOf(Buffer.from('small')))
    await send(registry, {}, sourceOf(Buffer.alloc(0)))
    expect(registry.seen('PATCH', /./)).toHaveLength(0)
  })

  it('keeps to the least size that the registry names', async () => {
    const registry = await start()
    registry.uploads.minimum = 2 * MiB
    await send(registry)
    expect(chunks(registry)).toEqual([2 * MiB, 2 * MiB, 2 * MiB])
  })

  it('never holds more than a little of the source, however slow the registry is', async () => {
    const deaf = createServer((request, response) => {
      if (request.method === 'POST') response.writeHead(202, { location: '/v2/a/blobs/uploads/x' }).end()
    })
    await new Promise<void>((done) => deaf.listen(0, '127.0.0.1', done))
    later({ stop: () => new Promise((done) => deaf.close(done).closeAllConnections()) })
    let taken = 0
    const endless: BlobSource = {
      digest: null,
      size: null,
      open: () =>
        Promise.resolve(
          new Readable({
            read() {
              taken += 65_536
              this.push(Buffer.alloc(65_536))
            },
          }),
        ),
    }
    const { port } = deaf.address() as AddressInfo
    const endpoint = { host: `127.0.0.1:${port}`, protocol: 'http', trust: { kind: 'system' } } as const
    const stop = new AbortController()
    const client = clientOf(endpoint, { timing: { backoff: 5, ending: 20 } })
    const upload = client.uploadStream('a', endless, { signal: stop.signal })
    let before = 0
    const stands = (): void => {
      const now = taken
      if (now === 0 || now !== before) {
        before = now
        throw new Error('still moving')
      }
    }
    await waitFor(stands, { interval: 200 })
    // What sockets and streams hold between the two.
    expect(taken).toBeLessThan(16 * MiB)
    stop.abort()
    await failure(upload, 'CANCELLED')
  })
})

describe('after a cut', () => {
  it('asks where the session stands and goes on from there', async () => {
    const registry = await start()
    registry.cut('PATCH', /_state=a%2Fb2/, 300_000)
    const source = sourceOf(blob)
    const { sent } = await send(registry, {}, source)
    expect(registry.seen('GET', /uploads/)).toHaveLength(1)
    expect(registry.seen('POST', /uploads/)).toHaveLength(1)
    expect(source.opened).toEqual([0, 2 * MiB + 300_000])
    expect(sent).toBeLessThanOrEqual(blob.length + MiB)
    expect(registry.uploads.received).toBe(blob.length)
  })

  it('sends one chunk again where the registry dropped its half', async () => {
    const registry = await start()
    registry.uploads.onCut = 'drop'
    registry.cut('PATCH', /_state=a%2Fb2/, 300_000)
    await send(registry)
    expect(registry.uploads.received).toBe(blob.length + 300_000)
  })

  it('begins anew where the session is gone, and says so', async () => {
    const registry = await start()
    registry.uploads.onCut = 'forget'
    registry.cut('PATCH', /_state=a%2Fb2/, 300_000)
    const sessions: (number | null)[] = []
    await send(registry, { onSession: (session) => sessions.push(session?.offset ?? null) })
    expect(registry.seen('POST', /uploads/)).toHaveLength(2)
    expect(sessions).toContain(null)
    expect(registry.uploads.received).toBe(blob.length + 2 * MiB + 300_000)
  })

  it.each([
    ['PATCH', 404, 'BLOB_UPLOAD_UNKNOWN'],
    ['PATCH', 404, 'BLOB_UPLOAD_INVALID'],
    ['PUT', 404, 'BLOB_UPLOAD_UNKNOWN'],
  ])('begins anew where %s is answered %i %s', async (method, status, code) => {
    const registry = await start()
    registry.on(method, /uploads/, refusal(status, code), 1)
    await send(registry)
    expect(registry.seen('POST', /uploads/)).toHaveLength(2)
  })

  it('begins anew where the registry cannot say how a session stands', async () => {
    const registry = await start()
    registry.cut('PATCH', /_state=a%2Fb2/, 300_000)
    registry.on('GET', /uploads/, refusal(405, 'UNSUPPORTED'))
    await send(registry)
    expect(registry.seen('POST', /uploads/)).toHaveLength(2)
  })

  it('goes on after the answer to a chunk got lost', async () => {
    const registry = await start()
    registry.on(
      'PATCH',
      /_state=a%2Fb1/,
      (request, response) => {
        const url = new URL(request.path, registry.url)
        registry.uploads.serve(request, 'a', url, { writeHead: () => ({ end() {} }), end() {} } as never)
        response.destroy()
      },
      1,
    )
    await send(registry)
    expect(registry.uploads.received).toBe(blob.length)
  })

  it('asks again after 416', async () => {
    const registry = await start()
    registry.on('PATCH', /_state=a%2Fb3/, refusal(416, 'BLOB_UPLOAD_INVALID'), 1)
    await send(registry)
    expect(registry.seen('GET', /uploads/)).toHaveLength(1)
    expect(registry.seen('POST', /uploads/)).toHaveLength(1)
  })

  it('gives up after some attempts, keeping the session; pauses grow', async () => {
    const registry = await start()
    registry.on('PATCH', /_state=a%2Fb2/, (_request, response) => void response.destroy())
    let kept: UploadSession | null = null
    const options = { chunkBytes, onSession: (session: UploadSession | null) => void (kept = session) }
    const upload = clientOf(registry.endpoint()).uploadStream('a', sourceOf(blob), options)
    await failure(upload, 'CONNECTION_LOST')
    expect(registry.seen('PATCH', /_state=a%2Fb2/)).toHaveLength(9)
    expect(kept).toMatchObject({ offset: 2 * MiB })
    expect(registry.uploads.sessions.size).toBe(1)
  })

  it('is DENIED at once where it must not write', async () => {
    const registry = await start()
    registry.on('PATCH', /./, refusal(403, 'DENIED'))
    await failure(clientOf(registry.endpoint()).uploadStream('a', sourceOf(blob)), 'DENIED')
    expect(registry.seen('PATCH', /./)).toHaveLength(1)
  })
})

describe('the commit', () => {
  it('is not done twice where only its answer got lost', async () => {
    const registry = await start()
    registry.on(
      'PUT',
      /uploads/,
      (request, response) => {
        const url = new URL(request.path, registry.url)
        registry.uploads.serve(request, 'a', url, { writeHead: () => ({ end() {} }), end() {} } as never)
        response.destroy()
      },
      1,
    )
    const { sent } = await send(registry)
    expect(sent).toBe(blob.length)
    expect(registry.seen('PUT', /uploads/)).toHaveLength(1)
    expect(registry.seen('HEAD', /blobs/)).toHaveLength(1)
    expect(registry.seen('GET', /uploads/)).toHaveLength(0)
  })

  it('is tried again where it did not arrive', async () => {
    const registry = await start()
    registry.on('PUT', /uploads/, (_request, response) => void response.destroy(), 1)
    registry.on('PUT', /uploads/, plain(503), 1)
    const { sent } = await send(registry)
    expect(sent).toBe(blob.length)
    expect(registry.seen('PUT', /uploads/)).toHaveLength(3)
  })

  it('sends all anew, but not for ever, where the registry holds other bytes', async () => {
    const registry = await start()
    registry.on('PUT', /uploads/, refusal(400, 'DIGEST_INVALID'), 1)
    expect((await send(registry)).sent).toBe(2 * blob.length)
    registry.on('PUT', /uploads/, refusal(400, 'DIGEST_INVALID'))
    const small = sourceOf(randomBytes(2 * MiB))
    const upload = clientOf(registry.endpoint()).uploadStream('a', small, { chunkBytes })
    await failure(upload, 'DIGEST_INVALID')
    expect(registry.seen('PUT', /uploads/).length).toBeLessThan(15)
  })
})

describe('registries with ways of their own', () => {
  it.each([400, 411, 501])(
    'get the length of every chunk where they answer %i without it',
    async (status) => {
      const registry = await start()
      registry.on('PATCH', /./, (request, response) => {
        if (request.headers['content-length'] !== undefined) return false
        return void response.writeHead(status).end()
      })
      await send(registry)
      expect(registry.seen('POST', /uploads/)).toHaveLength(1)
    },
  )

  it('get smaller chunks where one is too large', async () => {
    const registry = await start()
    registry.on('PATCH', /./, (request, response) => {
      if (request.body.length <= MiB / 2) return false
      return void response.writeHead(413).end()
    })
    await send(registry)
    expect(Math.max(...chunks(registry).slice(1))).toBe(MiB / 4)
  })

  it('may hold less than was sent', async () => {
    const registry = await start()
    registry.on(
      'PATCH',
      /_state=a%2Fb1/,
      (request) => {
        request.body = request.body.subarray(0, 1000)
        return false
      },
      1,
    )
    const source = sourceOf(blob)
    await send(registry, {}, source)
    expect(source.opened).toEqual([0, MiB + 1000])
  })

  it('may put off a chunk', async () => {
    const registry = await start()
    registry.on('PATCH', /_state=a%2Fb1/, plain(429, { 'retry-after': '0' }), 1)
    await send(registry)
    expect(registry.seen('POST', /uploads/)).toHaveLength(1)
  })
})

describe('the source', () => {
  const failing = (error: Error): BlobSource => ({
    ...sourceOf(blob),
    open: (from) =>
      Promise.resolve(
        Readable.from(
          (function* () {
            yield blob.subarray(from, 2 * MiB + 5)
            throw error
          })(),
          { objectMode: false },
        ),
      ),
  })

  it('passes its own failure on, whose bytes so far are kept', async () => {
    const registry = await start()
    let kept: UploadSession | null = null
    const error = new AppError('ARCHIVE_UNREADABLE', { side: 'archive' })
    const upload = clientOf(registry.endpoint()).uploadStream('a', failing(error), {
      chunkBytes,
      onSession: (session) => void (kept = session),
    })
    await failure(upload, 'ARCHIVE_UNREADABLE')
    expect(kept).toMatchObject({ offset: 2 * MiB + 5 })
  })

  it('with other bytes than it says leaves nothing behind', async () => {
    const registry = await start()
    let kept: UploadSession | null = { location: '', offset: 0 }
    const options = { chunkBytes, onSession: (session: UploadSession | null) => void (kept = session) }
    const client = clientOf(registry.endpoint())
    await failure(
      client.uploadStream('a', failing(new AppError('DIGEST_MISMATCH')), options),
      'DIGEST_MISMATCH',
    )
    expect(kept).toBeNull()
    const short = { ...sourceOf(blob.subarray(0, 3 * MiB)), digest, size: blob.length }
    await failure(client.uploadStream('a', short, options), 'SIZE_MISMATCH')
    expect(registry.uploads.sessions.size).toBe(0)
  })
})

describe('stopping', () => {
  /** Stops once so many bytes are on their way. */
  async function stopAt(
    registry: InProcessRegistry,
    bytes: number,
    more: UploadStreamOptions = {},
  ): Promise<UploadSession> {
    const stop = new AbortController()
    const kept: (UploadSession | null)[] = []
    const upload = clientOf(registry.endpoint()).uploadStream('a', sourceOf(blob), {
      chunkBytes: 4 * MiB,
      signal: stop.signal,
      onSession: (session) => void kept.push(session),
      onBytes: (offset) => void (offset >= bytes && stop.abort()),
      ...more,
    })
    await failure(upload, 'CANCELLED')
    const last = kept.at(-1)
    if (!last) throw new Error('no session was kept')
    return last
  }

  it('ends the chunk, keeps the session, and later no byte goes twice', async () => {
    const registry = await start()
    const session = await stopAt(registry, MiB)
    expect(session.offset).toBeGreaterThanOrEqual(MiB)
    expect(session.offset).toBeLessThan(4 * MiB)
    expect(registry.seen('DELETE', /./)).toHaveLength(0)
    const { sent } = await send(registry, { session: JSON.parse(JSON.stringify(session)) as UploadSession })
    expect(sent).toBe(blob.length - session.offset)
    expect(registry.uploads.received).toBe(blob.length)
  })

  it('begins anew later where the registry has let go of the session', async () => {
    const registry = await start()
    const session = await stopAt(registry, MiB)
    registry.uploads.sessions.clear()
    expect((await send(registry, { session })).sent).toBe(blob.length)
  })

  it('finds later that the blob has come to be there', async () => {
    const registry = await start()
    const session = await stopAt(registry, MiB)
    registry.uploads.sessions.clear()
    registry.repository('a').blobs.set(digest, blob)
    expect(await send(registry, { session })).toEqual({ digest, size: blob.length, sent: 0 })
  })

  it('does not wait long for a registry that does not answer', async () => {
    const registry = await start()
    registry.on('PATCH', /./, () => new Promise<never>(() => {}))
    const stop = new AbortController()
    const client = clientOf(registry.endpoint(), { timing: { backoff: 5, ending: 50 } })
    const options = { signal: stop.signal, onBytes: (offset: number) => void (offset > 0 && stop.abort()) }
    await failure(client.uploadStream('a', sourceOf(blob), options), 'CANCELLED')
  })

  it('leaves nothing behind when it is aborted afterwards', async () => {
    const registry = await start()
    const session = await stopAt(registry, MiB)
    const client = clientOf(registry.endpoint())
    await client.abortUpload(session)
    expect(registry.uploads.sessions.size).toBe(0)
    await client.abortUpload(session)
  })

  it('takes those away too that wait for their turn', async () => {
    const registry = await start()
    registry.on('POST', /./, () => new Promise<never>(() => {}))
    const stop = new AbortController()
    const client = clientOf(registry.endpoint())
    const uploads = Array.from({ length: 6 }, () =>
      client.uploadStream('a', sourceOf(blob), { signal: stop.signal }),
    )
    await waitFor(() => expect(registry.connections).toBe(4))
    stop.abort()
    for (const upload of uploads) await failure(upload, 'CANCELLED')
  })
})

describe('credentials', () => {
  it('are renewed in mid-upload, in the same session, one chunk going again', async () => {
    const registry = await start()
    const tokens = later(await startTokenService())
    registry.on('*', /^\/v2\/a\//, tokens.guard)
    const source = sourceOf(blob)
    let chunk = 0
    registry.on('PATCH', /./, () => {
      chunk += 1
      if (chunk === 3) tokens.tokens.clear()
      return false
    })
    const { sent } = await send(registry, {}, source)
    expect(tokens.requests).toHaveLength(2)
    // The first one was the challenge.
    expect(registry.seen('POST', /uploads/)).toHaveLength(2)
    expect(source.opened).toEqual([0, 2 * MiB])
    expect(sent).toBeLessThanOrEqual(blob.length + MiB)
  })

  it('never go to another host, not even with a session that was kept', async () => {
    const registry = await start()
    const client = clientOf(registry.endpoint())
    const session = { location: 'http://127.0.0.1:9/v2/a/blobs/uploads/x', offset: 5 }
    await failure(client.uploadStream('a', sourceOf(blob), { session }), 'REDIRECT_REFUSED')
    await failure(client.abortUpload(session), 'REDIRECT_REFUSED')
    expect(registry.requests).toHaveLength(0)
  })
})

it('hashes with sha512 where the digest says so', async () => {
  const registry = await start()
  const long = `sha512:${createHash('sha512').update(blob).digest('hex')}`
  expect((await send(registry, {}, { ...sourceOf(blob), digest: long })).digest).toBe(long)
})
