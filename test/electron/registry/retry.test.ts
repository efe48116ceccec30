import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../electron/log'
import { backoff, HostPauses, isWorthRetry, retryAfterSeconds } from '../../../electron/registry/retry'
import { defaultTiming } from '../../../electron/registry/timing'
import { clientOf, failure, later, quickTiming } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'
import { plain, refusal, TestServer } from '../../support/registry/test-server'

describe('retryAfterSeconds', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  it.each([
    ['5', 5],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['999999999', 86_400],
    ['-5', 0],
    ['soon', null],
    [undefined, null],
  ])('reads %s as %s', (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds)
  })
})

it('doubles its pauses with jitter, and bounds attempts by the status', () => {
  const timing = { ...defaultTiming, backoff: 100 }
  expect([1, 2, 3, 20].map((attempt) => backoff(attempt, timing, 1))).toEqual([100, 200, 400, 10_000])
  expect(backoff(2, timing, 0)).toBe(100)
  expect(
    [502, 503, 504, 429, 500, 404].map(
      (status) => [1, 2, 3, 4].filter((n) => isWorthRetry(status, n)).length,
    ),
  ).toEqual([3, 3, 3, 3, 1, 0])
})

it('keeps a pause on a monotonic clock, for its host only', async () => {
  let now = 0
  const pauses = new HostPauses({ ...defaultTiming, patience: 1000 }, silentLog, () => now)
  pauses.add('a', 90_000)
  pauses.add('a', 10)
  const error = await failure(pauses.wait('a'), 'TOOMANYREQUESTS')
  expect(error.context).toMatchObject({ host: 'a', retryAfterSeconds: 90 })
  await pauses.wait('b')
  now = 90_000
  await pauses.wait('a')
})

async function seeded(): Promise<InProcessRegistry> {
  const registry = later(await InProcessRegistry.start())
  registry.seed('a', 'v1')
  return registry
}

describe('against a registry', () => {
  it('gets over 502, 503 and 504', async () => {
    const registry = await seeded()
    for (const status of [502, 503, 504]) registry.on('HEAD', /./, plain(status), 1)
    expect((await clientOf(registry.endpoint()).headManifest('a', 'v1')).digest).toMatch(/^sha256:/)
    expect(registry.requests).toHaveLength(4)
  })

  it.each([
    [503, 4],
    [500, 2],
    [501, 1],
  ])('gives up on %i after %i attempts', async (status, attempts) => {
    const registry = await seeded()
    registry.on('GET', /./, refusal(status, 'UNKNOWN'))
    const error = await failure(clientOf(registry.endpoint()).fetchManifest('a', 'v1'), 'REGISTRY_FAILED')
    expect(error.context.status).toBe(status)
    expect(registry.requests).toHaveLength(attempts)
  })

  it('waits as long as a 429 says, and holds every request to that host back', async () => {
    const registry = await seeded()
    registry.on('HEAD', /./, plain(429, { 'retry-after': '1' }), 1)
    const client = clientOf(registry.endpoint())
    const begun = performance.now()
    await client.headManifest('a', 'v1')
    expect(performance.now() - begun).toBeGreaterThan(950)
  })

  it('fails at once where the pause is longer than anybody waits, and says how long', async () => {
    const registry = await seeded()
    registry.on('HEAD', /./, refusal(429, 'TOOMANYREQUESTS', { 'retry-after': '3600' }))
    const client = clientOf(registry.endpoint())
    const error = await failure(client.headManifest('a', 'v1'), 'TOOMANYREQUESTS')
    expect(error.context.retryAfterSeconds).toBe(3600)
    await failure(client.fetchManifest('a', 'v1'), 'TOOMANYREQUESTS')
    expect(registry.requests).toHaveLength(1)
  })

  it('is bounded where 429 never ends', async () => {
    const registry = await seeded()
    registry.on('HEAD', /./, plain(429, { 'retry-after': '0' }))
    await failure(clientOf(registry.endpoint()).headManifest('a', 'v1'), 'TOOMANYREQUESTS')
    expect(registry.requests).toHaveLength(4)
  })

  it('stops waiting when it is cancelled', async () => {
    const registry = await seeded()
    const leaving = new AbortController()
    registry.on('HEAD', /./, (_request, response) => {
      response.writeHead(429, { 'retry-after': '15' }).end()
      setImmediate(() => leaving.abort())
    })
    await failure(
      clientOf(registry.endpoint()).headManifest('a', 'v1', { signal: leaving.signal }),
      'CANCELLED',
    )
  })

  it('sends once more on a connection that broke', async () => {
    const registry = await seeded()
    registry.on('HEAD', /./, (_request, response) => void response.destroy(), 1)
    await clientOf(registry.endpoint()).headManifest('a', 'v1')
    expect(registry.requests).toHaveLength(2)
  })

  it('does not let the pause of a storage host hold up the registry', async () => {
    const registry = await seeded()
    const storage = later(await TestServer.start())
    storage.on('GET', /./, plain(429, { 'retry-after': '3600' }))
    const { configDigest, config } = registry.seed('a', 'v2')
    registry.on('GET', /blobs/, plain(307, { location: `${storage.url}/blob` }))
    const client = clientOf(registry.endpoint(), { timing: quickTiming })
    const descriptor = { digest: configDigest, size: config.length }
    await failure(client.fetchConfig('a', descriptor), 'TOOMANYREQUESTS')
    await client.headManifest('a', 'v2')
  })
})
