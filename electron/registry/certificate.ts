import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import { AppError, type ErrorContext, toAppError } from '@shared/error'
import type { Certificate, ServerCertificate, Trust } from '@shared/registry'
import { plainText } from './error'
import { baseUrl } from './endpoint'
import { networkCode } from './network-error'
import { proxyFromEnvironment, type ProxyFor } from './proxy'
import { defaultTiming } from './timing'
import { Transport } from './transport'
import { verdictOf } from './pinning'
import { tlsTrustOf } from './trust'
import { hostOf } from './url'

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g
const mostCertificates = 50

/** `CN=a\nO=b` of an X.509 name in one line. */
const oneLine = (name: string): string => plainText(name.split('\n').join(', '))

function describe(x509: X509Certificate): Certificate {
  return {
    subject: oneLine(x509.subject ?? ''),
    issuer: oneLine(x509.issuer ?? ''),
    names: (x509.subjectAltName ?? '')
      .split(', ')
      .map((name) => plainText(name.replace(/^(DNS|IP Address):/, '')))
      .filter((name) => name !== ''),
    fingerprint: x509.fingerprint256,
    validFrom: Date.parse(x509.validFrom),
    validTo: Date.parse(x509.validTo),
    selfSigned: x509.issuer === x509.subject && x509.verify(x509.publicKey),
    pem: x509.toString(),
  }
}

/** Reads the certificates of a PEM text, in their order. CERTIFICATE_INVALID where there is none or one is broken. */
export function parsePem(text: string): Certificate[] {
  const blocks = text.match(block) ?? []
  const invalid = (detail: string, cause?: unknown): AppError =>
    new AppError('CERTIFICATE_INVALID', { side: 'registry' }, { detail, cause })
  if (blocks.length === 0) throw invalid('no certificate in this text')
  if (blocks.length > mostCertificates) throw invalid(`more than ${mostCertificates} certificates`)
  return blocks.map((pem) => {
    try {
      return describe(new X509Certificate(pem))
    } catch (thrown) {
      throw invalid(thrown instanceof Error ? plainText(thrown.message) : 'broken', thrown)
    }
  })
}

/** The chain that the other side sent or that was found for it, own certificate first. */
function chainOf(socket: TLSSocket): Certificate[] {
  const chain: Certificate[] = []
  let current: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (current?.raw && chain.length < 10) {
    const certificate = describe(new X509Certificate(current.raw))
    if (chain.some(({ fingerprint }) => fingerprint === certificate.fingerprint)) break
    chain.push(certificate)
    current = current.issuerCertificate
  }
  return chain
}

function problemOf(
  socket: TLSSocket,
  pins: ReadonlySet<string>,
  context: ErrorContext,
  host: string,
): AppError | null {
  const verdict = verdictOf(socket, pins, host)
  if (verdict === null) return null
  return new AppError(networkCode(verdict) ?? 'TLS_UNTRUSTED', context, { detail: plainText(verdict) })
}

/**
 * Shows the certificate chain of a registry and whether it would be accepted with this trust. Nothing is sent but the TLS
 * handshake; the untrusted chain is let through only to be looked at. Rejects where there is no TLS to look at.
 */
export async function inspectCertificate(
  host: string,
  trust: Trust,
  signal?: AbortSignal,
  proxyFor: ProxyFor = proxyFromEnvironment(process.env),
): Promise<ServerCertificate> {
  const url = baseUrl({ host, protocol: 'https', trust })
  const context = { side: 'registry', host: hostOf(url) } as const
  if (trust.kind === 'pem') parsePem(trust.pem)
  const accepted = tlsTrustOf(trust)
  const transport = new Transport({
    tls: accepted,
    proxyFor,
    timing: defaultTiming,
  })
  try {
    return await transport.handshake(
      url,
      false,
      (socket) => {
        const problem = problemOf(socket, accepted.pins, context, url.hostname.replace(/^\[|\]$/g, ''))
        return { chain: chainOf(socket), trusted: problem === null, problem: problem?.toInfo() ?? null }
      },
      signal,
    )
  } catch (thrown) {
    throw toAppError(thrown).with(context)
  } finally {
    transport.close()
  }
}
