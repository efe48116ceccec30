import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { Address } from '@shared/running'
import { reach } from '../../../../electron/deploy/engine-pool/reach'
import { freePort } from '../../../lab/ports'

const open: Server[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => new Promise((done) => server.close(done))))
})

async function listen(server: Server): Promise<number> {
  open.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

const address = (port: number, rest: Partial<Address> = {}): Address => ({
  ...{ url: null, host: '127.0.0.1', port, container: 80 },
  ...{ protocol: 'tcp', scope: 'all', debug: false, ...rest },
})
const options = (rest: object = {}) => ({
  ...{ local: true, signal: new AbortController().signal, patience: 400, log: () => undefined },
  ...rest,
})

it('takes any answer of HTTP for one, and waits for the first', async () => {
  const port = await freePort()
  const reached = reach([address(port, { url: `http://127.0.0.1:${port}/` })], options({ patience: 10_000 }))
  const server = createHttpServer((_request, response) => response.writeHead(503).end())
  open.push(server)
  server.listen(port, '127.0.0.1')
  await reached
})

it('does not take a connection that is dropped at once for an answer', async () => {
  const port = await listen(createServer((socket) => socket.destroy()))
  const wanted = { code: 'NOT_REACHABLE', context: { port: '80/tcp', host: `127.0.0.1:${port}` } }
  await expect(reach([address(port)], options())).rejects.toMatchObject(wanted)
  await expect(reach([address(port, { url: `http://127.0.0.1:${port}/` })], options())).rejects.toMatchObject(
    wanted,
  )
})

it('takes a connection that is held, or one that says something, for an answer', async () => {
  const silent = await listen(createServer((socket) => socket.on('error', () => undefined)))
  const talking = await listen(createServer((socket) => socket.end('hello')))
  await reach([address(silent), address(talking)], options())
})

it('leaves alone what cannot be asked from here', async () => {
  const closed = await freePort()
  await reach([address(closed, { protocol: 'udp' })], options())
  await reach([address(closed, { scope: 'local' })], options({ local: false }))
})

it('ends when it is cancelled', async () => {
  const controller = new AbortController()
  const waiting = reach([address(await freePort())], options({ signal: controller.signal, patience: 60_000 }))
  controller.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
})
