import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * How a request is spoiled: a status instead of an answer; `cut` before it reaches the registry; `lose`: it is done and its
 * answer is cut in half; `stall`: it stands still for some seconds and is cut then; `delay`: it is passed on late.
 */
export type Fault = number | 'cut' | 'lose' | 'stall' | 'delay'

/** Says of a request how it is spoiled, or null to pass it on. */
export type Spoil = (request: IncomingMessage) => Fault | null

export interface BrokenGateway {
  /** host:port */
  address: string
  spoil: Spoil
  /** All requests, and those that were spoiled. */
  seen: number
  spoiled: number
  stop(): Promise<void>
}

/** Milliseconds. */
const stallFor = 4000
const delayFor = 1500

/** Starts a gateway before a registry that spoils some requests, as gateways, limits and bad lines do. */
export async function startBrokenGateway(to: string): Promise<BrokenGateway> {
  const { hostname, port } = new URL(`http://${to}`)
  const pass = (request: IncomingMessage, response: ServerResponse, lose = false): void => {
    const { method, url: path, headers } = request
    const onward = ask({ hostname, port, method, path, headers, agent: false }, (answer) => {
      if (lose) return loseHalf(answer, response)
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  }
  const refuse = (status: number, request: IncomingMessage, response: ServerResponse): void => {
    const code = status === 429 ? 'TOOMANYREQUESTS' : 'UNKNOWN'
    const body = JSON.stringify({ errors: [{ code, message: `spoiled ${status}` }] })
    const pauseFor = status === 429 || status === 503 ? { 'retry-after': '1' } : {}
    // Answered at once, as a gateway does that does not wait for the body.
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json', ...pauseFor }).end(body)
  }
  const server = createServer((request, response) => {
    gateway.seen += 1
    const fault = gateway.spoil(request)
    if (fault === null) return pass(request, response)
    gateway.spoiled += 1
    if (typeof fault === 'number') return refuse(fault, request, response)
    if (fault === 'lose') return pass(request, response, true)
    if (fault === 'cut') return void request.socket.destroy()
    const wait = fault === 'delay' ? delayFor : stallFor
    void pause(wait, undefined, { ref: false }).then(() => {
      if (request.socket.destroyed) return
      if (fault === 'delay') pass(request, response)
      else request.socket.destroy()
    })
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
    ...{ seen: 0, spoiled: 0 },
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return gateway
}

/** The head and half of the body arrive, or nothing where there is no body to halve. */
function loseHalf(answer: IncomingMessage, response: ServerResponse): void {
  const length = Number(answer.headers['content-length'] ?? 0)
  answer.on('error', () => response.destroy())
  if (length < 2) {
    answer.resume()
    answer.on('end', () => response.destroy())
    return
  }
  response.writeHead(answer.statusCode ?? 502, answer.headers)
  let left = Math.floor(length / 2)
  answer.on('data', (piece: Buffer) => {
    response.write(piece.subarray(0, left))
    left -= piece.length
    if (left <= 0) answer.destroy()
  })
  answer.on('close', () => response.destroy())
}
