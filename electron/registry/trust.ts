import { X509Certificate } from 'node:crypto'
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

/** What one registry's TLS connections are checked against. */
export interface TlsTrust {
  secureContext: tls.SecureContext
  /** SHA-256 fingerprints of certificates that are trusted by themselves, where they are a server's own. */
  pins: ReadonlySet<string>
}

/**
 * The trust for one registry: the known authorities, and the PEM certificates that were trusted for it. It is made once per
 * client, since reading the authorities takes milliseconds. Throws what OpenSSL says of a broken PEM.
 */
export function tlsTrustOf(trust: Trust): TlsTrust {
  if (trust.kind === 'system') {
    systemContext ??= tls.createSecureContext({ ca: [...authorities()] })
    return { secureContext: systemContext, pins: new Set() }
  }
  const certificates = trust.pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return {
    secureContext: tls.createSecureContext({ ca: [...authorities(), trust.pem] }),
    pins: new Set(certificates.map((pem) => new X509Certificate(pem).fingerprint256)),
  }
}
