import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { expect, it, onTestFinished, vi } from 'vitest'
import { dial } from '../../../electron/engine/dial'
import { ping } from '../../../electron/engine/look'
import type { Target, TlsMaterial } from '../../../electron/engine/target'
import { makeAuthority } from '../../lab/certificate'

/** An engine's address behind TLS, the authority that signed for it, and who came. */
async function startTls() {
  const folder = mkdtempSync(join(tmpdir(), 'slw-tls-'))
  const authority = makeAuthority(folder)
  const { pem: cert, key } = authority.issue('engine')
  const seen: string[] = []
  const options = { cert, key: key.export({ type: 'pkcs8', format: 'pem' }), ca: authority.pem }
  const server = createServer(
    { ...options, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      seen.push((request.socket as TLSSocket).authorized ? 'known' : 'unknown')
      response.end('OK')
    },
  )
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { authority, seen, host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const reach = async (host: string, tls: TlsMaterial | null): Promise<void> => {
  const endpoint = { id: 'x', source: 'DOCKER_HOST' as const, label: host, host }
  const target: Target = { endpoint, tls, explicit: true, present: true, problem: null }
  return ping(await dial(target), 3000, new AbortController().signal)
}

it('an engine behind TLS is reached with its authority, and shown our certificate', async () => {
  const { host, authority, seen } = await startTls()
  const own = authority.issue('client')
  const key = own.key.export({ type: 'pkcs8', format: 'pem' }).toString()
  await reach(host, { ca: authority.pem, cert: null, key: null, verify: true })
  await reach(host, { ca: authority.pem, cert: own.pem, key, verify: true })
  expect(seen[0]).toBe('unknown')
  expect(seen).toHaveLength(2)
})

it('an engine that is not known is refused, also where the environment would let it pass', async () => {
  const { host, seen } = await startTls()
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  onTestFinished(() => void vi.unstubAllEnvs())
  const unknown = reach(host, { ca: null, cert: null, key: null, verify: true })
  await expect(unknown).rejects.toMatchObject({
    code: 'ENGINE_TLS_REFUSED',
    detail: expect.stringMatching(/certificate/),
  })
  expect(seen).toEqual([])
})

it('an engine that docker was told not to check is reached unchecked', async () => {
  const { host, seen } = await startTls()
  await reach(host, { ca: null, cert: null, key: null, verify: false })
  expect(seen).toHaveLength(1)
})
