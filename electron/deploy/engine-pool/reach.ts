import http from 'node:http'
import net from 'node:net'
import tls from 'node:tls'
import { AppError } from '@shared/error'
import type { Address } from '@shared/running'
import { pause } from '../../engine/deadline'

export interface ReachOptions {
  /** The pool's engine is on this computer. */
  local: boolean
  signal: AbortSignal
  /** Milliseconds until a port that refuses counts as not reachable. */
  patience: number
  log: (line: string) => void
}

/** What one attempt found. `filtered`: something on the way does not let us through, which says nothing about the port. */
type Found = { state: 'open' } | { state: 'closed' | 'filtered'; detail: string }

const attempt = 5000
/** A port that takes a connection and drops it at once is the engine's own proxy, before anybody listens behind it. */
const held = 150
const filteredCodes = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EACCES', 'EPERM'])

/**
 * Resolves once every tcp port answers from here: an HTTP request with any answer where it is spoken to so, a TLS handshake, or a
 * connection that is not dropped. NOT_REACHABLE where one refuses until the end. Behind a firewall on the way to a remote pool
 * nothing can be said: that is a line in the log.
 */
export async function reach(addresses: readonly Address[], options: ReachOptions): Promise<void> {
  const mine = addresses.filter(
    ({ protocol, scope }) => protocol === 'tcp' && (options.local || scope === 'all'),
  )
  await Promise.all(mine.map((address) => reachOne(address, options)))
}

async function reachOne(address: Address, { local, signal, patience, log }: ReachOptions): Promise<void> {
  const end = performance.now() + patience
  const place = `${address.host}:${address.port}`
  for (let wait = 15; ; wait = Math.min(500, wait * 1.5)) {
    const found = await knock(address, signal)
    if (signal.aborted) throw new AppError('CANCELLED', { side: 'pool' })
    if (found.state === 'open') return log(`${place}: reachable`)
    if (found.state === 'filtered' && !local) {
      return log(`${place}: not reachable from here, which a firewall may want so: ${found.detail}`)
    }
    if (performance.now() + wait > end) {
      const context = { side: 'pool' as const, host: place, port: `${address.container}/${address.protocol}` }
      throw new AppError('NOT_REACHABLE', context, { detail: found.detail })
    }
    await pause(wait, signal)
  }
}

function knock(address: Address, signal: AbortSignal): Promise<Found> {
  if (address.url?.startsWith('http:')) return askHttp(address, signal)
  return connect(address, address.url !== null, signal)
}

/** Any answer counts: what the application says is its own matter. */
function askHttp({ host, port }: Address, signal: AbortSignal): Promise<Found> {
  return new Promise((done) => {
    const request = http.request({
      host,
      port,
      path: '/',
      method: 'GET',
      agent: false,
      signal,
      timeout: attempt,
    })
    request.setHeader('user-agent', 'Slipway')
    request.on('response', (response) => {
      done({ state: 'open' })
      response.destroy()
    })
    request.on('timeout', () => {
      // Podman's own hold on a port takes connections too, and says nothing.
      done(request.socket?.connecting ? filtered('No answer.') : { state: 'closed', detail: 'No answer.' })
      request.destroy()
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      // An answer that is no HTTP is an answer.
      done(error.code?.startsWith('HPE_') ? { state: 'open' } : closedBy(error))
    })
    request.end()
  })
}

function connect({ host, port }: Address, secure: boolean, signal: AbortSignal): Promise<Found> {
  return new Promise((done) => {
    // Nothing is sent and nothing believed: whether somebody speaks TLS there is all that is asked.
    const socket = secure
      ? tls.connect({ host, port, rejectUnauthorized: false })
      : net.connect({ host, port })
    let timer = setTimeout(() => end(filtered('No answer.')), attempt)
    const end = (found: Found): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      socket.destroy()
      done(found)
    }
    const cancel = (): void => end(filtered('Cancelled.'))
    signal.addEventListener('abort', cancel)
    socket.on('data', () => end({ state: 'open' }))
    socket.on('secureConnect', () => end({ state: 'open' }))
    socket.on('connect', () => {
      if (secure) return
      clearTimeout(timer)
      timer = setTimeout(() => end({ state: 'open' }), held)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => end(closedBy(error)))
    socket.on('close', () => end({ state: 'closed', detail: 'The connection was dropped at once.' }))
    if (signal.aborted) cancel()
  })
}

const filtered = (detail: string): Found => ({ state: 'filtered', detail })

const closedBy = (error: NodeJS.ErrnoException): Found => ({
  state: filteredCodes.has(error.code ?? '') ? 'filtered' : 'closed',
  detail: error.message,
})
