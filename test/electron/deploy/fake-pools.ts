import type { Emit, EventName, EventPayload } from '@shared/contract'
import { emptySpec, type DeploymentImage } from '@shared/deployment'
import type { Pool, PoolList } from '@shared/pool'
import type { DeploymentSummary, LogLine, OtherWorkload } from '@shared/running'
import type { DriverDetail, Measure, PoolDriver } from '../../../electron/deploy/driver'
import type { PoolSource } from '../../../electron/deploy/snapshots'

export const imageOf = (tag: string): DeploymentImage => ({
  ...{ reference: `lab.example/web:${tag}`, digest: null, registryId: 'lab', repository: 'web', tag },
  delivery: 'pull',
})

export function summaryOf(id: string, change: Partial<DeploymentSummary> = {}): DeploymentSummary {
  return {
    ...{ poolId: 'p', id, name: id, image: imageOf('1'), digest: 'sha256:one', version: 1, state: 'running' },
    ...{ health: 'none', instances: { wanted: 1, running: 1, healthy: 1 }, createdAt: 1, updatedAt: 1 },
    ...{ addresses: [], drift: null, error: null },
    ...change,
  }
}

/** A driver that answers from its fields, and whose `follow` lasts until `lose` is called. */
export class FakeDriver {
  deployments: DeploymentSummary[] = []
  others: OtherWorkload[] = []
  failure: Error | null = null
  lists = 0
  reads = 0
  measures: Measure[] = []
  changed: () => void = () => {}
  lose: (error: Error) => void = () => {}
  logs: PoolDriver['logs'] = async function* (): AsyncGenerator<LogLine[]> {}
  terminal: PoolDriver['terminal'] = () => Promise.reject(new Error('no terminal'))

  async list(): Promise<{ deployments: DeploymentSummary[]; others: OtherWorkload[] }> {
    this.lists += 1
    if (this.failure) throw this.failure
    return { deployments: this.deployments, others: this.others }
  }

  async read(id: string): Promise<DriverDetail> {
    this.reads += 1
    if (this.failure) throw this.failure
    const summary = this.deployments.find((one) => one.id === id) ?? summaryOf(id)
    const spec = emptySpec(summary.image, summary.name)
    return { poolId: 'p', id, summary, spec, versions: [], instances: [], events: [], limits: [] }
  }

  follow(onChange: () => void, signal: AbortSignal): Promise<void> {
    this.changed = onChange
    return new Promise((done, fail) => {
      this.lose = fail
      signal.addEventListener('abort', () => done(), { once: true })
    })
  }

  async measure(): Promise<Measure[]> {
    return this.measures
  }
}

export class FakePools implements PoolSource {
  states: Record<string, Pool['state']> = { p: 'online' }
  readonly driverOfP = new FakeDriver()
  readonly drivers = new Map<string, FakeDriver>([['p', this.driverOfP]])
  #listeners = new Set<(list: PoolList) => void>()

  list(): PoolList {
    const pools = Object.entries(this.states).map(([id, state]): Pool => {
      const nothing = { error: null, version: null, platform: null, usage: null, fetchedAt: null }
      const fixed = { kind: 'docker' as const, host: `unix:///${id}`, source: 'found' as const, nodes: [] }
      return { id, name: id, state, canBeginSwarm: false, ...fixed, ...nothing }
    })
    return { pools, currentId: null, revision: 0 }
  }

  on(listener: (list: PoolList) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  change(states: Record<string, Pool['state']>): void {
    this.states = states
    for (const listener of this.#listeners) listener(this.list())
  }

  async driver(poolId: string): Promise<PoolDriver> {
    const driver = this.drivers.get(poolId)
    if (!driver) throw new Error(`no pool ${poolId}`)
    if (driver.failure) throw driver.failure
    return driver as unknown as PoolDriver
  }
}

/** An emit that keeps what it was told. */
export function recorder(): { emit: Emit; of<K extends EventName>(name: K): EventPayload<K>[] } {
  const told: { name: EventName; payload: unknown }[] = []
  return {
    emit: (name, payload) => void told.push({ name, payload: structuredClone(payload) }),
    of: <K extends EventName>(name: K) =>
      told.filter((one) => one.name === name).map(({ payload }) => payload as EventPayload<K>),
  }
}
