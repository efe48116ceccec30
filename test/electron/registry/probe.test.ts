import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import type { ProbeStep } from '@shared/registry'
import { silentLog } from '../../../electron/log'
import { probe, type ProbeOptions } from '../../../electron/registry/probe'
import { makeAuthority } from '../../lab/certificate'
import { freePort } from '../../lab/ports'
import { temporaryFolder } from '../../lab/temporary'
import { failure, later, quickTiming } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'
import { plain } from '../../support/registry/test-server'
import { startTokenService } from '../../support/registry/token-service'

const password = randomBytes(12).toString('base64url')
const run = (endpoint: ProbeOptions['endpoint'], more: Partial<ProbeOptions> = {}): Promise<ProbeStep[]> =>
  probe({
    endpoint,
    resolveCredential: () => Promise.resolve(null),
    confirmedRealms: () => [],
    namespace: null,
    signal: new AbortController().signal,
    onSteps: () => {},
    log: silentLog,
    timing: quickTiming,
    ...more,
  })
const states = (steps: ProbeStep[]): string => steps.map(({ step, state }) => `${step} ${state}`).join(', ')
const at = (steps: ProbeStep[], name: string): ProbeStep | undefined =>
  steps.find(({ step }) => step === name)

it('finds an open registry well, and tells each step as it is done', async () => {
  const registry = later(await InProcessRegistry.start())
  for (const name of ['library/a', 'library/b', 'other/c']) registry.repository(name)
  const told: number[] = []
  const steps = await run(registry.endpoint(), {
    namespace: 'library',
    onSteps: (list) => told.push(list.length),
  })
  expect(states(steps)).toBe('name ok, tcp ok, tls skipped, api ok, account ok, catalog ok')
  expect(told).toEqual([1, 2, 3, 4, 5, 6])
  expect(at(steps, 'tcp')?.facts).toEqual([{ kind: 'text', text: registry.host }])
  expect(at(steps, 'account')?.facts).toEqual([{ kind: 'anonymous' }])
  expect(at(steps, 'catalog')?.facts).toEqual([
    { kind: 'listed', count: 3 },
    { kind: 'inside', count: 2, namespace: 'library' },
  ])
})

it('tells protocol and end of a certificate, and the account that is accepted', async () => {
  const folder = temporaryFolder('probe')
  later({ stop: () => folder.remove() })
  const authority = makeAuthority(folder.path)
  const registry = later(await InProcessRegistry.start({ certificate: authority.issue('server') }))
  const right = `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`
  registry.on('*', /./, (request, response) => {
    if (request.headers.authorization === right) return false
    return void response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
  })
  const resolveCredential = (): Promise<{ username: string; password: string }> =>
    Promise.resolve({ username: 'ada', password })
  const steps = await run(registry.endpoint(authority.pem), { resolveCredential })
  expect(states(steps)).toBe('name ok, tcp ok, tls ok, api ok, account ok, catalog ok')
  expect(at(steps, 'tls')?.facts).toMatchObject([{ text: 'TLS 1.3' }, { kind: 'valid-until' }])
  expect(at(steps, 'api')?.facts).toEqual([
    { kind: 'text', text: 'API v2' },
    { kind: 'asks', scheme: 'basic' },
  ])
  expect(at(steps, 'account')?.facts).toEqual([{ kind: 'text', text: 'ada' }])
  expect(JSON.stringify(steps)).not.toContain(password)

  const untrusted = await run(registry.endpoint(), { resolveCredential })
  expect(states(untrusted)).toBe('name ok, tcp ok, tls failed, api skipped, account skipped, catalog skipped')
  expect(at(untrusted, 'tls')?.error?.code).toBe('TLS_UNTRUSTED')
})

it('stops at the first step that fails', async () => {
  const endpoint = (host: string): ProbeOptions['endpoint'] => ({
    host,
    protocol: 'http',
    trust: { kind: 'system' },
  })
  const nowhere = await run(endpoint('no-such-host.invalid'))
  expect(at(nowhere, 'name')).toMatchObject({ state: 'failed', error: { code: 'HOST_UNKNOWN' } })
  expect(states(nowhere)).toContain('tcp skipped')
  const closed = await run(endpoint(`127.0.0.1:${await freePort()}`))
  expect(at(closed, 'tcp')).toMatchObject({ state: 'failed', error: { code: 'CONNECTION_REFUSED' } })
  const registry = later(await InProcessRegistry.start())
  registry.on('GET', '/v2/', (_request, response) => {
    response.removeHeader('docker-distribution-api-version')
    return plain(404, { 'content-type': 'text/html' }, '<h1>nginx</h1>')(_request, response)
  })
  const page = await run(registry.endpoint())
  expect(at(page, 'api')).toMatchObject({ state: 'failed', error: { code: 'NOT_A_REGISTRY' } })
  expect(at(page, 'account')?.state).toBe('skipped')
})

it('tells https where http is spoken', async () => {
  const registry = later(await InProcessRegistry.start())
  const steps = await run({ ...registry.endpoint(), protocol: 'https' })
  expect(at(steps, 'tls')?.error?.code).toBe('TLS_EXPECTED_HTTP')
})

it('tells an account that is refused or missing, and warns where the catalog is', async () => {
  const registry = later(await InProcessRegistry.start())
  const service = later(await startTokenService())
  service.passwords.set('ada', password)
  service.anonymous = false
  service.grant = (scope) => (scope.startsWith('registry:') ? null : scope)
  registry.on('*', /./, service.guard)
  const as = (word: string): Partial<ProbeOptions> => ({
    resolveCredential: () => Promise.resolve({ username: 'ada', password: word }),
  })
  const nobody = await run(registry.endpoint())
  expect(at(nobody, 'account')).toMatchObject({ state: 'failed', error: { code: 'UNAUTHORIZED' } })
  const wrong = await run(registry.endpoint(), as('wrong'))
  expect(at(wrong, 'account')).toMatchObject({ state: 'failed', error: { code: 'UNAUTHORIZED' } })
  const known = await run(registry.endpoint(), as(password))
  expect(at(known, 'account')?.state).toBe('ok')
  expect(at(known, 'catalog')).toMatchObject({ state: 'warning', error: { code: 'LISTING_UNSUPPORTED' } })
})

it('ends with CANCELLED', async () => {
  const registry = later(await InProcessRegistry.start())
  const leaving = new AbortController()
  registry.on('GET', '/v2/', () => leaving.abort())
  await failure(run(registry.endpoint(), { signal: leaving.signal }), 'CANCELLED')
})
