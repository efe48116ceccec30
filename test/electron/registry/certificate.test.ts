import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppError } from '@shared/error'
import { inspectCertificate, parsePem } from '../../../electron/registry/certificate'
import { makeAuthority, type CertificateAuthority } from '../../lab/certificate'
import { temporaryFolder, type TemporaryFolder } from '../../lab/temporary'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'

let folder: TemporaryFolder
let authority: CertificateAuthority
beforeEach(() => {
  folder = temporaryFolder('pem')
  authority = makeAuthority(folder.path)
})
afterEach(() => folder.remove())

describe('parsePem', () => {
  it('reads every certificate of a text, with what stands around them', () => {
    const leaf = authority.issue('server', { names: ['r.example', '127.0.0.1'] })
    const [first, second, ...rest] = parsePem(`Bag Attributes\n${leaf.pem}\n# the CA\r\n${authority.pem}`)
    expect(rest).toEqual([])
    expect(first).toMatchObject({ subject: 'CN=server', issuer: 'CN=Slipway lab CA', selfSigned: false })
    expect(first?.names).toEqual(['r.example', '127.0.0.1'])
    expect(first?.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    expect(first?.validTo).toBeGreaterThan(Date.now())
    expect(second).toMatchObject({ subject: 'CN=Slipway lab CA', selfSigned: true })
  })

  it.each([
    ['nothing', ''],
    ['a text', 'hello'],
    ['a broken certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
    ['a key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
  ])('is CERTIFICATE_INVALID for %s', (_what, text) => {
    try {
      parsePem(text)
      expect.unreachable()
    } catch (error) {
      expect((error as AppError).code).toBe('CERTIFICATE_INVALID')
    }
  })
})

describe('inspectCertificate', () => {
  it('shows an untrusted chain, and says that it is trusted once the authority is', async () => {
    const registry = later(await InProcessRegistry.start({ certificate: authority.issue('server') }))
    const seen = await inspectCertificate(registry.host, { kind: 'system' })
    expect(seen.trusted).toBe(false)
    expect(seen.problem).toMatchObject({ code: 'TLS_UNTRUSTED', context: { host: registry.host } })
    expect(seen.chain[0]).toMatchObject({ subject: 'CN=server', names: ['127.0.0.1', 'localhost'] })
    const trusted = await inspectCertificate(registry.host, { kind: 'pem', pem: authority.pem })
    expect(trusted).toMatchObject({ trusted: true, problem: null })
    expect(trusted.chain.map(({ subject }) => subject)).toEqual(['CN=server', 'CN=Slipway lab CA'])
    expect(registry.requests).toHaveLength(0)
  })

  it('names an expired certificate and one for another name', async () => {
    const trust = { kind: 'pem', pem: authority.pem } as const
    const expired = authority.issue('expired', { notAfter: new Date(Date.now() - 3600_000) })
    const first = later(await InProcessRegistry.start({ certificate: expired }))
    expect((await inspectCertificate(first.host, trust)).problem?.code).toBe('TLS_EXPIRED')
    const other = later(
      await InProcessRegistry.start({ certificate: authority.issue('o', { names: ['o.example'] }) }),
    )
    expect((await inspectCertificate(other.host, trust)).problem?.code).toBe('TLS_NAME_MISMATCH')
  })

  it('gives a certificate that, once trusted, lets the client in', async () => {
    const registry = later(await InProcessRegistry.start({ certificate: authority.issue('server') }))
    registry.seed('a', 'v1')
    const { chain } = await inspectCertificate(registry.host, { kind: 'system' })
    const pem = chain.map((certificate) => certificate.pem).join('\n')
    await clientOf(registry.endpoint(pem)).headManifest('a', 'v1')
  })

  it('fails where there is no TLS to look at', async () => {
    const registry = later(await InProcessRegistry.start())
    await failure(inspectCertificate(registry.host, { kind: 'system' }), 'TLS_EXPECTED_HTTP')
    await failure(inspectCertificate('no-such-host.invalid', { kind: 'system' }), 'HOST_UNKNOWN')
    await failure(inspectCertificate(registry.host, { kind: 'pem', pem: 'x' }), 'CERTIFICATE_INVALID')
    const gone = AbortSignal.abort()
    await failure(inspectCertificate(registry.host, { kind: 'system' }, gone), 'CANCELLED')
  })
})
