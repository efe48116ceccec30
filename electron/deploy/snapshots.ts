import { AppError } from '@shared/error'
import type { PoolList } from '@shared/pool'
import type { DeploymentKey, DeploymentList, DeploymentSummary } from '@shared/running'
import type { Log } from '../log'
import type { PoolDriver } from './driver'
import { PoolSnapshot } from './pool-snapshot'

/** The pools, as far as what runs in them needs them. */
export interface PoolSource {
  list(): PoolList
  on(listener: (list: PoolList) => void): () => void
  driver(poolId: string): Promise<PoolDriver>
}

export interface SnapshotsOptions {
  pools: PoolSource
  /** The list changed; at most four times a second. */
  onChange: () => void
  /** A pool was looked at: what is known of its deployments in detail may be old. */
  onLook: (poolId: string) => void
  log: Log
}

/** At least this long between two tellings of a change; milliseconds. */
const calm = 250

/** What runs in every pool. */
export class Snapshots {
  readonly #options: SnapshotsOptions
  readonly #pools = new Map<string, PoolSnapshot>()
  #online = new Set<string>()
  #off: () => void = () => {}
  #timer: NodeJS.Timeout | undefined
  #toldAt = 0
  #stopped = false

  constructor(options: SnapshotsOptions) {
    this.#options = options
  }

  start(): void {
    this.#off = this.#options.pools.on((list) => this.#take(list))
    this.#take(this.#options.pools.list())
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#off()
    clearTimeout(this.#timer)
    await Promise.all([...this.#pools.values()].map((pool) => pool.stop()))
  }

  /** Asks every pool and waits for the answers; a failure stands in its state. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.refresh()))
  }

  deployments(): DeploymentSummary[] {
    return [...this.#pools.values()].flatMap(({ state }) => state.deployments)
  }

  others(): DeploymentList['others'] {
    return [...this.#pools.values()].flatMap(({ state }) => state.others)
  }

  pools(): DeploymentList['pools'] {
    return [...this.#pools].map(([poolId, { state }]) => ({
      poolId,
      fetchedAt: state.fetchedAt,
      error: state.error,
    }))
  }

  /** DEPLOYMENT_UNKNOWN. */
  find({ poolId, id }: DeploymentKey): DeploymentSummary {
    const found = this.#pools.get(poolId)?.state.deployments.find((one) => one.id === id)
    if (!found) throw new AppError('DEPLOYMENT_UNKNOWN', { side: 'pool', deployment: id })
    return found
  }

  #take({ pools }: PoolList): void {
    if (this.#stopped) return
    const before = this.#online
    this.#online = new Set(pools.filter(({ state }) => state === 'online').map(({ id }) => id))
    const wanted = new Set(pools.map(({ id }) => id))
    for (const [id, pool] of this.#pools) {
      if (wanted.has(id)) continue
      this.#pools.delete(id)
      pool.stop().catch((error: unknown) => this.#options.log.warn('a pool did not stop', { error }))
      this.tell()
    }
    for (const id of wanted) {
      const known = this.#pools.get(id)
      if (!known) this.#add(id)
      else if (this.#online.has(id) && !before.has(id)) known.retry()
    }
  }

  #add(poolId: string): void {
    const { pools, log, onLook } = this.#options
    const pool = new PoolSnapshot({
      poolId,
      driver: () => pools.driver(poolId),
      onLook: (changed) => {
        if (changed) this.tell()
        onLook(poolId)
      },
      log,
    })
    this.#pools.set(poolId, pool)
    pool.start()
  }

  /** Tells of a change: at once after a quiet time, else when a quarter of a second is over. */
  tell(): void {
    if (this.#timer || this.#stopped) return
    const wait = Math.max(0, this.#toldAt + calm - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#toldAt = performance.now()
      this.#options.onChange()
    }, wait)
  }
}
