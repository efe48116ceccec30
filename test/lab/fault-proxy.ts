import { connect, createServer, type Server, type Socket } from 'node:net'
import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

export interface Faults {
  /** Connections are cut at once. */
  refuse?: boolean
  /** A connection is cut once this many bytes went from the client to the server, or the other way. */
  cutUpAfter?: number
  cutDownAfter?: number
  /** Bytes are taken and not passed on, in both directions, until it is off again. */
  stall?: boolean
  /** Milliseconds that each piece of data waits, in both directions. */
  delay?: number
}

export interface FaultProxy {
  /** host:port, or unix:// and a path. */
  address: string
  port: number
  /** May be changed at any time; it holds for connections that are open too. */
  faults: Faults
  /** Since the start: connections, and bytes to the server and back. */
  seen: { connections: number; up: number; down: number; cut: number }
  /** Cuts every connection that is open now. */
  cutAll(): void
  stop(): Promise<void>
}

export interface FaultProxyOptions {
  /** host:port, or unix:// and a path. */
  to: string
  /** A unix socket to listen on; a free port of 127.0.0.1 when not given. */
  listen?: string
  faults?: Faults
}

/** Starts a proxy that passes bytes on as they are (TLS too) until it is told to misbehave. */
export async function startFaultProxy({ to, listen, faults = {} }: FaultProxyOptions): Promise<FaultProxy> {
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (client) => {
    proxy.seen.connections += 1
    if (proxy.faults.refuse) {
      client.destroy()
      return
    }
    const upstream = dial(to)
    const cut = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        open.delete(socket)
        cut()
      })
    }
    void pump(client, upstream, 'up', proxy).catch(cut)
    void pump(upstream, client, 'down', proxy).catch(cut)
  })
  const proxy: FaultProxy = {
    address: '',
    port: 0,
    faults,
    seen: { connections: 0, up: 0, down: 0, cut: 0 },
    cutAll() {
      for (const socket of open) socket.destroy()
    },
    async stop() {
      proxy.cutAll()
      await new Promise((done) => server.close(done))
      if (listen !== undefined) rmSync(listen, { force: true })
    },
  }
  proxy.port = await listening(server, listen)
  proxy.address = listen === undefined ? `127.0.0.1:${proxy.port}` : `unix://${listen}`
  return proxy
}

async function pump(from: Socket, to: Socket, way: 'up' | 'down', proxy: FaultProxy): Promise<void> {
  let passed = 0
  for await (const piece of from) {
    let data = Buffer.from(piece as Uint8Array)
    if (proxy.faults.delay) await pause(proxy.faults.delay)
    while (proxy.faults.stall && !from.destroyed) await pause(20)
    const limit = way === 'up' ? proxy.faults.cutUpAfter : proxy.faults.cutDownAfter
    const full = limit !== undefined && passed + data.length > limit
    if (full) data = data.subarray(0, Math.max(0, limit - passed))
    passed += data.length
    proxy.seen[way] += data.length
    const room = data.length === 0 || to.write(data)
    if (full) {
      proxy.seen.cut += 1
      // What was passed on should arrive before the end does.
      await new Promise<void>((done) => (to.writableLength === 0 ? done() : to.once('drain', done)))
      throw new Error('cut')
    }
    if (!room) await drained(to)
  }
  to.end()
}

/** Resolves when there is room again, or never will be. */
function drained(to: Socket): Promise<void> {
  return new Promise((done) => {
    const go = (): void => {
      to.off('drain', go).off('close', go)
      done()
    }
    to.on('drain', go).on('close', go)
  })
}

function dial(to: string): Socket {
  if (to.startsWith('unix://')) return connect({ path: to.slice('unix://'.length), allowHalfOpen: true })
  const { hostname, port } = new URL(`tcp://${to}`)
  return connect({ host: hostname, port: Number(port), allowHalfOpen: true })
}

function listening(server: Server, path: string | undefined): Promise<number> {
  return new Promise((done, fail) => {
    server.on('error', fail)
    const ready = (): void => {
      const bound = server.address()
      done(typeof bound === 'object' && bound !== null ? bound.port : 0)
    }
    if (path === undefined) server.listen(0, '127.0.0.1', ready)
    else server.listen(path, ready)
  })
}
