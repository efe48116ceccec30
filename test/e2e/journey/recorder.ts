/** What goes over the wire: proxies before registries and engines that keep all that is sent to them. */
import { createServer, request, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { connect, createServer as createSocketServer, type AddressInfo, type Socket } from 'node:net'

export interface Sent {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface Recorder {
  /** 127.0.0.1 and its port. */
  host: string
  /** Everything that was sent there so far, heads and bodies, as it came. */
  received(): Buffer
  /** Answers instead of what is behind it; null and false: passes it on. */
  misbehave: ((sent: Sent, response: ServerResponse) => boolean) | null
  stop(): Promise<void>
}

export interface RecorderOptions {
  /** host:port of what is behind it; without it only `misbehave` answers. */
  to?: string
  /** Rewrites answers' headers: say the address of a token service that has a recorder of its own. */
  rewrite?: (text: string) => string
  /** Is told each answer's body that is JSON. */
  onAnswer?: (body: unknown) => void
  /** Instead of 127.0.0.1. */
  listen?: string
}

/** Bodies of layers are none of anybody's secrets, but their first bytes could be. */
const mostBody = 1024 * 1024

/** Starts an http server that keeps what is sent to it and passes it on. */
export async function startRecorder(options: RecorderOptions = {}): Promise<Recorder> {
  const { to, rewrite = (text) => text, onAnswer } = options
  const kept: Buffer[] = []
  const server: Server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    const { method = 'GET', url: path = '/', headers, rawHeaders } = incoming
    kept.push(Buffer.from(`${method} ${path}\n${rawHeaders.join('\n')}\n`))
    incoming.on('error', () => response.destroy())
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const body = Buffer.concat(chunks)
      kept.push(body.subarray(0, mostBody))
      if (recorder.misbehave?.({ method, path, headers, body }, response)) return
      if (to === undefined) return void response.writeHead(404).end()
      const [hostname, port] = to.split(':')
      const onward = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('error', () => response.destroy())
        answer.on('end', () => {
          const whole = Buffer.concat(parts)
          if (onAnswer && /json/.test(answer.headers['content-type'] ?? ''))
            onAnswer(JSON.parse(whole.toString()) as unknown)
          response.writeHead(answer.statusCode ?? 502, answer.rawHeaders.map(rewrite)).end(whole)
        })
      })
      onward.on('error', () => response.destroy())
      onward.end(body)
    })
  })
  server.on('connect', (incoming, socket) => {
    kept.push(Buffer.from(`CONNECT ${incoming.url}\n${incoming.rawHeaders.join('\n')}\n`))
    socket.on('error', () => socket.destroy())
    socket.end(
      `HTTP/1.1 407 No ${incoming.headers['proxy-authorization'] ?? ''}\r\ncontent-length: 0\r\n\r\n`,
    )
  })
  await new Promise<void>((done) => server.listen(0, options.listen ?? '127.0.0.1', done))
  const { address, port } = server.address() as AddressInfo
  const recorder: Recorder = {
    host: `${address}:${port}`,
    received: () => Buffer.concat(kept),
    misbehave: null,
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return recorder
}

/** Passes a unix socket on, byte for byte, and keeps what goes to the engine. */
export async function startSocketRecorder(
  listen: string,
  to: string,
): Promise<{ host: string; received(): Buffer; stop(): Promise<void> }> {
  const kept: Buffer[] = []
  const open = new Set<Socket>()
  const server = createSocketServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: to, allowHalfOpen: true })
    client.on('data', (chunk: Buffer) => kept.push(Buffer.from(chunk)))
    client.pipe(engine).pipe(client)
    for (const socket of [client, engine]) {
      open.add(socket)
      socket.on('error', () => void (client.destroy(), engine.destroy()))
      socket.on('close', () => void (open.delete(socket), client.destroy(), engine.destroy()))
    }
  })
  await new Promise<void>((done) => server.listen(listen, done))
  return {
    host: `unix://${listen}`,
    received: () => Buffer.concat(kept),
    async stop() {
      for (const socket of open) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}
