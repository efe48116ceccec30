import { Readable } from 'node:stream'
import { gunzipSync, inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import { compressLayer } from '../../../electron/archive/compress'
import { digestOf } from '../../lab/oci-image'
import { randomBytesOf } from '../../lab/random-bytes'
import { bytesOfStream } from './samples'

const mebibyte = 1024 * 1024
const text = (size: number): Buffer =>
  Buffer.from('all work and no play makes a dull image; '.repeat(Math.ceil(size / 41))).subarray(0, size)
/** Content of every kind, and a last block that is not whole. */
const content = Buffer.concat([
  text(2.5 * mebibyte),
  randomBytesOf('dense', 3 * mebibyte),
  Buffer.alloc(mebibyte),
  text(12_345),
])

function source(bytes: Buffer, pieces: number): () => Promise<Readable> {
  const count = Math.ceil(bytes.length / pieces)
  return async () =>
    Readable.from(Array.from({ length: count }, (_, n) => bytes.subarray(n * pieces, (n + 1) * pieces)))
}
async function compressed(bytes: Buffer, pieces = 100_000, level?: number): Promise<Buffer> {
  const layer = compressLayer(source(bytes, pieces), level === undefined ? {} : { level })
  const out = await bytesOfStream(layer.stream)
  expect(await layer.done).toEqual({ digest: digestOf(out), size: out.length, rawSize: bytes.length })
  return out
}

describe('a compressed layer', () => {
  it('is what it was, after gunzip', async () => {
    expect(gunzipSync(await compressed(content)).equals(content)).toBe(true)
  })

  it('is one gzip member with no name and no time', async () => {
    const out = await compressed(content)
    expect(out.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff')
    // A second member would lie behind the first one's end: inflating the raw middle gives everything.
    expect(inflateRawSync(out.subarray(10, -8)).length).toBe(content.length)
  })

  it.each([1, 2, 6])('of level %i has the same bytes whatever pieces it comes in', async (level) => {
    const all = await Promise.all(
      [4096, 65_536, mebibyte, 1_234_567, content.length].map((pieces) => compressed(content, pieces, level)),
    )
    expect(new Set(all.map((out) => digestOf(out))).size).toBe(1)
  })

  it('is not larger than what does not shrink, and much smaller than what does', async () => {
    const random = randomBytesOf('random', 4 * mebibyte)
    expect((await compressed(random)).length).toBeLessThan(random.length * 1.0002)
    expect((await compressed(text(4 * mebibyte))).length).toBeLessThan(100_000)
  })

  it('stores only what is dense of a block in which files of both kinds stand', async () => {
    const kinds = (at: number): Buffer => (at % 2 ? text(300_000) : randomBytesOf(`${at}`, 300_000))
    const mixed = Buffer.concat(Array.from({ length: 12 }, (_, at) => kinds(at)))
    const out = await compressed(mixed)
    expect(gunzipSync(out).equals(mixed)).toBe(true)
    expect(out.length).toBeLessThan(mixed.length * 0.55)
  })

  it('packs bytes of full entropy that repeat', async () => {
    const piece = randomBytesOf('piece', 8192)
    const repeated = Buffer.concat(Array.from({ length: 256 }, () => piece))
    expect((await compressed(repeated)).length).toBeLessThan(repeated.length / 10)
  })

  it('may be empty', async () => {
    expect(gunzipSync(await compressed(Buffer.alloc(0), 1)).length).toBe(0)
  })

  it('fails with its source, in the stream and in `done`', async () => {
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield text(3 * mebibyte)
      throw new AppError('DIGEST_MISMATCH', { side: 'archive' })
    }
    const layer = compressLayer(async () => Readable.from(broken()))
    await expect(bytesOfStream(layer.stream)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' })
    await expect(layer.done).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' })
    const unopened = compressLayer(() => Promise.reject(new AppError('ARCHIVE_UNREADABLE')))
    await expect(bytesOfStream(unopened.stream)).rejects.toMatchObject({ code: 'ARCHIVE_UNREADABLE' })
  })

  it('stops with the signal, and lets go of its source', async () => {
    const stop = new AbortController()
    let ended = false
    const endless = async function* (): AsyncGenerator<Buffer> {
      try {
        for (;;) yield text(mebibyte)
      } finally {
        ended = true
      }
    }
    const layer = compressLayer(async () => Readable.from(endless()), { signal: stop.signal })
    layer.stream.on('error', () => {}).once('data', () => stop.abort())
    await expect(layer.done).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(ended).toBe(true)
  })

  it('that nobody reads to its end is cancelled', async () => {
    const layer = compressLayer(source(content, 65_536))
    layer.stream.destroy()
    await expect(layer.done).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('reads ahead by a few blocks and no further', async () => {
    let given = 0
    const watched = async function* (): AsyncGenerator<Buffer> {
      for (; given < 200; given += 1) yield randomBytesOf(`${given}`, mebibyte)
    }
    const layer = compressLayer(async () => Readable.from(watched()))
    const reader = layer.stream[Symbol.asyncIterator]()
    await reader.next()
    await reader.next()
    await new Promise((turn) => setImmediate(turn))
    expect(given).toBeLessThan(24)
    await reader.return?.()
  })
})
