import { toAppError } from '@shared/error'
import type { DeploymentKey, Statistics } from '@shared/running'
import type { Log } from '../log'
import type { Measure, PoolDriver } from './driver'
import { inParallel } from './in-parallel'
import { SampleSeries } from './sample-series'

export interface SamplerOptions {
  driver: (poolId: string) => Promise<PoolDriver>
  /** Deployments that have something to measure. */
  running: () => readonly DeploymentKey[]
  watched: () => readonly DeploymentKey[]
  onChange: (statistics: Statistics) => void
  log: Log
  /** Between samples of what is watched, and of the rest; milliseconds. */
  every?: { watched: number; other: number }
}

interface Series extends DeploymentKey {
  instances: Map<string, SampleSeries>
  revision: number
}

/** How many deployments are measured at a time; each asks for its instances side by side. */
const width = 4

const keyOf = ({ poolId, id }: DeploymentKey): string => `${poolId}\n${id}`

/** The last hour of CPU, memory and network of every deployment, as far as the program was running. */
export class Sampler {
  readonly #options: SamplerOptions
  readonly #every: { watched: number; other: number }
  readonly #series = new Map<string, Series>()
  readonly #busy = new Map<string, Promise<void>>()
  readonly #stop = new AbortController()
  #timers: NodeJS.Timeout[] = []

  constructor(options: SamplerOptions) {
    this.#options = options
    this.#every = options.every ?? { watched: 5000, other: 15_000 }
  }

  start(): void {
    const { watched, other } = this.#every
    this.#timers = [
      setInterval(() => void this.#round(this.#options.watched()), watched),
      setInterval(() => {
        this.#forget()
        const watched = new Set(this.#options.watched().map(keyOf))
        void this.#round(this.#options.running().filter((key) => !watched.has(keyOf(key))))
      }, other),
    ]
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    for (const timer of this.#timers) clearInterval(timer)
    await Promise.all(this.#busy.values())
  }

  read({ poolId, id }: DeploymentKey): Statistics {
    const series = this.#series.get(keyOf({ poolId, id }))
    return {
      poolId,
      id,
      instances: [...(series?.instances ?? [])].map(([instanceId, one]) => one.told(instanceId)),
      revision: series?.revision ?? 0,
    }
  }

  /** Measures one now, unless that is under way. Never rejects. */
  measure(key: DeploymentKey): Promise<void> {
    const running = this.#busy.get(keyOf(key))
    if (running) return running
    const measuring = this.#measure(key).finally(() => this.#busy.delete(keyOf(key)))
    this.#busy.set(keyOf(key), measuring)
    return measuring
  }

  // A round that takes longer than the time between two does not pile up: what is busy is left out.
  async #round(keys: readonly DeploymentKey[]): Promise<void> {
    const idle = keys.filter((key) => !this.#busy.has(keyOf(key)))
    await inParallel(idle, width, (key) => this.measure(key))
  }

  async #measure({ poolId, id }: DeploymentKey): Promise<void> {
    const { signal } = this.#stop
    if (signal.aborted) return
    try {
      const driver = await this.#options.driver(poolId)
      const measures = await driver.measure(id, signal)
      if (!signal.aborted && measures.length > 0) this.#take({ poolId, id }, measures)
    } catch (error) {
      if (signal.aborted) return
      this.#options.log.debug('a deployment was not measured', { poolId, id, code: toAppError(error).code })
    }
  }

  #take(key: DeploymentKey, measures: readonly Measure[]): void {
    const series = this.#series.get(keyOf(key)) ?? { ...key, instances: new Map(), revision: 0 }
    this.#series.set(keyOf(key), series)
    for (const measure of measures) {
      const one = series.instances.get(measure.instanceId) ?? new SampleSeries()
      one.add(measure)
      series.instances.set(measure.instanceId, one)
    }
    series.revision += 1
    const isWatched = this.#options.watched().some((watched) => keyOf(watched) === keyOf(key))
    if (isWatched) this.#options.onChange(this.read(key))
  }

  #forget(): void {
    const now = Date.now()
    for (const [key, { instances }] of this.#series) {
      for (const [id, one] of instances) if (one.isOld(now)) instances.delete(id)
      if (instances.size === 0) this.#series.delete(key)
    }
  }
}
