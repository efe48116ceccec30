import { toAppError } from '@shared/error'
import type { DeploymentDetail, DeploymentKey } from '@shared/running'
import type { Log } from '../log'
import type { DriverDetail, PoolDriver } from './driver'

export interface DetailsOptions {
  driver: (poolId: string) => Promise<PoolDriver>
  /** The summary as it is shown, with its drift. */
  decorate: (detail: DriverDetail) => DriverDetail
  onChange: (detail: DeploymentDetail) => void
  log: Log
}

interface Watched extends DeploymentKey {
  count: number
  detail: DeploymentDetail | null
  running: Promise<void> | null
  again: boolean
}

const keyOf = ({ poolId, id }: DeploymentKey): string => `${poolId}\n${id}`

/** Deployments in detail: read when asked for, and kept fresh while they are watched. */
export class Details {
  readonly #options: DetailsOptions
  readonly #watched = new Map<string, Watched>()
  readonly #stop = new AbortController()
  #revision = 0

  constructor(options: DetailsOptions) {
    this.#options = options
  }

  /** As it is now; where the pool cannot be asked, the older state of a watched one with the reason. DEPLOYMENT_UNKNOWN. */
  async read(key: DeploymentKey): Promise<DeploymentDetail> {
    const watched = this.#watched.get(keyOf(key))
    try {
      const detail = await this.#fetch(key)
      if (watched) watched.detail = detail
      return detail
    } catch (error) {
      const known = toAppError(error)
      if (!watched?.detail || known.code === 'DEPLOYMENT_UNKNOWN') throw known
      return { ...watched.detail, error: known.toInfo(), revision: ++this.#revision }
    }
  }

  watch({ poolId, id }: DeploymentKey): void {
    const key = keyOf({ poolId, id })
    const watched = this.#watched.get(key) ?? {
      poolId,
      id,
      count: 0,
      detail: null,
      running: null,
      again: false,
    }
    watched.count += 1
    this.#watched.set(key, watched)
  }

  unwatch(key: DeploymentKey): void {
    const watched = this.#watched.get(keyOf(key))
    if (!watched) return
    watched.count -= 1
    if (watched.count <= 0) this.#watched.delete(keyOf(key))
  }

  unwatchAll(): void {
    this.#watched.clear()
  }

  isWatched(key: DeploymentKey): boolean {
    return this.#watched.has(keyOf(key))
  }

  watched(): DeploymentKey[] {
    return [...this.#watched.values()].map(({ poolId, id }) => ({ poolId, id }))
  }

  /** Reads the watched deployments of a pool again: something in it may have changed. */
  invalidate(poolId: string): void {
    for (const watched of this.#watched.values()) if (watched.poolId === poolId) this.#refresh(watched)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all([...this.#watched.values()].map(({ running }) => running))
  }

  #refresh(watched: Watched): void {
    if (watched.running) {
      watched.again = true
      return
    }
    watched.running = this.#update(watched)
      .catch((error: unknown) => this.#options.log.error('a detail was not told', { error }))
      .finally(() => {
        watched.running = null
        const again = watched.again && this.#watched.get(keyOf(watched)) === watched
        watched.again = false
        if (again && !this.#stop.signal.aborted) this.#refresh(watched)
      })
  }

  async #update(watched: Watched): Promise<void> {
    const before = watched.detail
    try {
      watched.detail = await this.#fetch(watched)
    } catch (error) {
      if (!before || this.#stop.signal.aborted) return
      watched.detail = { ...before, error: toAppError(error).toInfo(), revision: ++this.#revision }
    }
    if (this.#watched.get(keyOf(watched)) !== watched) return
    if (!isSame(before, watched.detail)) this.#options.onChange(watched.detail)
  }

  async #fetch({ poolId, id }: DeploymentKey): Promise<DeploymentDetail> {
    const driver = await this.#options.driver(poolId)
    const detail = this.#options.decorate(await driver.read(id, this.#stop.signal))
    return { ...detail, fetchedAt: Date.now(), error: null, revision: ++this.#revision }
  }
}

function isSame(before: DeploymentDetail | null, after: DeploymentDetail): boolean {
  if (!before) return false
  const plain = ({ fetchedAt: _at, revision: _revision, ...rest }: DeploymentDetail): string =>
    JSON.stringify(rest)
  return plain(before) === plain(after)
}
