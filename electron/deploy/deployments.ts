import type { Emit } from '@shared/contract'
import type { DeploymentImage } from '@shared/deployment'
import type {
  DeploymentDetail,
  DeploymentKey,
  DeploymentList,
  DeploymentSummary,
  Statistics,
} from '@shared/running'
import type { Log } from '../log'
import { Details } from './details'
import { Drift } from './drift'
import type { PoolDriver } from './driver'
import { LogStreams } from './log-streams'
import { Sampler } from './sampler'
import { saveLog } from './saved-log'
import { Snapshots, type PoolSource } from './snapshots'
import { Terminals } from './terminals'

export type { PoolSource } from './snapshots'

export interface DeploymentsOptions {
  pools: PoolSource
  /** The manifest digest that the image's tag names now; null: not known. */
  headDigest: (image: DeploymentImage) => Promise<string | null>
  emit: Emit
  log: Log
}

/** How often the registries are asked where the deployed tags point; milliseconds. */
const driftEvery = 15 * 60_000
/** The first time, when the pools have had a moment to answer. */
const driftFirst = 20_000

/** What runs in the pools: found by its labels, followed, measured, read and entered. Nothing of it is kept on disk. */
export class Deployments {
  readonly logs: LogStreams
  readonly terminals: Terminals
  readonly #options: DeploymentsOptions
  readonly #snapshots: Snapshots
  readonly #details: Details
  readonly #drift: Drift
  readonly #sampler: Sampler
  #revision = 0
  #driftTimer: NodeJS.Timeout | undefined
  readonly #stop = new AbortController()

  constructor(options: DeploymentsOptions) {
    this.#options = options
    const { pools, emit, log } = options
    const driver = (poolId: string): Promise<PoolDriver> => pools.driver(poolId)
    this.logs = new LogStreams({ driver, emit, log })
    this.terminals = new Terminals({ driver, emit, log })
    this.#drift = new Drift(options)
    this.#snapshots = new Snapshots({
      ...{ pools, log },
      onChange: () => this.#tell(),
      onLook: (poolId) => this.#details.invalidate(poolId),
    })
    this.#details = new Details({
      ...{ driver, log },
      decorate: (detail) => ({ ...detail, summary: this.#drift.apply(detail.summary) }),
      onChange: (detail) => emit('deployment:detail-changed', detail),
    })
    this.#sampler = new Sampler({
      ...{ driver, log },
      running: () => this.#snapshots.deployments().filter(({ instances }) => instances.running > 0),
      watched: () => this.#details.watched(),
      onChange: (statistics) => emit('deployment:statistics-changed', statistics),
    })
  }

  /** Follows the pools; returns at once and never throws. */
  start(): void {
    this.#snapshots.start()
    this.#sampler.start()
    this.#nextDrift(driftFirst)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#driftTimer)
    await Promise.all([
      this.logs.closeAll(),
      this.terminals.closeAll(),
      this.#snapshots.stop(),
      this.#details.stop(),
      this.#sampler.stop(),
    ])
  }

  /** The window was closed or loaded anew: nobody takes logs, terminals and details any more. */
  async forgetWindow(): Promise<void> {
    this.#details.unwatchAll()
    await Promise.all([this.logs.closeAll(), this.terminals.closeAll()])
  }

  /** As far as it is known; `refresh` asks the pools and waits for them. A pool that fails keeps its last list. */
  async list(refresh = false): Promise<DeploymentList> {
    if (refresh) await this.#snapshots.refresh()
    return this.current
  }

  get current(): DeploymentList {
    return {
      deployments: this.#snapshots.deployments().map((one) => this.#drift.apply(one)),
      others: this.#snapshots.others(),
      pools: this.#snapshots.pools(),
      revision: this.#revision,
    }
  }

  /** A deployment as it was last listed; DEPLOYMENT_UNKNOWN. */
  find(key: DeploymentKey): DeploymentSummary {
    return this.#drift.apply(this.#snapshots.find(key))
  }

  /** See `Details.read`. */
  read(key: DeploymentKey): Promise<DeploymentDetail> {
    return this.#details.read(key)
  }

  watch(key: DeploymentKey): void {
    this.#details.watch(key)
    void this.#sampler.measure(key)
  }

  unwatch(key: DeploymentKey): void {
    this.#details.unwatch(key)
  }

  /** The last hour, as far as the program was running. */
  statistics(key: DeploymentKey): Statistics {
    return this.#sampler.read(key)
  }

  /** Asks the registries which digests the deployed tags name now. For one deployment a failure rejects. DEPLOYMENT_UNKNOWN. */
  async checkDrift(key: DeploymentKey | null): Promise<DeploymentList> {
    const asked = key ? [this.#snapshots.find(key)] : this.#snapshots.deployments()
    const before = JSON.stringify(this.current.deployments)
    await this.#drift.check(asked, key !== null)
    if (JSON.stringify(this.current.deployments) !== before) {
      this.#snapshots.tell()
      for (const poolId of new Set(asked.map((one) => one.poolId))) this.#details.invalidate(poolId)
    }
    return this.current
  }

  /** Writes a deployment's whole log to a file; see `saveLog`. */
  async saveLog(request: DeploymentKey & { instanceId: string | null }, path: string): Promise<void> {
    const driver = await this.#options.pools.driver(request.poolId)
    await saveLog(driver, request, path, this.#stop.signal)
  }

  #tell(): void {
    this.#revision += 1
    this.#options.emit('deployment:changed', this.current)
  }

  #nextDrift(wait: number): void {
    if (this.#stop.signal.aborted) return
    this.#driftTimer = setTimeout(() => {
      this.checkDrift(null)
        .catch((error: unknown) => this.#options.log.warn('the tags were not asked for', { error }))
        .finally(() => this.#nextDrift(driftEvery))
    }, wait)
    this.#driftTimer.unref()
  }
}
