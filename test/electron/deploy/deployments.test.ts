import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { events } from '@shared/contract'
import { AppError } from '@shared/error'
import { Deployments } from '../../../electron/deploy/deployments'
import { silentLog } from '../../../electron/log'
import { FakeDriver, FakePools, imageOf, recorder, summaryOf } from './fake-pools'

const key = { poolId: 'p', id: 'web' }
const lost = new AppError('ENGINE_LOST', { side: 'engine' })

let pools: FakePools
let told: ReturnType<typeof recorder>
let heads: Record<string, string | null | AppError>
let service: Deployments

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  })
  pools = new FakePools()
  told = recorder()
  heads = {}
  service = new Deployments({
    pools,
    headDigest: async ({ tag }) => {
      const head = heads[tag ?? ''] ?? null
      if (head instanceof AppError) throw head
      return head
    },
    emit: told.emit,
    log: silentLog,
  })
})
afterEach(async () => {
  const stopped = service.stop()
  await vi.runOnlyPendingTimersAsync()
  await stopped
  vi.useRealTimers()
})

const started = async (): Promise<void> => {
  service.start()
  await vi.advanceTimersByTimeAsync(300)
}

describe('what runs', () => {
  it('is listed at the start, told of once, and fits the contract', async () => {
    pools.driverOfP.deployments = [summaryOf('web')]
    await started()
    expect(told.of('deployment:changed')).toHaveLength(1)
    expect(events['deployment:changed'].parse(service.current)).toMatchObject({
      deployments: [{ id: 'web', drift: null }],
      pools: [{ poolId: 'p', error: null }],
      revision: 1,
    })
  })

  it('is asked for a few times in a burst of events, and told of only where it changed', async () => {
    pools.driverOfP.deployments = [summaryOf('web')]
    await started()
    const before = pools.driverOfP.lists
    for (let count = 0; count < 100; count += 1) {
      pools.driverOfP.changed()
      await vi.advanceTimersByTimeAsync(10)
    }
    await vi.advanceTimersByTimeAsync(500)
    expect(pools.driverOfP.lists - before).toBeLessThanOrEqual(5)
    expect(told.of('deployment:changed')).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(pools.driverOfP.lists - before).toBeLessThanOrEqual(5)
  })

  it('keeps its last list with the error while the pool is away, and is fresh when the pool is back', async () => {
    const driver = pools.driverOfP
    driver.deployments = [summaryOf('web')]
    await started()
    driver.failure = lost
    driver.lose(lost)
    await vi.advanceTimersByTimeAsync(1500)
    expect(service.current.deployments).toHaveLength(1)
    expect(service.current.pools).toMatchObject([{ poolId: 'p', error: { code: 'ENGINE_LOST' } }])
    expect(service.current.pools[0]?.fetchedAt).toBeGreaterThan(0)
    pools.change({ p: 'offline' })
    await vi.advanceTimersByTimeAsync(60_000)
    driver.failure = null
    driver.deployments = [summaryOf('web', { version: 2 })]
    pools.change({ p: 'online' })
    await vi.advanceTimersByTimeAsync(600)
    expect(service.current).toMatchObject({ deployments: [{ version: 2 }], pools: [{ error: null }] })
    expect(told.of('deployment:changed').at(-1)).toMatchObject({ deployments: [{ version: 2 }] })
  })

  it('of a pool that does not tell of changes is looked at now and then', async () => {
    const driver = pools.driverOfP
    driver.follow = () => Promise.reject(new AppError('POOL_UNSUPPORTED'))
    await started()
    driver.deployments = [summaryOf('web')]
    await vi.advanceTimersByTimeAsync(16_000)
    expect(service.current.deployments).toHaveLength(1)
    const before = driver.lists
    await vi.advanceTimersByTimeAsync(60_000)
    expect(driver.lists - before).toBeLessThanOrEqual(6)
  })

  it('follows pools that come, and forgets those that go', async () => {
    pools.driverOfP.deployments = [summaryOf('web')]
    await started()
    const second = new FakeDriver()
    second.deployments = [summaryOf('db', { poolId: 'q' })]
    pools.drivers.set('q', second)
    pools.change({ p: 'online', q: 'online' })
    await vi.advanceTimersByTimeAsync(600)
    expect(service.current.deployments.map(({ id }) => id)).toEqual(['web', 'db'])
    pools.change({ q: 'online' })
    await vi.advanceTimersByTimeAsync(600)
    expect(service.current.deployments.map(({ id }) => id)).toEqual(['db'])
    expect(() => service.find(key)).toThrow(/DEPLOYMENT_UNKNOWN/)
  })

  it('is waited for where it is asked to be fresh', async () => {
    await started()
    pools.driverOfP.deployments = [summaryOf('web')]
    expect((await service.list(false)).deployments).toEqual([])
    expect((await service.list(true)).deployments).toHaveLength(1)
  })
})

describe('one deployment', () => {
  it('is told of while it is watched, and not after', async () => {
    const driver = pools.driverOfP
    driver.deployments = [summaryOf('web')]
    await started()
    const first = await service.read(key)
    expect(first).toMatchObject({ summary: { id: 'web', version: 1 }, error: null })
    service.watch(key)
    driver.deployments = [summaryOf('web', { version: 2 })]
    driver.changed()
    await vi.advanceTimersByTimeAsync(600)
    const [detail, ...rest] = told.of('deployment:detail-changed')
    expect(rest).toEqual([])
    expect(events['deployment:detail-changed'].parse(detail)).toMatchObject({ summary: { version: 2 } })
    expect(detail?.revision).toBeGreaterThan(first.revision)
    service.unwatch(key)
    driver.deployments = [summaryOf('web', { version: 3 })]
    driver.changed()
    await vi.advanceTimersByTimeAsync(600)
    expect(told.of('deployment:detail-changed')).toHaveLength(1)
  })

  it('keeps its last state with the error while the pool is away; unknown it stays an error', async () => {
    pools.driverOfP.deployments = [summaryOf('web')]
    await started()
    service.watch(key)
    await service.read(key)
    pools.driverOfP.failure = lost
    expect(await service.read(key)).toMatchObject({ summary: { id: 'web' }, error: { code: 'ENGINE_LOST' } })
    await expect(service.read({ poolId: 'p', id: 'other' })).rejects.toMatchObject({ code: 'ENGINE_LOST' })
    pools.driverOfP.failure = new AppError('DEPLOYMENT_UNKNOWN')
    await expect(service.read(key)).rejects.toMatchObject({ code: 'DEPLOYMENT_UNKNOWN' })
  })

  it('is watched until the last of two who watch it goes', async () => {
    pools.driverOfP.deployments = [summaryOf('web')]
    await started()
    service.watch(key)
    service.watch(key)
    service.unwatch(key)
    pools.driverOfP.deployments = [summaryOf('web', { version: 2 })]
    pools.driverOfP.changed()
    await vi.advanceTimersByTimeAsync(600)
    expect(told.of('deployment:detail-changed')).toHaveLength(1)
    await service.forgetWindow()
    pools.driverOfP.deployments = [summaryOf('web', { version: 3 })]
    pools.driverOfP.changed()
    await vi.advanceTimersByTimeAsync(600)
    expect(told.of('deployment:detail-changed')).toHaveLength(1)
  })
})

describe('drift', () => {
  it('is seen where the tag names another digest, asked once for each tag, and gone after the upgrade', async () => {
    const driver = pools.driverOfP
    driver.deployments = [
      summaryOf('web'),
      summaryOf('same', { digest: 'sha256:two' }),
      summaryOf('pinned', { image: { ...imageOf('1'), digest: `sha256:${'0'.repeat(64)}` } }),
      summaryOf('unknown', { digest: null }),
      summaryOf('failing', { image: imageOf('broken') }),
    ]
    await started()
    heads = { '1': 'sha256:two', broken: new AppError('UNAUTHORIZED') }
    const { deployments } = await service.checkDrift(null)
    const drifted = deployments.filter(({ drift }) => drift !== null)
    expect(drifted).toMatchObject([{ id: 'web', drift: { digest: 'sha256:two' } }])
    await vi.advanceTimersByTimeAsync(300)
    expect(told.of('deployment:changed').at(-1)?.deployments[0]?.drift).toMatchObject({
      digest: 'sha256:two',
    })
    expect((await service.read(key)).summary.drift).toMatchObject({ digest: 'sha256:two' })
    await expect(service.checkDrift({ poolId: 'p', id: 'failing' })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
    driver.deployments = [summaryOf('web', { digest: 'sha256:two' })]
    expect((await service.list(true)).deployments[0]?.drift).toBeNull()
  })
})

describe('statistics', () => {
  it('are sampled every five seconds while watched, every fifteen else, and kept for an hour', async () => {
    const driver = pools.driverOfP
    driver.deployments = [summaryOf('web')]
    await started()
    const measure = vi.fn(async () => {
      const at = Date.now()
      const counters = { received: at * 2, sent: at % 100_000 }
      return [{ instanceId: 'c1', name: 'web-1', at, cpu: 0.5, memory: 1000, memoryLimit: null, ...counters }]
    })
    driver.measure = measure
    await vi.advanceTimersByTimeAsync(60_000)
    expect(measure.mock.calls.length).toBe(4)
    expect(told.of('deployment:statistics-changed')).toEqual([])
    service.watch(key)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(measure.mock.calls.length).toBeGreaterThanOrEqual(16)
    expect(measure.mock.calls.length).toBeLessThanOrEqual(18)
    const [first] = told.of('deployment:statistics-changed')
    expect(events['deployment:statistics-changed'].parse(first)).toMatchObject({ poolId: 'p', id: 'web' })
    await vi.advanceTimersByTimeAsync(2 * 3_600_000)
    const [instance] = service.statistics(key).instances
    const samples = instance?.samples ?? []
    expect(samples.length).toBeGreaterThan(700)
    expect(samples.length).toBeLessThan(1000)
    expect((samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0)).toBeLessThanOrEqual(3_600_000)
    expect(samples.at(-1)).toMatchObject({ cpu: 0.5, memory: 1000, received: 2000 })
    expect(samples.every(({ sent }) => sent >= 0)).toBe(true)
  })

  it('are not asked of what does not run', async () => {
    const driver = pools.driverOfP
    driver.deployments = [
      summaryOf('web', { state: 'stopped', instances: { wanted: 1, running: 0, healthy: 0 } }),
    ]
    await started()
    const measure = vi.spyOn(driver, 'measure')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(measure).not.toHaveBeenCalled()
  })
})
