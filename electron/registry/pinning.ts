import * as https from 'node:https'
import type { Duplex } from 'node:stream'
import * as tls from 'node:tls'

/** OpenSSL's verdicts that only say: nobody known vouches for this certificate. */
const unknownIssuer = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  // The server sends its own authority along.
  'SELF_SIGNED_CERT_IN_CHAIN',
])

/** The code of why a server's chain is not accepted, or null where it is: by an authority, or because it is pinned itself. */
export function verdictOf(socket: tls.TLSSocket, pins: ReadonlySet<string>, host: string): string | null {
  if (socket.authorized) return null
  // Node puts the verdict's code there, whatever the types say.
  const told: unknown = socket.authorizationError
  const verdict =
    told instanceof Error ? ((told as NodeJS.ErrnoException).code ?? told.message) : String(told)
  const own = socket.getPeerCertificate()
  if (!unknownIssuer.has(verdict) || !pins.has(own.fingerprint256)) return verdict
  const now = Date.now()
  if (now < Date.parse(own.valid_from) || now > Date.parse(own.valid_to)) return 'CERT_HAS_EXPIRED'
  // The chain came first; its names have not been looked at yet.
  const mismatch = tls.checkServerIdentity(host, own)
  return mismatch ? 'ERR_TLS_CERT_ALTNAME_INVALID' : null
}

type Created = (error: Error | null, socket?: Duplex) => void

/**
 * An agent that also accepts a server's own certificate where it was trusted by itself, without its issuer: OpenSSL knows that
 * only from Node 20.18 on, and Electron's BoringSSL is not OpenSSL. The socket is handed out once it was looked at, so nothing
 * is sent before.
 */
export class PinningAgent extends https.Agent {
  constructor(
    options: https.AgentOptions,
    private readonly pins: ReadonlySet<string>,
  ) {
    super(options)
  }

  override createConnection(
    options: tls.ConnectionOptions & { servername?: string },
    created: Created,
  ): undefined {
    const socket = tls.connect({ ...options, rejectUnauthorized: false })
    const patience = setTimeout(() => socket.destroy(new Error('the TLS handshake timed out')), 30_000)
    socket.once('error', (error) => {
      clearTimeout(patience)
      created(error)
    })
    socket.once('secureConnect', () => {
      clearTimeout(patience)
      const verdict = verdictOf(socket, this.pins, options.servername || (options.host ?? ''))
      if (verdict === null) {
        secured.add(socket)
        return created(null, socket)
      }
      socket.destroy(
        Object.assign(new Error(`the certificate is not accepted: ${verdict}`), { code: verdict }),
      )
    })
    return undefined
  }
}

const secured = new WeakSet<Duplex>()

/** Whether a socket that an agent hands out has its TLS handshake behind it. */
export const isSecured = (socket: Duplex): boolean => secured.has(socket)
