import { describe, expect, it } from 'vitest'
import type { DeploymentVersion } from '@shared/running'
import type { PoolConnection } from '../../../../electron/deploy/driver'
import { addressesOf } from '../../../../electron/deploy/engine-pool/listed-addresses'
import type { OwnContainer } from '../../../../electron/deploy/engine-pool/listing'
import {
  healthOfStatus,
  Inspect,
  stateOf,
  toInspection,
  type Inspection,
} from '../../../../electron/deploy/engine-pool/state'
import { memberOf, summaryOf } from '../../../../electron/deploy/engine-pool/summary'
import { specOf, versionOf } from './lab-pool'

const now = 1_800_000_000_000
const connection = { poolId: 'p', addressHost: '127.0.0.1', local: true } as PoolConnection

const container = (change: Partial<OwnContainer> = {}): OwnContainer => ({
  ...{ id: 'c1', name: 'web-1', image: 'web:1', imageId: 'sha256:1', createdAt: now - 60_000 },
  ...{ state: 'running', status: 'Up 5 minutes', ports: [], networks: [], labels: {} },
  own: { id: 'a', name: 'web', version: 1, instance: 1, secrets: [] },
  role: 'instance',
  ...change,
})
const inspection = (change: Partial<Inspection> = {}): Inspection => ({
  ...{ state: 'running', health: 'none', startedAt: now - 60_000, finishedAt: null, exitCode: 0 },
  ...{ outOfMemory: false, error: null, restarts: 0, policy: 'unless-stopped', tty: false },
  ...change,
})
const exited = (change: Partial<Inspection>): Inspection =>
  inspection({ state: 'exited', finishedAt: now - 1000, ...change })

describe('an instance', () => {
  it.each([
    ['runs', inspection(), 'running'],
    ['is not healthy yet', inspection({ health: 'starting' }), 'starting'],
    ['began again a moment ago', inspection({ restarts: 3, startedAt: now - 2000 }), 'restarting'],
    ['began again long ago', inspection({ restarts: 3 }), 'running'],
    ['waits to begin again', inspection({ state: 'restarting', finishedAt: now, exitCode: 3 }), 'restarting'],
    ['was stopped and asked for its own code', exited({ exitCode: 1 }), 'exited'],
    ['was stopped without a policy', exited({ exitCode: 143, policy: 'no' }), 'exited'],
    ['ended in failure', exited({ exitCode: 1, policy: 'on-failure' }), 'failed'],
    ['ended well', exited({ policy: 'no' }), 'exited'],
    ['ran out of memory', exited({ exitCode: 137, outOfMemory: true }), 'failed'],
    [
      'could not be started',
      inspection({ state: 'created', error: 'no such file', exitCode: 127 }),
      'failed',
    ],
    ['was never started', inspection({ state: 'created' }), 'created'],
    ['is being removed', inspection({ state: 'removing' }), 'stopping'],
    ['is in a state that nobody knows', inspection({ state: 'odd' }), 'lost'],
  ])('%s', (_what, facts, state) => {
    expect(stateOf(container(), facts, now).state).toBe(state)
  })

  it('has the exit code of its last end, and none while it runs', () => {
    expect(stateOf(container(), exited({ exitCode: 9, policy: 'no' }), now).exitCode).toBe(9)
    expect(
      stateOf(container(), inspection({ finishedAt: now - 90_000, restarts: 1 }), now).exitCode,
    ).toBeNull()
  })

  it('has the health that stands in a list', () => {
    expect(healthOfStatus('Up 2 minutes (health: starting)')).toBe('starting')
    expect(healthOfStatus('Up 2 minutes (healthy)')).toBe('healthy')
    expect(healthOfStatus('Up 2 minutes (unhealthy)')).toBe('unhealthy')
    expect(healthOfStatus('Up 2 minutes')).toBe('none')
  })

  it('has no health where Podman never asked for it', () => {
    const health = (kind: string, Status: string, Log: unknown): string =>
      toInspection(Inspect.parse({ Id: 'c1', State: { Status: 'running', Health: { Status, Log } } }), kind)
        .health
    expect(health('podman', 'starting', null)).toBe('none')
    expect(health('podman', 'starting', [{ ExitCode: 1 }])).toBe('starting')
    expect(health('podman', 'healthy', null)).toBe('healthy')
    expect(health('docker', 'starting', null)).toBe('starting')
  })
})

describe('a deployment', () => {
  const versions: [DeploymentVersion] = [versionOf(1, specOf({ instances: 2 }), 'sha256:d')]
  const summary = (...members: [Partial<OwnContainer>, Inspection | null][]) =>
    summaryOf(
      {
        id: 'a',
        members: members.map(([change, facts]) => memberOf(container(change), facts, now)),
        versions,
      },
      connection,
      'sha256:other',
      now,
    )
  const sick = inspection({ health: 'unhealthy' })
  const failed = exited({ exitCode: 4, policy: 'no' })

  it.each([
    ['running', 'healthy', [inspection({ health: 'healthy' }), inspection({ health: 'healthy' })]],
    ['running', 'none', [inspection(), inspection()]],
    ['starting', 'starting', [inspection({ health: 'starting' }), inspection({ health: 'starting' })]],
    ['degraded', 'unhealthy', [inspection({ health: 'healthy' }), sick]],
    ['degraded', 'none', [inspection(), failed]],
    ['degraded', 'none', [inspection()]],
    ['failed', 'none', [failed, failed]],
    ['stopped', 'none', [exited({}), exited({})]],
    ['starting', 'none', [inspection({ state: 'created' })]],
    ['unknown', 'none', [inspection({ state: 'odd' })]],
  ] as const)('is %s, health %s', (state, health, all) => {
    expect(summary(...all.map((facts): [object, Inspection] => [{}, facts]))).toMatchObject({ state, health })
  })

  it('says why: the exit code, or that it is not healthy', () => {
    expect(summary([{}, failed]).error).toMatchObject({ code: 'CONTAINER_EXITED', context: { exitCode: 4 } })
    expect(summary([{}, inspection()], [{}, sick]).error).toMatchObject({ code: 'NOT_HEALTHY' })
    expect(summary([{}, inspection()], [{}, inspection()]).error).toBeNull()
  })

  it('is updating while a new version is on its way, and not for ever', () => {
    const next = (createdAt: number): [Partial<OwnContainer>, Inspection] => [
      { role: 'next', name: 'web-1.next', createdAt },
      inspection({ health: 'starting' }),
    ]
    const serving: [object, Inspection][] = [
      [{}, inspection()],
      [{}, inspection()],
    ]
    expect(summary(...serving, next(now - 1000))).toMatchObject({
      state: 'updating',
      instances: { running: 2 },
    })
    expect(summary(...serving, next(now - 7_200_000)).state).toBe('running')
    expect(summary(next(now - 1000)).state).toBe('updating')
  })

  it('has the digest of its version rather than the engine’s', () => {
    expect(summary([{}, inspection()]).digest).toBe('sha256:d')
  })
})

describe('addresses', () => {
  const spec = specOf({
    ports: [
      { container: 80, host: null, protocol: 'tcp', scope: 'all', access: 'http' },
      { container: 443, host: 443, protocol: 'tcp', scope: 'all', access: 'https' },
      { container: 53, host: 53, protocol: 'udp', scope: 'all', access: 'tcp' },
    ],
    debugPort: { container: 80, host: 9229 },
  })
  const port = (ip: string | null, inside: number, host: number | null, protocol: 'tcp' | 'udp' = 'tcp') => ({
    ...{ ip, container: inside, host, protocol },
  })

  it('are where the pool is reached, once for both families, the debugger’s last', () => {
    const way = { addressHost: 'build.example', local: false }
    const ports = [
      port('127.0.0.1', 80, 9229),
      port('0.0.0.0', 80, 32_768),
      port('::', 80, 32_768),
      port('0.0.0.0', 53, 53, 'udp'),
      port('0.0.0.0', 443, 443),
      port(null, 8080, null),
    ]
    expect(addressesOf(ports, spec, way)).toMatchObject([
      { url: null, host: 'build.example', port: 53, protocol: 'udp', scope: 'all' },
      { url: 'http://build.example:32768/', container: 80, debug: false },
      { url: 'https://build.example:443/' },
      { url: null, host: '127.0.0.1', port: 9229, scope: 'local', debug: true },
    ])
  })

  it('of IPv6 stand in brackets, and a remote loopback does not open from here', () => {
    const [one] = addressesOf([port(null, 80, 8080)], spec, { addressHost: 'fd00::1', local: false })
    expect(one?.url).toBe('http://[fd00::1]:8080/')
    const ports = spec.ports.map((one) => ({ ...one, scope: 'local' as const }))
    const local = { ...spec, ports, debugPort: null }
    const [remote] = addressesOf([port('127.0.0.1', 80, 8080)], local, { addressHost: 'far', local: false })
    expect(remote).toMatchObject({ url: null, scope: 'local', debug: false })
    const [here] = addressesOf([port('127.0.0.1', 80, 8080)], local, {
      addressHost: '127.0.0.1',
      local: true,
    })
    expect(here?.url).toBe('http://127.0.0.1:8080/')
  })
})
