import type { Endpoint } from '@shared/engine'
import { AppError } from '@shared/error'

/** What TLS needs to reach an engine; PEM texts. `verify` is false where docker was told not to check the engine. */
export interface TlsMaterial {
  ca: string | null
  cert: string | null
  key: string | null
  verify: boolean
}

/** A place where an engine may answer, with what is needed to go there. */
export interface Target {
  endpoint: Endpoint
  tls: TlsMaterial | null
  /** Set where docker's client would use this one and no other: DOCKER_HOST, or the context in use. */
  explicit: boolean
  /** Whether a socket's file is there; remote places count as present. */
  present: boolean
  /** Why it cannot even be tried: unreadable certificates, a scheme that is not spoken here. */
  problem: AppError | null
}

export type Address =
  { kind: 'socket'; path: string } | { kind: 'tcp'; hostname: string; port: number; secure: boolean }

const unreachable = (detail: string): AppError =>
  new AppError('ENGINE_FAILED', { side: 'engine' }, { detail })

/**
 * Reads a host as docker's client writes it: `unix:///path`, `npipe:////./pipe/name`, `tcp://host[:port]`, `host:port`.
 * `secure` says that TLS was asked for. Throws ENGINE_FAILED for any other scheme, ssh:// included.
 */
export function parseAddress(host: string, secure: boolean): Address {
  if (host.startsWith('unix://')) return socket(host.slice('unix://'.length), '/var/run/docker.sock')
  if (host.startsWith('npipe://')) return socket(host.slice('npipe://'.length), '//./pipe/docker_engine')
  const text = host.includes('://') ? host : `tcp://${host}`
  const scheme = text.slice(0, text.indexOf('://'))
  if (scheme === 'ssh') {
    throw unreachable(
      'Engines over ssh:// are not reached directly. Forward the socket with "ssh -NL /path/docker.sock:/var/run/docker.sock host" and use unix:///path/docker.sock.',
    )
  }
  if (!['tcp', 'http', 'https'].includes(scheme))
    throw unreachable(`The scheme ${scheme}:// is not supported.`)
  const url = parseUrl(`http${text.slice(scheme.length)}`)
  const tls = secure || scheme === 'https'
  // An http URL drops ":80" as its default, which docker's own default is not.
  const port = /:(\d+)\/*$/.exec(text)?.[1]
  return { kind: 'tcp', hostname: url.hostname, port: port ? Number(port) : tls ? 2376 : 2375, secure: tls }
}

function socket(path: string, fallback: string): Address {
  return { kind: 'socket', path: path || fallback }
}

function parseUrl(text: string): URL {
  try {
    const url = new URL(text)
    if (url.hostname === '' || url.username !== '' || url.password !== '') throw new Error('host')
    return url
  } catch {
    throw unreachable('The engine address is not of the form tcp://host:port.')
  }
}

/** Whether the name stands for this machine itself. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  return bare === 'localhost' || bare === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(bare)
}

/**
 * Whether registry credentials may go to this engine: a socket, this machine, or TLS with a checked certificate. Over
 * plain tcp:// anyone on the way could read them.
 */
export function mayHoldSecrets(target: Target): boolean {
  const address = parseAddress(target.endpoint.host, target.tls !== null)
  if (address.kind === 'socket' || isLoopback(address.hostname)) return true
  return address.secure && (target.tls?.verify ?? true)
}
