import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startFaultProxy, type FaultProxy } from './fault-proxy'
import { httpGet } from './http-get'

const server = createServer((request, response) => {
  request.resume().on('end', () => response.end('x'.repeat(1_000_000)))
})
let to: string
let proxy: FaultProxy
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  to = `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`
  proxy = await startFaultProxy({ to })
})
beforeEach(() => {
  proxy.faults = {}
  proxy.seen.down = 0
})
afterAll(async () => {
  await proxy.stop()
  server.close()
})
const get = (): Promise<number> => httpGet(`http://${proxy.address}/`).then(({ text }) => text.length)

it('passes everything on and counts it', async () => {
  expect(await get()).toBe(1_000_000)
  expect(proxy.seen.down).toBeGreaterThan(1_000_000)
})

it('cuts after so many bytes, exactly', async () => {
  proxy.faults = { cutDownAfter: 300_000 }
  await expect(get()).rejects.toThrow()
  expect(proxy.seen.down).toBe(300_000)
})

it('refuses, and waits', async () => {
  proxy.faults = { refuse: true }
  await expect(get()).rejects.toThrow()
  proxy.faults = { delay: 50 }
  const started = performance.now()
  await get()
  expect(performance.now() - started).toBeGreaterThan(90)
})

it('stalls until it may go on', async () => {
  proxy.faults = { stall: true }
  let arrived = false
  const answer = get().then((length) => {
    arrived = true
    return length
  })
  // Another way to the same server, meanwhile: what is not held back is there by now.
  const other = await startFaultProxy({ to })
  expect((await httpGet(`http://${other.address}/`)).text).toHaveLength(1_000_000)
  await other.stop()
  expect([arrived, proxy.seen.down]).toEqual([false, 0])
  proxy.faults = {}
  expect(await answer).toBe(1_000_000)
})
