import { execFileSync } from 'node:child_process'
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import type { BlobSource, RegistryClient, UploadSession } from '../../../electron/registry/client'
import { copyImage } from '../../../electron/registry/copy'
import { startFaultProxy } from '../../lab/fault-proxy'
import { buildAttestation, buildImage, buildIndex, digestOf } from '../../lab/oci-image'
import { randomBytesOf } from '../../lab/random-bytes'
import { type Registry, type RegistryOptions, startRegistry } from '../../lab/registry'
import { clientOf, failure, later } from '../../support/registry/clients'
import { waitFor } from '../../support/wait'

const MiB = 1024 * 1024
const blob = randomBytesOf('upload', 40 * MiB)
const digest = digestOf(blob)
const chunkBytes = 8 * MiB

const running: Registry[] = []
afterAll(async () => {
  for (const registry of running) await registry.stop()
})

async function start(options: RegistryOptions = {}): Promise<Registry> {
  const registry = await startRegistry(options)
  running.push(registry)
  return registry
}

const source: BlobSource = {
  ...{ digest, size: blob.length },
  open: (from) => {
    const pieces = []
    for (let at = from; at < blob.length; at += 256 * 1024) pieces.push(blob.subarray(at, at + 256 * 1024))
    return Promise.resolve(Readable.from(pieces, { objectMode: false }))
  },
}

/** `host`: another way to it, say a proxy. */
function as(registry: Registry, name: string | null = null, host = registry.host): RegistryClient {
  const account = name === null ? undefined : registry.accounts[name]
  const trust = registry.authority
    ? ({ kind: 'pem', pem: registry.authority.pem } as const)
    : ({ kind: 'system' } as const)
  const protocol = registry.url.startsWith('https') ? 'https' : 'http'
  return clientOf(
    { host, protocol, trust },
    {
      timing: { backoff: 100 },
      resolveCredential: () =>
        Promise.resolve(account ? { username: account.name, password: account.password } : null),
    },
  )
}

/**
 * A front as nginx is one when it is not told otherwise (`proxy_request_buffering on`): a request goes on to the registry
 * once its body is here as a whole.
 */
async function startFront(registry: Registry): Promise<{ host: string }> {
  const server = createServer((incoming, response) => {
    const pieces: Buffer[] = []
    incoming.on('data', (piece: Buffer) => pieces.push(piece))
    incoming.on('error', () => response.destroy())
    incoming.on('end', () => {
      const body = Buffer.concat(pieces)
      const { method, url: path, headers } = incoming
      delete headers['transfer-encoding']
      const options = { host: '127.0.0.1', port: registry.port, method, path }
      const outgoing = forward(
        { ...options, headers: { ...headers, 'content-length': body.length } },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(response)
        },
      )
      outgoing.on('error', () => response.destroy())
      outgoing.end(body)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  later({ stop: () => new Promise((done) => server.close(done).closeAllConnections()) })
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('a cut in the middle', () => {
  it('costs at most one chunk behind a front that passes whole requests on', async () => {
    const registry = await start()
    const front = await startFront(registry)
    const proxy = later(await startFaultProxy({ to: front.host }))
    let cuts = 0
    const { sent } = await as(registry, null, proxy.address).uploadStream('a', source, {
      chunkBytes,
      onBytes: (offset) => {
        if (offset < (cuts + 1) * 12 * MiB || cuts >= 3) return
        cuts += 1
        proxy.cutAll()
      },
    })
    expect(cuts).toBe(3)
    expect(sent).toBeLessThanOrEqual(blob.length + cuts * chunkBytes)
    expect(proxy.seen.up).toBeLessThan(blob.length + cuts * chunkBytes + MiB)
    expect(await as(registry).hasBlob('a', digest)).toBe(true)
  })

  it('makes distribution 2.8 forget the session, which is begun anew', async () => {
    const registry = await start()
    const proxy = later(await startFaultProxy({ to: registry.host }))
    proxy.faults.cutUpAfter = 20 * MiB
    const sessions: (number | null)[] = []
    await as(registry, null, proxy.address).uploadStream('a', source, {
      chunkBytes,
      onSession: (session) => {
        sessions.push(session?.offset ?? null)
        if (proxy.seen.cut > 0) proxy.faults = {}
      },
    })
    expect(proxy.seen.cut).toBe(1)
    expect(sessions.filter((offset) => offset === null)).toHaveLength(2)
    expect(await as(registry).hasBlob('a', digest)).toBe(true)
  })

  it('is got over while the registry restarts', async () => {
    const registry = await start()
    let restarted: Promise<void> | null = null
    await as(registry).uploadStream('a', source, {
      chunkBytes,
      onBytes: (offset) => {
        if (offset >= 20 * MiB) restarted ??= registry.halt().then(() => registry.start())
      },
    })
    expect(restarted).not.toBeNull()
    await restarted
    expect(await as(registry).hasBlob('a', digest)).toBe(true)
  })
})

describe('a pause', () => {
  it('sends no byte twice, also over restarts of both sides', async () => {
    const registry = await start()
    const proxy = later(await startFaultProxy({ to: registry.host }))
    const stop = new AbortController()
    let kept = ''
    const first = as(registry, null, proxy.address)
    const upload = first.uploadStream('a', source, {
      chunkBytes,
      signal: stop.signal,
      onSession: (session) => void (kept = JSON.stringify(session)),
      onBytes: (offset) => void (offset >= 13 * MiB && stop.abort()),
    })
    await failure(upload, 'CANCELLED')
    first.close()
    await registry.halt()
    await registry.start()
    const session = JSON.parse(kept) as UploadSession
    expect(session.offset).toBeGreaterThanOrEqual(13 * MiB)
    expect(session.offset % chunkBytes).not.toBe(0)
    const { sent } = await as(registry, null, proxy.address).uploadStream('a', source, {
      chunkBytes,
      session,
    })
    expect(sent).toBe(blob.length - session.offset)
    expect(proxy.seen.up).toBeLessThan(blob.length + MiB)
  })

  it('can be given up: nothing of the upload is left', async () => {
    const registry = await start()
    const stop = new AbortController()
    let kept: UploadSession | null = null
    const client = as(registry)
    const upload = client.uploadStream('a', source, {
      chunkBytes,
      signal: stop.signal,
      onSession: (session) => void (kept = session),
      onBytes: (offset) => void (offset >= 13 * MiB && stop.abort()),
    })
    await failure(upload, 'CANCELLED')
    if (kept === null) throw new Error('no session')
    await client.abortUpload(kept)
    const left = execFileSync('find', [registry.storage.root, '-path', '*_uploads*', '-name', 'data'])
    expect(left.toString()).toBe('')
  })
})

it('goes on over tokens that end in between', async () => {
  const registry = await start({ auth: 'bearer', tls: true, tokenSeconds: 2 })
  const { tokens } = registry
  const proxy = later(await startFaultProxy({ to: registry.host, faults: { delay: 5 } }))
  const { sent } = await as(registry, 'developer', proxy.address).uploadStream('727524/a', source, {
    chunkBytes: MiB,
  })
  expect(sent).toBe(blob.length)
  expect(tokens?.requests.refused).toBe(0)
  expect(tokens?.requests.granted).toBeGreaterThan(1)
})

describe('copyImage', () => {
  const image = (name: string, architecture: string): ReturnType<typeof buildImage> =>
    buildImage({
      ...{ seed: name, format: 'oci', platform: { os: 'linux', architecture } },
      layers: [{ size: 5 * MiB, share: 1 }, { size: MiB }],
    })
  const amd = image('amd', 'amd64')
  const index = buildIndex('oci', [amd, image('arm', 'arm64'), buildAttestation(amd)])
  const base = { referrers: true, onProgress: () => {}, signal: new AbortController().signal }

  it('takes an index to another registry, cut on its way, with its digests', async () => {
    const [a, b] = [await start(), await start({ auth: 'bearer', tls: true })]
    a.storage.put('app', index, 'v1')
    const down = later(await startFaultProxy({ to: a.host }))
    const up = later(await startFaultProxy({ to: b.host }))
    let cut = false
    const copied = await copyImage({
      ...base,
      source: { client: as(a, null, down.address), repository: 'app', reference: 'v1' },
      target: { client: as(b, 'developer', up.address), repository: '727524/app', tag: 'v1' },
      sameRegistry: false,
      onProgress: ({ completed }) => {
        if (cut || completed < 3 * MiB) return
        cut = true
        down.cutAll()
        up.cutAll()
      },
    })
    expect(copied.digest).toBe(index.manifest.digest)
    const client = as(b, 'developer')
    for (const child of index.children) {
      const fetched = await client.fetchManifest('727524/app', child.manifest.digest)
      expect(fetched.bytes.equals(child.manifest.data)).toBe(true)
      for (const part of child.blobs) expect(await client.hasBlob('727524/app', part.digest)).toBe(true)
    }
    expect((await client.headManifest('727524/app', 'v1')).digest).toBe(index.manifest.digest)
  })

  it('moves no layer within a registry', async () => {
    const registry = await start()
    registry.storage.put('app', index, 'v1')
    const proxy = later(await startFaultProxy({ to: registry.host }))
    const client = as(registry, null, proxy.address)
    const ends = { source: { client, repository: 'app', reference: 'v1' }, sameRegistry: true }
    await copyImage({ ...base, ...ends, target: { client, repository: 'team/app', tag: 'v2' } })
    expect((await as(registry).headManifest('team/app', 'v2')).digest).toBe(index.manifest.digest)
    expect(proxy.seen.up + proxy.seen.down).toBeLessThan(200_000)
    await copyImage({ ...base, ...ends, target: { client, repository: 'app', tag: 'newest' } })
    expect((await as(registry).headManifest('app', 'newest')).digest).toBe(index.manifest.digest)
  })
})

it('uploads without holding the blob in memory', async () => {
  const registry = await start()
  const size = 400 * MiB
  const piece = randomBytesOf('piece', MiB)
  const endless: BlobSource = {
    ...{ digest: null, size: null },
    open: (from) => {
      let at = from
      return Promise.resolve(
        new Readable({
          read() {
            at += piece.length
            this.push(at > size ? null : Buffer.from(piece))
          },
        }),
      )
    },
    finished: () => Promise.reject(new Error('not committed here')),
  }
  let most = 0
  const before = process.memoryUsage().rss
  const upload = as(registry).uploadStream('a', endless, {
    onBytes: () => void (most = Math.max(most, process.memoryUsage().rss)),
  })
  await expect(upload).rejects.toThrow('not committed here')
  await waitFor(() => expect(most).toBeGreaterThan(0))
  expect(most - before).toBeLessThan(150 * MiB)
})
