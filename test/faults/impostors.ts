/** What may answer under a registry's host instead of it, and the way by which it gets there. */
import { createServer, type RequestListener } from 'node:http'
import { connect, createServer as createTcp, type Socket } from 'node:net'

export interface Points {
  /** host:port; stays as it is. */
  address: string
  /** host:port to which new connections lead. */
  to: string
  /** Cuts those that are open. */
  cutAll(): void
  stop(): Promise<void>
}

/** Starts a way that can be laid to another registry. */
export async function startPoints(to: string): Promise<Points> {
  const open = new Set<Socket>()
  const server = createTcp((client) => {
    const { hostname, port } = new URL(`tcp://${points.to}`)
    const upstream = connect({ host: hostname, port: Number(port) })
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket)
      socket.pipe(other)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
  })
  const points: Points = {
    address: '',
    to,
    cutAll() {
      for (const socket of open) socket.destroy()
    },
    async stop() {
      points.cutAll()
      await new Promise((done) => server.close(done))
    },
  }
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  points.address = addressOf(server.address())
  return points
}

export interface Impostor {
  host: string
  /** What came with requests for tokens. */
  told: string[]
  stop(): Promise<void>
}

/** Answers every request with a page, as the portal of a network does that one has to sign in to. */
export function startPortal(): Promise<Impostor> {
  return start(() => (request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Welcome</title>')
  })
}

/** Asks for a token of a service that is not the registry's, and takes down who comes with what. */
export function startChallenger(): Promise<Impostor> {
  return start((told, port) => (request, response) => {
    if (request.url?.startsWith('/token')) {
      told.push(request.headers.authorization ?? '')
      request.on('data', (piece: Buffer) => told.push(piece.toString()))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"token":"nothing"}')
      return
    }
    request.resume()
    // Another name of this machine: another host.
    const realm = `http://localhost:${port()}/token`
    const challenge = `Bearer realm="${realm}",service="other",scope="repository:x:pull"`
    response.writeHead(401, { 'www-authenticate': challenge, 'content-type': 'application/json' })
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}')
  })
}

async function start(answer: (told: string[], port: () => string) => RequestListener): Promise<Impostor> {
  const told: string[] = []
  let host = ''
  const server = createServer(answer(told, () => host.split(':')[1] ?? ''))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  host = addressOf(server.address())
  return {
    host,
    told,
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

const addressOf = (bound: ReturnType<ReturnType<typeof createTcp>['address']>): string =>
  `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`
