import { createServer as createHttp, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { Certificate } from '../../lab/certificate'

export interface Recorded {
  method: string
  /** Path with query, as it came. */
  path: string
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** Answers a request; `false` leaves it to the next handler. */
export type Handler = (request: Recorded, response: ServerResponse) => void | false | Promise<void | false>

interface Rule {
  method: string
  path: RegExp
  handler: Handler
  times: number
}

interface Cut {
  method: string
  path: RegExp
  after: number
}

/** An HTTP(S) server on a free port of 127.0.0.1 that records what it is asked and answers by rules, newest first. */
export class TestServer {
  readonly requests: Recorded[] = []
  port = 0
  /** TCP connections so far. */
  connections = 0
  private readonly rules: Rule[] = []
  private readonly cuts: Cut[] = []
  private readonly server: ReturnType<typeof createHttp>

  protected constructor(
    private readonly certificate: Certificate | null,
    private readonly fallback: Handler,
  ) {
    const listener: RequestListener = (incoming, response) => {
      const chunks: Buffer[] = []
      const cut = this.takeCut(incoming.method ?? '', incoming.url ?? '/')
      let left = cut?.after ?? Infinity
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk.subarray(0, left))
        left -= chunk.length
        if (left <= 0) incoming.destroy()
      })
      incoming.on('error', () => response.destroy())
      incoming.on('close', () => {
        if (incoming.complete && left > 0) return
        const { method = '', url = '/', headers } = incoming
        this.broken({ method, path: url, headers, body: Buffer.concat(chunks) })
      })
      incoming.on('end', () => {
        if (left <= 0) return
        const { method = '', url = '/', headers } = incoming
        const request = { method, path: url, headers, body: Buffer.concat(chunks) }
        this.requests.push(request)
        this.answer(request, response).catch(() => response.destroy())
      })
    }
    this.server = certificate
      ? createHttps(
          { cert: certificate.pem, key: certificate.key.export({ type: 'pkcs8', format: 'pem' }) },
          listener,
        )
      : createHttp(listener)
    this.server.on('connection', () => (this.connections += 1))
  }

  static async start(options: { certificate?: Certificate; fallback?: Handler } = {}): Promise<TestServer> {
    const server = new TestServer(options.certificate ?? null, options.fallback ?? notFound)
    await server.listen()
    return server
  }

  /** `127.0.0.1:40123` */
  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  get url(): string {
    return `${this.certificate ? 'https' : 'http'}://${this.host}`
  }

  /** Answers what fits by `handler`, before older rules; `times` limits how often. Method `*` fits all. */
  on(method: string, path: string | RegExp, handler: Handler, times = Infinity): void {
    const pattern = typeof path === 'string' ? new RegExp(`^${escape(path)}(\\?|$)`) : path
    this.rules.unshift({ method, path: pattern, handler, times })
  }

  /** Cuts the connection of the next request that fits once so many bytes of its body have come. */
  cut(method: string, path: RegExp, after: number): void {
    this.cuts.push({ method, path, after })
  }

  /** The requests whose path fits, in their order. */
  seen(method: string, path: string | RegExp): Recorded[] {
    const pattern = typeof path === 'string' ? new RegExp(`^${escape(path)}(\\?|$)`) : path
    return this.requests.filter((each) => each.method === method && pattern.test(each.path))
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }

  /** Told of a request whose body did not come whole. */
  protected broken(_request: Recorded): void {}

  private takeCut(method: string, path: string): Cut | undefined {
    const place = this.cuts.findIndex((cut) => cut.method === method && cut.path.test(path))
    return place < 0 ? undefined : this.cuts.splice(place, 1)[0]
  }

  protected async listen(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done))
    const bound = this.server.address()
    this.port = typeof bound === 'object' && bound !== null ? bound.port : 0
  }

  private async answer(request: Recorded, response: ServerResponse): Promise<void> {
    for (const rule of this.rules) {
      const fits = (rule.method === '*' || rule.method === request.method) && rule.path.test(request.path)
      if (!fits || rule.times <= 0) continue
      rule.times -= 1
      if ((await rule.handler(request, response)) !== false) return
    }
    await this.fallback(request, response)
  }
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const notFound: Handler = (_request, response) => void response.writeHead(404).end()

/** A handler that answers JSON. */
export const json =
  (status: number, value: unknown, headers: Record<string, string | string[]> = {}): Handler =>
  (_request, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(value))

/** A handler that answers as a registry refuses: one entry in `errors`. */
export const refusal = (status: number, code: string, headers: Record<string, string> = {}): Handler =>
  json(status, { errors: [{ code, message: code.toLowerCase() }] }, headers)

/** A handler that answers a status with headers and a text. */
export const plain =
  (status: number, headers: Record<string, string> = {}, body: string | Buffer = ''): Handler =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body)
