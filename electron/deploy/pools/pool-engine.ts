import { hostname } from 'node:os'
import type Dockerode from 'dockerode'
import type { AppError } from '@shared/error'
import type { PoolNode, PoolUsage } from '@shared/pool'
import { mostSilent } from '../../engine/connection'
import { isLate, pause, withDeadline } from '../../engine/deadline'
import { dial, giveUp, hangUp } from '../../engine/dial'
import { toEngineError } from '../../engine/error'
import { identify, type Found } from '../../engine/look'
import { sshHostname } from '../../engine/ssh'
import { isLoopback, parseAddress } from '../../engine/target'
import type { Log } from '../../log'
import { onlyNode, readInfo, readNodes, type EngineInfo } from './facts'
import type { Place } from './place'
import { measureContainers, measureDisk, type CpuSample } from './usage'

/** What is known of one engine. */
export interface EngineFacts {
  state: 'unknown' | 'connecting' | 'online' | 'offline'
  error: AppError | null
  found: Found | null
  /** As last told; kept while the engine is away. */
  info: EngineInfo | null
  nodes: PoolNode[]
  /** Why a manager could not list its nodes, say without a leader. */
  swarmError: AppError | null
  usage: PoolUsage | null
  /** Where published ports are reached from here. */
  addressHost: string
  /** Whether the engine is on this computer. */
  local: boolean
  fetchedAt: number | null
}

const patience = 10_000
/** `/system/df` walks over everything that an engine has; milliseconds. */
const diskPatience = 30_000
const diskEvery = 5 * 60_000
const containersEvery = 30_000
const secondSample = 600

/** One engine: asked who it is, what it has and what of it is in use. Never throws; what failed is in `facts.error`. */
export class PoolEngine {
  facts: EngineFacts = {
    state: 'unknown',
    error: null,
    found: null,
    info: null,
    nodes: [],
    swarmError: null,
    usage: null,
    addressHost: '',
    local: false,
    fetchedAt: null,
  }
  /** Looks in a row that found nothing. */
  failures = 0
  /** Those of them that it took no notice of. */
  #silent = 0
  #docker: Dockerode | null = null
  #looking: Promise<void> | null = null
  #measuring: Promise<void> | null = null
  #sample: CpuSample | null = null
  #containersAt = 0
  #diskAt = 0
  readonly #closing = new AbortController()

  constructor(
    /** Its name may change; the way to the engine does not. */
    public place: Place,
    private readonly options: { log: Log; onChange: () => void; now: () => number },
  ) {}

  /** Asks the engine anew; a look that is under way is waited for. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = null))
    return this.#looking
  }

  /** Measures what is in use where the last figures are old, or in any case. */
  measure(inAnyCase: boolean): Promise<void> {
    if (this.facts.state !== 'online') return Promise.resolve()
    this.#measuring ??= this.#measure(inAnyCase)
      .catch((error: unknown) => this.options.log.debug('a pool was not measured', { error: String(error) }))
      .finally(() => (this.#measuring = null))
    return this.#measuring
  }

  /** Looks no more. What others do over its connections goes on, and unused ones end by themselves. */
  leave(): void {
    this.#closing.abort()
  }

  /** Looks no more, and ends every connection. */
  close(): void {
    this.leave()
    if (this.#docker) hangUp(this.#docker)
  }

  async #look(): Promise<void> {
    if (this.facts.state === 'unknown') this.#set({ state: 'connecting' })
    try {
      await this.#meet()
      this.failures = 0
      this.#silent = 0
    } catch (thrown) {
      if (this.#closing.signal.aborted) return
      this.failures += 1
      const error = toEngineError(thrown, { host: this.place.target.endpoint.host }).with({
        pool: this.place.name,
      })
      this.#sample = null
      this.#silent = isLate(error) ? this.#silent + 1 : 0
      if (this.#silent >= mostSilent) this.#giveUp()
      this.#set({ state: 'offline', error, found: null, nodes: [], swarmError: null, usage: null })
    }
  }

  /** Nothing else would ever end what waits for an engine that hangs; the next look begins with a new client. */
  #giveUp(): void {
    const docker = this.#docker
    this.#silent = 0
    this.#docker = null
    if (!docker) return
    this.options.log.warn('a pool does not answer: what waits for it is ended', { pool: this.place.name })
    giveUp(docker)
  }

  async #meet(): Promise<void> {
    const { target } = this.place
    const { signal } = this.#closing
    this.#docker ??= await dial(target)
    const docker = this.#docker
    const found = await identify(docker, target, signal)
    const ask = docker.info as (options: { abortSignal: AbortSignal }) => Promise<unknown>
    const info = readInfo(
      await withDeadline(patience, signal, (abortSignal) => ask.call(docker, { abortSignal })),
    )
    const { nodes, swarmError } = await this.#nodes(docker, info, found.version)
    const reached = await this.#reached(info)
    const usage = this.facts.usage ?? noUsage
    this.#set({
      ...{ state: 'online', error: null, found, info, nodes, swarmError, ...reached },
      usage: {
        ...usage,
        ...{ cpus: info.cpus, memoryBytes: info.memory },
        ...{ containers: info.containers, containersRunning: info.running },
      },
      fetchedAt: this.options.now(),
    })
  }

  async #nodes(
    docker: Dockerode,
    info: EngineInfo,
    version: string,
  ): Promise<Pick<EngineFacts, 'nodes' | 'swarmError'>> {
    if (!info.isManager) return { nodes: [onlyNode(info, version)], swarmError: null }
    const list = docker.listNodes as (options: { abortSignal: AbortSignal }) => Promise<unknown>
    try {
      const answer = await withDeadline(patience, this.#closing.signal, (abortSignal) =>
        list.call(docker, { abortSignal }),
      )
      return { nodes: readNodes(answer), swarmError: null }
    } catch (thrown) {
      return { nodes: [], swarmError: toEngineError(thrown, { pool: this.place.name }) }
    }
  }

  /** A socket leads to this computer; loopback may also be the end of a tunnel, so the engine's own name decides. */
  async #reached(info: EngineInfo): Promise<Pick<EngineFacts, 'addressHost' | 'local'>> {
    const { target } = this.place
    const address = parseAddress(target.endpoint.host, target.tls !== null)
    if (address.kind === 'socket') return { addressHost: '127.0.0.1', local: true }
    const known = this.facts.addressHost
    const name =
      address.kind === 'tcp'
        ? address.hostname.replace(/^\[|\]$/g, '')
        : known || (await sshHostname(address, target.sshConfig ?? null))
    return { addressHost: name, local: isLoopback(name) && info.name === hostname() }
  }

  async #measure(inAnyCase: boolean): Promise<void> {
    const { found, info, local } = this.facts
    if (!found || !info) return
    const { docker } = found
    const { signal } = this.#closing
    const now = this.options.now()
    if (inAnyCase || now - this.#containersAt >= containersEvery) {
      this.#containersAt = now
      await this.#measureContainers(docker)
      // CPU time becomes a figure only between two looks.
      if (inAnyCase && this.facts.usage?.cpusUsed === null && this.#sample) {
        await pause(secondSample, signal)
        await this.#measureContainers(docker)
      }
    }
    if (inAnyCase || now - this.#diskAt >= diskEvery) {
      this.#diskAt = now
      this.#use(await withDeadline(diskPatience, signal, (inner) => measureDisk(docker, info, local, inner)))
    }
  }

  async #measureContainers(docker: Dockerode): Promise<void> {
    const used = await withDeadline(patience, this.#closing.signal, (inner) =>
      measureContainers(docker, this.#sample, inner),
    )
    this.#sample = used.sample
    this.#use({ cpusUsed: used.cpusUsed, memoryUsed: used.memoryUsed })
  }

  #use(change: Partial<PoolUsage>): void {
    if (this.facts.state === 'online') this.#set({ usage: { ...noUsage, ...this.facts.usage, ...change } })
  }

  #set(change: Partial<EngineFacts>): void {
    if (this.#closing.signal.aborted) return
    this.facts = { ...this.facts, ...change }
    this.options.onChange()
  }
}

export const noUsage: PoolUsage = {
  cpus: null,
  cpusUsed: null,
  memoryBytes: null,
  memoryUsed: null,
  diskBytes: null,
  diskUsed: null,
  containers: null,
  containersRunning: null,
}
