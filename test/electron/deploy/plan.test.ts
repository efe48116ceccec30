import { describe, expect, it } from 'vitest'
import { emptySpec, type DeploymentSpec } from '@shared/deployment'
import { DeploymentPlan } from '@shared/running'
import type { PoolFacts } from '../../../electron/deploy/driver'
import { imageOf } from '../../../electron/deploy/model/image'
import { freePort, planOf } from '../../../electron/deploy/plan'
import { fullSpec } from './model/some-spec'

const facts = (rest: Partial<PoolFacts> = {}): PoolFacts => ({
  usedPorts: new Map(),
  names: new Set(),
  networks: new Set(['bridge', 'front', 'back']),
  ...{ imagePresent: true, cpus: 4, memoryBytes: 8 * 2 ** 30, nodes: 1, platform: 'linux/amd64' },
  ...rest,
})
const port = (
  container: number,
  host: number | null,
  scope: 'all' | 'local' = 'all',
): DeploymentSpec['ports'][0] => ({
  ...{ container, host, scope, protocol: 'tcp', access: 'http' },
})
const specOf = (rest: Partial<DeploymentSpec> = {}): DeploymentSpec => ({
  ...emptySpec(imageOf('localhost:5000/app:1'), 'app'),
  ...rest,
})
const problems = (
  spec: DeploymentSpec,
  rest: Partial<PoolFacts> = {},
  { kind = 'docker', isChange = false }: { kind?: 'docker' | 'swarm'; isChange?: boolean } = {},
): string[] =>
  planOf({ spec, kind, facts: facts(rest), isChange }).problems.map(
    ({ path, problem, severity, text, proposal }) =>
      `${path} ${problem} ${severity} ${text ?? '-'} ${proposal ?? '-'}`,
  )

describe('a plan', () => {
  it('has nothing against what can be done', () => {
    const plan = planOf({
      spec: specOf({ ports: [port(80, 8080)] }),
      kind: 'docker',
      facts: facts(),
      isChange: false,
    })
    expect(plan.problems).toEqual([])
    expect(plan.imagePresent).toBe(true)
    expect(plan.command).toContain('docker run')
    expect(plan.compose).toContain('services:')
    expect(plan.description).toContain('name: app')
    expect(DeploymentPlan.parse(plan)).toEqual(plan)
  })

  it('proposes a free port for each that is taken', () => {
    const spec = specOf({ ports: [port(80, 8080), port(81, 8081), port(82, null), port(83, 443)] })
    const usedPorts = new Map([
      ['8080/tcp', 'web'],
      ['8082/tcp', 'x'],
      ['8081/tcp', ''],
      ['443/tcp', 'proxy'],
      ['8080/udp', 'y'],
    ])
    expect(problems(spec, { usedPorts })).toEqual([
      'ports.0.host host-port-used error 8080/tcp (web) 8083',
      'ports.1.host host-port-used error 8081/tcp 8084',
      'ports.3.host host-port-used error 443/tcp (proxy) 8443',
    ])
  })

  it('tells what a fixed host port costs on one engine, and not on a swarm', () => {
    const spec = specOf({ ports: [port(80, 8080)], debugPort: { container: 9229, host: 9229 } })
    expect(problems({ ...spec, instances: 2 })).toEqual([
      'ports.0.host host-port-instances error 8080/tcp -',
      'debugPort.host host-port-instances error 9229/tcp -',
    ])
    expect(problems({ ...spec, debugPort: null }, {}, { isChange: true })).toEqual([
      'ports.0.host fixed-port-interrupts warning 8080/tcp -',
    ])
    const swarm = { ...spec, debugPort: null, instances: 2 }
    expect(problems(swarm, {}, { kind: 'swarm', isChange: true })).toEqual([])
  })

  it('knows which names are taken: of containers by number, of a service the name itself', () => {
    const spec = specOf({ instances: 2 })
    expect(problems(spec, { names: new Set(['app-2']) })).toEqual(['name name-taken error app-2 -'])
    expect(problems(spec, { names: new Set(['app']) })).toEqual([])
    expect(problems(spec, { names: new Set(['app']) }, { kind: 'swarm' })).toEqual([
      'name name-taken error app -',
    ])
  })

  it('knows what is more than the pool has', () => {
    const spec = specOf({
      instances: 3,
      cpu: { limit: 8, reservation: 2, weight: null },
      memory: { limit: 16 * 2 ** 30, reservation: 4 * 2 ** 30 },
    })
    expect(problems(spec)).toEqual([
      'cpu.reservation cpu-beyond-pool warning 4 -',
      'cpu.limit cpu-beyond-pool error 4 -',
      'memory.reservation memory-beyond-pool warning 8Gi -',
      'memory.limit memory-beyond-pool warning 8Gi -',
    ])
    expect(problems(spec, {}, { kind: 'swarm' }).map((line) => line.split(' ')[2])).toEqual([
      ...['error', 'warning', 'error', 'warning'],
    ])
    expect(problems(spec, { cpus: null, memoryBytes: null })).toEqual([])
  })

  it('knows missing networks and foreign platforms', () => {
    const spec = specOf({ networks: ['front', 'gone'], platform: 'linux/arm64/v8' })
    expect(problems(spec)).toEqual([
      'networks.1 network-missing warning gone -',
      'platform platform-unsupported warning linux/amd64 -',
    ])
    expect(problems({ ...spec, networks: [] }, { nodes: 2 }, { kind: 'swarm' })).toEqual([])
    expect(problems({ ...spec, networks: [], platform: 'linux/amd64/v2' })).toEqual([])
  })

  it('tells what a swarm does not do', () => {
    const found = problems({ ...fullSpec(), instances: 1 }, { nodes: 2 }, { kind: 'swarm' })
    expect(found).toContain('ports.1.scope local-scope-unsupported error - -')
    expect(found).toContain('volumes.2.source folder-on-every-node warning /srv/www -')
  })

  it('still gives its texts where the pool could not be asked', () => {
    const error = { code: 'ENGINE_STOPPED', context: {}, detail: null } as const
    const plan = planOf({ spec: fullSpec(), kind: 'podman', facts: null, isChange: false, error })
    expect(plan).toMatchObject({ problems: [], usedPorts: [], imagePresent: false, error })
    expect(plan.command).toContain('podman create')
  })
})

it('finds no free port where there is none', () => {
  expect(freePort(65_535, 'tcp', new Set())).toBeNull()
  expect(freePort(65_534, 'tcp', new Set(['65535/tcp']))).toBeNull()
  expect(freePort(80, 'tcp', new Set(['8080/tcp']))).toBe(8081)
})
