import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../electron/log'
import { readBytes } from '../../../electron/registry/body'
import { Carrier } from '../../../electron/registry/carrier'
import { defaultTiming, type Timing } from '../../../electron/registry/timing'
import { Transport } from '../../../electron/registry/transport'
import { tlsTrustOf } from '../../../electron/registry/trust'
import { failure, later } from '../../support/registry/clients'
import { type Handler, plain, TestServer } from '../../support/registry/test-server'

async function read(handler: Handler, more: Partial<Timing> = {}, signal?: AbortSignal): Promise<Buffer> {
  const server = later(await TestServer.start())
  server.on('GET', '/', handler)
  const timing = { ...defaultTiming, backoff: 1, ...more }
  const tls = tlsTrustOf({ kind: 'system' })
  const transport = later(new Transport({ tls, proxyFor: () => null, timing }))
  const request = { method: 'GET', url: new URL('/', server.url), headers: {}, body: null, signal }
  return new Carrier(transport, timing, silentLog).carry(request, (response) =>
    readBytes(response, { limit: 1000, timing, signal }),
  )
}

describe('readBytes', () => {
  it('reads plain and compressed bodies', async () => {
    expect(String(await read(plain(200, {}, 'hello')))).toBe('hello')
    expect(String(await read(plain(200, { 'content-encoding': 'gzip' }, gzipSync('hello'))))).toBe('hello')
  })

  it('counts after decompression', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    await failure(read(plain(200, { 'content-encoding': 'gzip' }, bomb)), 'RESPONSE_TOO_LARGE')
  })

  it('stops at the announced size, and at an endless body that announces none', async () => {
    await failure(read(plain(200, { 'content-length': '1001' }, Buffer.alloc(1001))), 'RESPONSE_TOO_LARGE')
    const endless: Handler = (_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(500)));
        response.once('drain', more)
      }
      more()
    }
    await failure(read(endless), 'RESPONSE_TOO_LARGE')
  })

  it('is RESPONSE_INVALID for broken and unknown codings', async () => {
    await failure(read(plain(200, { 'content-encoding': 'gzip' }, 'no gzip')), 'RESPONSE_INVALID')
    await failure(read(plain(200, { 'content-encoding': 'rot13' }, 'uryyb')), 'RESPONSE_INVALID')
  })

  it('is CONNECTION_LOST for a body that ends early, after trying again', async () => {
    let asked = 0
    const short: Handler = (_request, response) => {
      asked += 1
      response.writeHead(200, { 'content-length': '10' })
      response.write('12345', () => response.destroy())
    }
    await failure(read(short), 'CONNECTION_LOST')
    expect(asked).toBe(3)
  })

  it('is TIMED_OUT for a body that stands still, and for one that drips', async () => {
    const still: Handler = (_request, response) => void response.writeHead(200).write('a')
    await failure(read(still, { idle: 50 }), 'TIMED_OUT')
    const drip: Handler = (_request, response) => {
      const timer = setInterval(() => response.write('a'), 10)
      response.on('close', () => clearInterval(timer))
    }
    await failure(read(drip, { idle: 5000, window: 100, windowBytes: 100 }), 'TIMED_OUT')
  })

  it('is CANCELLED in the middle of a body', async () => {
    const leaving = new AbortController()
    const still: Handler = (_request, response) => {
      response.writeHead(200).write('a')
      setImmediate(() => leaving.abort())
    }
    await failure(read(still, {}, leaving.signal), 'CANCELLED')
  })
})
