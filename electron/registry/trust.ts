import * as tls from 'node:tls'
import type { Trust } from '@shared/registry'

/** What newer Nodes (22.15) have: the authorities that the operating system trusts. */
type WithSystemAuthorities = typeof tls & { getCACertificates?: (kind: 'system') => string[] }

let systemAuthorities: readonly string[] | undefined
let systemContext: tls.SecureContext | undefined

function authorities(): readonly string[] {
  systemAuthorities ??= [...tls.rootCertificates, ...fromOperatingSystem()]
  return systemAuthorities
}

function fromOperatingSystem(): string[] {
  try {
    return (tls as WithSystemAuthorities).getCACertificates?.('system') ?? []
  } catch {
    // A system without a readable store: the authorities that Node brings remain.
    return []
  }
}

/**
 * The TLS context for one registry: the known authorities, and the PEM certificates that were trusted for it. It is made
 * once per client, since reading the authorities takes milliseconds. Throws what OpenSSL says of a broken PEM.
 */
export function secureContextOf(trust: Trust): tls.SecureContext {
  if (trust.kind === 'system') {
    systemContext ??= tls.createSecureContext({ ca: [...authorities()] })
    return systemContext
  }
  return tls.createSecureContext({
    ca: [...authorities(), trust.pem],
    // Lets a server's own certificate be trusted without its issuer, where the runtime knows how (20.18, 22.9).
    allowPartialTrustChain: true,
  })
}
