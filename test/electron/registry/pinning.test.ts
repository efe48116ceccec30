import { afterEach, beforeEach, expect, it } from 'vitest'
import { inspectCertificate } from '../../../electron/registry/certificate'
import { makeAuthority, type Certificate, type CertificateAuthority } from '../../lab/certificate'
import { temporaryFolder, type TemporaryFolder } from '../../lab/temporary'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'

let folder: TemporaryFolder
let authority: CertificateAuthority
beforeEach(() => {
  folder = temporaryFolder('pin')
  authority = makeAuthority(folder.path)
})
afterEach(() => folder.remove())

// The server shows its own certificate only, as many do; its authority is not known here.
const start = async (certificate: Certificate) => later(await InProcessRegistry.start({ certificate }))
const at = (registry: InProcessRegistry, trusted: Certificate) =>
  ({ host: registry.host, protocol: 'https', trust: trusting(trusted) }) as const
const trusting = (certificate: Certificate) => ({ kind: 'pem', pem: certificate.pem }) as const

it('accepts the very certificate that was trusted, without its authority', async () => {
  const own = authority.issue('own')
  const registry = await start(own)
  expect(await inspectCertificate(registry.host, trusting(own))).toMatchObject({
    trusted: true,
    problem: null,
  })
  await expect(clientOf(at(registry, own)).ping()).resolves.toBeUndefined()
})

it('accepts it too where the server sends its authority along, and then no other one either', async () => {
  const chained = (own: Certificate) => start({ ...own, pem: own.pem + authority.pem })
  const own = authority.issue('alone')
  const registry = await chained(own)
  await expect(clientOf(at(registry, own)).ping()).resolves.toBeUndefined()
  const other = await chained(authority.issue('other'))
  await failure(clientOf(at(other, own)).ping(), 'TLS_UNTRUSTED')
  expect(other.requests).toHaveLength(0)
})

it('accepts no other certificate of the same authority, and sends nothing to it', async () => {
  const registry = await start(authority.issue('other'))
  await failure(clientOf(at(registry, authority.issue('own'))).ping(), 'TLS_UNTRUSTED')
  expect(registry.requests).toHaveLength(0)
})

it('still looks at the dates and at the names', async () => {
  const expired = authority.issue('expired', { notAfter: new Date(Date.now() - 3600_000) })
  const first = await start(expired)
  await failure(clientOf(at(first, expired)).ping(), 'TLS_EXPIRED')
  const misnamed = authority.issue('misnamed', { names: ['r.example'] })
  const second = await start(misnamed)
  await failure(clientOf(at(second, misnamed)).ping(), 'TLS_NAME_MISMATCH')
  expect([...first.requests, ...second.requests]).toHaveLength(0)
})
