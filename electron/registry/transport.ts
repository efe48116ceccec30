import * as http from 'node:http'
import * as https from 'node:https'
import type { Socket } from 'node:net'
import type { CommonConnectionOptions, TLSSocket } from 'node:tls'
import { HttpProxyAgent } from 'http-proxy-agent'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { AppError, toAppError } from '@shared/error'
import { networkError } from './network-error'
import { isSecured, PinningAgent } from './pinning'
import type { ProxyFor } from './proxy'
import { cancelled, onAbort } from './signal'
import type { Timing } from './timing'
import type { TlsTrust } from './trust'
import { hostOf } from './url'
import type { Veil } from '../veil'

/** A body that is made while it is sent; every attempt asks for it anew. */
export interface StreamedBody {
  /** Bytes, where they are known; otherwise it goes in chunks (RFC 9112, 7.1) and may end at any byte. */
  length: number | null
  /** Writes it with backpressure and ends the request; stops once `to` has an answer or is closed. */
  send(to: http.ClientRequest): Promise<void>
}

export interface WireRequest {
  method: string
  url: URL
  headers: Record<string, string>
  body: Buffer | StreamedBody | null
  signal?: AbortSignal
  /** Milliseconds for the answer, where it may take longer than others. */
  answerWithin?: number
}

export interface WireResponse {
  /** The URL that answered; after redirects not the one that was asked. */
  url: URL
  status: number
  headers: http.IncomingHttpHeaders
  /** To be read to its end or destroyed, whatever the status. */
  stream: http.IncomingMessage
}

export interface TransportOptions {
  tls: TlsTrust
  proxyFor: ProxyFor
  timing: Timing
  /** Learns of the accounts of proxies. */
  veil?: Veil
}

type TlsOptions = Pick<CommonConnectionOptions, 'secureContext'>

const keepAlive = { keepAlive: true, keepAliveMsecs: 15_000, maxFreeSockets: 16, scheduling: 'lifo' as const }

/**
 * The lowest link of the chain: one HTTP request on the client's own sockets, with time-outs and cancellation. Redirects,
 * credentials and retries are decided above it. Rejects with an AppError.
 */
export class Transport {
  private readonly plain = new http.Agent(keepAlive)
  private readonly secure: https.Agent
  private readonly proxies = new Map<string, http.Agent>()

  constructor(private readonly options: TransportOptions) {
    this.secure = this.secureAgent(keepAlive)
  }

  /** The proxy that requests to this URL pass. */
  proxyFor(url: URL): URL | null {
    return this.options.proxyFor(url)
  }

  /** Sends a request and resolves with the head of the answer. */
  async send(request: WireRequest): Promise<WireResponse> {
    await this.options.proxyFor.prepare?.(request.url)
    return this.sendNow(request)
  }

  private sendNow(request: WireRequest): Promise<WireResponse> {
    const { url, signal, body } = request
    return new Promise<WireResponse>((done, fail) => {
      if (signal?.aborted) return fail(cancelled())
      const { outgoing, failure } = this.open(request)
      const { timing } = this.options
      const { answerWithin = timing.answer } = request
      const stop = (error: AppError): void => void outgoing.destroy(error)
      const late = (): void => stop(this.timedOut(url))
      const connecting = setTimeout(late, timing.connect)
      let answering: NodeJS.Timeout | undefined
      const release = onAbort(signal, () => stop(cancelled()))
      const settle = (): void => {
        clearTimeout(connecting)
        clearTimeout(answering)
        release()
      }
      outgoing.once('socket', (socket) =>
        whenConnected(outgoing, socket, url, () => clearTimeout(connecting)),
      )
      outgoing.once('finish', () => (answering = setTimeout(late, answerWithin)))
      // While a body is sent slowly the answer is not awaited yet, but the socket must not stand still.
      outgoing.setTimeout(timing.idle + answerWithin, late)
      outgoing.once('response', (stream) => {
        settle()
        outgoing.setTimeout(0)
        // Read later, or never: an error in between must not end the program.
        stream.on('error', () => {})
        // Answered before all was sent: what is left of the body will not follow on this socket.
        stream.once('close', () => {
          if (!outgoing.writableFinished) outgoing.destroy()
        })
        if (stream.statusCode === 407 && this.options.proxyFor(url) !== null) {
          stream.destroy()
          return fail(proxyRefused(url, 407))
        }
        done({ url, status: stream.statusCode ?? 0, headers: stream.headers, stream })
      })
      outgoing.on('error', (error) => {
        settle()
        fail(failure(error))
      })
      // Node ends a connection that turns to another protocol (101) without a word.
      outgoing.once('close', () => {
        settle()
        fail(failure(new Error('the connection ended without an answer')))
      })
      if (body === null || Buffer.isBuffer(body)) outgoing.end(body ?? undefined)
      else body.send(outgoing).catch((error: unknown) => stop(toAppError(error)))
    })
  }

  /**
   * Makes the TLS handshake with `url` on a socket of its own, sends nothing, hands the socket to `look` and closes it.
   * With `verify: false` an untrusted chain is let through to be looked at; nothing else may ever ask for that.
   */
  async handshake<T>(
    url: URL,
    verify: boolean,
    look: (socket: TLSSocket) => T,
    signal?: AbortSignal,
  ): Promise<T> {
    await this.options.proxyFor.prepare?.(url)
    return new Promise<T>((done, fail) => {
      if (signal?.aborted) return fail(cancelled())
      // Without `end()` not even the head of the request is sent.
      const { outgoing, failure } = this.open({ method: 'HEAD', url, headers: {}, body: null }, verify, true)
      const late = setTimeout(() => outgoing.destroy(this.timedOut(url)), this.options.timing.connect)
      const release = onAbort(signal, () => outgoing.destroy(cancelled()))
      const finish = (settle: () => void): void => {
        clearTimeout(late)
        release()
        settle()
        outgoing.destroy()
      }
      outgoing.on('error', (error) => finish(() => fail(failure(error))))
      outgoing.once('socket', (socket) => {
        const seen = (): void =>
          finish(() => {
            try {
              done(look(socket as TLSSocket))
            } catch (error) {
              fail(networkError(error, url))
            }
          })
        if (isSecured(socket)) seen()
        else socket.once('secureConnect', seen)
      })
    })
  }

  /** Closes every socket. */
  close(): void {
    for (const agent of [this.plain, this.secure, ...this.proxies.values()]) agent.destroy()
  }

  private open(
    { url, method, headers, body }: WireRequest,
    verify = true,
    fresh = false,
  ): { outgoing: http.ClientRequest; failure: (error: unknown) => AppError } {
    const proxy = this.options.proxyFor(url)
    if (proxy) this.options.veil?.hide(...secretsOfProxy(proxy))
    const agent = fresh ? this.freshAgent(url, proxy, verify) : this.agentFor(url, proxy)
    const length = body === null || body.length === null ? {} : { 'content-length': String(body.length) }
    const all = { 'user-agent': 'Slipway', ...headers, ...length }
    const { secureContext } = this.options.tls
    // Always said, so that NODE_TLS_REJECT_UNAUTHORIZED in the environment decides nothing. Node hands the context on to
    // `tls.connect`, though its types do not say so.
    const security: https.RequestOptions & TlsOptions = { secureContext, rejectUnauthorized: verify }
    const common = { method, headers: all, agent }
    const outgoing =
      url.protocol === 'https:' ? https.request(url, { ...common, ...security }) : http.request(url, common)
    let reached = proxy === null
    outgoing.on('proxyConnect', ({ statusCode }: { statusCode?: number }) => {
      if (statusCode === undefined || statusCode === 200) reached = true
      // Its own answer would be read as the registry's.
      else outgoing.destroy(proxyRefused(url, statusCode))
    })
    return { outgoing, failure: (error) => networkError(error, url, !reached) }
  }

  private agentFor(url: URL, proxy: URL | null): http.Agent {
    if (proxy === null) return url.protocol === 'https:' ? this.secure : this.plain
    const key = `${url.protocol} ${proxy.href}`
    const agent = this.proxies.get(key) ?? proxyAgent(url, proxy, keepAlive)
    this.proxies.set(key, agent)
    return agent
  }

  /** Behind a proxy, and to look at a chain that is not accepted, Node's own agent does. */
  private secureAgent(options: https.AgentOptions, verify = true): https.Agent {
    const { pins } = this.options.tls
    return verify && pins.size > 0 ? new PinningAgent(options, pins) : new https.Agent(options)
  }

  private freshAgent(url: URL, proxy: URL | null, verify: boolean): http.Agent {
    return proxy === null
      ? this.secureAgent({ keepAlive: false }, verify)
      : proxyAgent(url, proxy, { keepAlive: false })
  }

  private timedOut(url: URL): AppError {
    return new AppError('TIMED_OUT', { side: 'registry', host: hostOf(url) })
  }
}

function proxyAgent(url: URL, proxy: URL, options: http.AgentOptions): http.Agent {
  const strict = { ...options, rejectUnauthorized: true }
  return url.protocol === 'https:' ? new HttpsProxyAgent(proxy, strict) : new HttpProxyAgent(proxy, strict)
}

/** The password of a proxy's account, and the account as its header has it. */
function secretsOfProxy({ username, password }: URL): string[] {
  if (password === '') return []
  const word = decoded(password)
  return [word, Buffer.from(`${decoded(username)}:${word}`).toString('base64')]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function proxyRefused(url: URL, status: number): AppError {
  return new AppError(
    'PROXY_FAILED',
    { side: 'registry', host: hostOf(url), status },
    { detail: `The proxy answered HTTP ${status}` },
  )
}

function whenConnected(request: http.ClientRequest, socket: Socket, url: URL, then: () => void): void {
  if (request.reusedSocket || isSecured(socket)) then()
  else if (url.protocol === 'https:') socket.once('secureConnect', then)
  else if (socket.connecting) socket.once('connect', then)
  else then()
}
