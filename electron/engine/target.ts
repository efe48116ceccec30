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
  /** For ssh://: a file for `ssh -F`; without it the user's own configuration counts. */
  sshConfig?: string | null
}

export interface SshAddress {
  kind: 'ssh'
  user: string | null
  hostname: string
  /** Null: what the configuration says, else 22. */
  port: number | null
}

export type Address =
  | { kind: 'socket'; path: string }
  | { kind: 'tcp'; hostname: string; port: number; secure: boolean }
  | SshAddress

const unreachable = (detail: string): AppError =>
  new AppError('ENGINE_FAILED', { side: 'engine' }, { detail })

/**
 * Reads a host as docker's client writes it: `unix:///path`, `npipe:////./pipe/name`, `tcp://host[:port]`, `host:port`,
 * `ssh://[user@]host[:port]`. `secure` says that TLS was asked for. Throws ENGINE_FAILED for anything else.
 */
export function parseAddress(host: string, secure: boolean): Address {
  if (host.startsWith('unix://')) return socket(host.slice('unix://'.length), '/var/run/docker.sock')
  if (host.startsWith('npipe://')) return socket(host.slice('npipe://'.length), '//./pipe/docker_engine')
  const text = host.includes('://') ? host : `tcp://${host}`
  const scheme = text.slice(0, text.indexOf('://'))
  if (scheme === 'ssh') return sshAddress(text)
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

const sshForm =
  /^ssh:\/\/(?:([A-Za-z0-9._][A-Za-z0-9._-]*)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._][A-Za-z0-9._-]*)(?::(\d{1,5}))?\/?$/

/** Only plain letters: nothing here is ever an option to ssh, or a word to a shell that its configuration names. */
function sshAddress(text: string): SshAddress {
  const [, user, host, port] = sshForm.exec(text) ?? []
  if (host === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65535) {
    throw unreachable('The engine address is not of the form ssh://user@host:port.')
  }
  const hostname = host.replace(/^\[|\]$/g, '')
  return { kind: 'ssh', user: user ?? null, hostname, port: port === undefined ? null : Number(port) }
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
 * Whether registry credentials may go to this engine: a socket, this machine, ssh, or TLS with a checked certificate. Over
 * plain tcp:// anyone on the way could read them.
 */
export function mayHoldSecrets(target: Target): boolean {
  const address = parseAddress(target.endpoint.host, target.tls !== null)
  if (address.kind !== 'tcp' || isLoopback(address.hostname)) return true
  return address.secure && (target.tls?.verify ?? true)
}
