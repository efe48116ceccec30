import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'

/** Says of a request how it is spoiled: a status to answer instead, or null to pass it on. */
export type Spoil = (request: IncomingMessage) => number | null

export interface BrokenGateway {
  /** host:port */
  address: string
  spoil: Spoil
  /** Requests that were answered with a fault. */
  spoiled: number
  stop(): Promise<void>
}

/** Starts a gateway before a registry that answers some requests itself, as gateways and limits do. */
export async function startBrokenGateway(to: string): Promise<BrokenGateway> {
  const { hostname, port } = new URL(`http://${to}`)
  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    const { method, url: path, headers } = request
    const onward = ask({ hostname, port, method, path, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  }
  const server = createServer((request, response) => {
    const status = gateway.spoil(request)
    if (status === null) return pass(request, response)
    gateway.spoiled += 1
    const code = status === 429 ? 'TOOMANYREQUESTS' : 'UNKNOWN'
    const body = JSON.stringify({ errors: [{ code, message: `spoiled ${status}` }] })
    const pauseFor = status === 429 || status === 503 ? { 'retry-after': '1' } : {}
    // Answered at once, as a gateway does that does not wait for the body.
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json', ...pauseFor }).end(body)
  })
  server.on('checkContinue', (request, response) => {
    response.writeContinue()
    server.emit('request', request, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const bound = server.address()
  const gateway: BrokenGateway = {
    address: `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    spoil: () => null,
    spoiled: 0,
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return gateway
}
