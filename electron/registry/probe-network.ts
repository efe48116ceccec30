import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import { AppError } from '@shared/error'
import { networkError } from './network-error'
import { type Finding, fine } from './probe-finding'
import { onAbort, cancelled } from './signal'
import type { Timing } from './timing'
import type { Transport } from './transport'
import { hostOf } from './url'

const portOf = (url: URL): number => Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
const plainName = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')
const withPort = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** The host's addresses. Behind a proxy it is the proxy that knows the name. */
export async function checkName(url: URL, proxy: URL | null): Promise<Finding> {
  if (proxy !== null) return fine({ kind: 'proxy', host: proxy.host })
  const name = plainName(url)
  if (isIP(name)) return fine(name)
  try {
    const addresses = await lookup(name, { all: true })
    return fine(
      addresses
        .map(({ address }) => address)
        .slice(0, 4)
        .join(', '),
    )
  } catch (thrown) {
    throw networkError(thrown, url)
  }
}

/** A TCP connection to the registry, or to the proxy before it. */
export function checkTcp(url: URL, proxy: URL | null, timing: Timing, signal: AbortSignal): Promise<Finding> {
  const target = proxy ?? url
  const port = portOf(target)
  return new Promise<Finding>((done, fail) => {
    const socket = connect({ host: plainName(target), port })
    const stop = (error: Error): void => void socket.destroy(error)
    const late = setTimeout(
      () => stop(new AppError('TIMED_OUT', { side: 'registry', host: hostOf(url) })),
      timing.connect,
    )
    const release = onAbort(signal, () => stop(cancelled()))
    const end = (): void => {
      clearTimeout(late)
      release()
    }
    socket.once('connect', () => {
      const address = withPort(socket.remoteAddress ?? plainName(target), port)
      end()
      socket.destroy()
      done(fine(proxy === null ? address : { kind: 'proxy', host: address }))
    })
    socket.once('error', (error) => {
      end()
      fail(networkError(error, url, proxy !== null))
    })
  })
}

/** The TLS handshake, with the certificate checked as every request checks it. */
export function checkTls(transport: Transport, url: URL, signal: AbortSignal): Promise<Finding> {
  return transport.handshake(
    url,
    true,
    (socket) => {
      const protocol = (socket.getProtocol() ?? 'TLS').replace('TLSv', 'TLS ')
      const time = Date.parse(socket.getPeerCertificate().valid_to)
      return fine(protocol, ...(Number.isNaN(time) ? [] : [{ kind: 'valid-until', time } as const]))
    },
    signal,
  )
}
