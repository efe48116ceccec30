import { randomUUID } from 'node:crypto'
import type Dockerode from 'dockerode'
import { AppError } from '@shared/error'
import type { PoolDraft, PoolList, PoolTestStep } from '@shared/pool'
import type { Target } from '../../engine/target'
import type { Log } from '../../log'
import { Listeners } from '../../store/listeners'
import type { SettingsStore } from '../../store/settings'
import type { PoolConnection, PoolDriver } from '../driver'
import { EngineSet } from './engine-set'
import { hostKey } from './place'
import type { PoolEngine } from './pool-engine'
import { poolsOf, splitPoolId, swarmIdOf, swarmNameOf } from './pool-list'
import { PoolStore, type StoredPool } from './store'
import { beginSwarm, changeNode, joinCommand, type NodeAction } from './swarm'
import { testPool } from './test-steps'

export interface PoolsOptions {
  /** The program's data folder. */
  folder: string
  settings: Pick<SettingsStore, 'read' | 'change'>
  /** Every place where an engine may be, asked anew at each look. */
  find: () => Target[]
  drivers: {
    engine: (connection: PoolConnection) => PoolDriver
    swarm: (connection: PoolConnection) => PoolDriver
  }
  writeClipboard: (text: string) => void
  log: Log
  now?: () => number
}

/**
 * The places to deploy to: engines that were found or added, and the swarms that they manage. Each engine is asked on its own,
 * so that one that hangs keeps no other waiting. Unknown ids: POOL_UNKNOWN.
 */
export class Pools {
  readonly #options: PoolsOptions
  readonly #store: PoolStore
  readonly #listeners = new Listeners<PoolList>()
  readonly #engines: EngineSet
  readonly #drivers = new Map<string, { connection: PoolConnection; driver: PoolDriver | null }>()
  #told = ''
  #revision = 0

  constructor(options: PoolsOptions) {
    this.#options = options
    this.#store = new PoolStore(options.folder, options.log)
    const { find, log, now = Date.now } = options
    const stored = (): StoredPool[] => this.#store.list()
    this.#engines = new EngineSet({ stored, find, log, now, onChange: () => void this.#tell() })
  }

  /** Begins to look at the engines; returns at once and never throws. */
  start(): void {
    this.#engines.start()
  }

  stop(): void {
    this.#engines.stop()
  }

  /** As far as it is known now. */
  list(): PoolList {
    const { pool: chosen } = this.#options.settings.read()
    const pools = poolsOf(this.#engines.all(), chosen)
    const current =
      pools.find(({ id }) => id === chosen) ?? pools.find(({ state }) => state === 'online') ?? pools[0]
    return { pools, currentId: current?.id ?? null, revision: this.#revision }
  }

  on(listener: (list: PoolList) => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Asks the pools anew, all or one; resolves when they answered or could not. */
  async refresh(id: string | null): Promise<PoolList> {
    const all = this.#engines.all(true)
    const engines = id === null ? all : [this.#engine(id)]
    await Promise.all(engines.map((engine) => this.#engines.ask(engine, true)))
    return this.list()
  }

  /** Where Deploy goes from now on. */
  async choose(id: string): Promise<PoolList> {
    this.name(id)
    await this.#options.settings.change({ pool: id })
    return this.#tell()
  }

  /** Adds an engine, or gives one that was found a name; POOL_DUPLICATE where it was added before. Asks it at once. */
  async add(draft: PoolDraft): Promise<PoolList> {
    const key = hostKey(draft.host)
    this.#refuseDuplicate(draft, null)
    const found = this.#engines.all().find(({ place }) => hostKey(place.target.endpoint.host) === key)
    const id = found?.place.id ?? randomUUID()
    await this.#store.put({ ...draft, id })
    return this.#changed(id)
  }

  /** Takes over a draft; one that was found counts as added from then on. */
  async change(id: string, draft: PoolDraft): Promise<PoolList> {
    const { engineId } = splitPoolId(id)
    this.#engine(id)
    this.#refuseDuplicate(draft, engineId)
    await this.#store.put({ ...draft, id: engineId })
    return this.#changed(engineId)
  }

  /** Forgets an engine that was added; POOL_UNSUPPORTED for one that was found. Nothing is done to the engine. */
  async remove(id: string): Promise<PoolList> {
    const { place } = this.#engine(id)
    if (place.source === 'found') {
      const detail =
        'This engine was found on this computer. It goes from the list when it is not there any more.'
      throw new AppError('POOL_UNSUPPORTED', { side: 'pool', pool: place.name }, { detail })
    }
    await this.#store.remove(place.id)
    this.#engines.all(true)
    return this.#tell()
  }

  test(draft: PoolDraft): Promise<PoolTestStep[]> {
    return testPool(draft)
  }

  async beginSwarm(id: string, address: string | null): Promise<PoolList> {
    const engine = this.#engine(id)
    await beginSwarm(await this.#docker(engine), address)
    return this.#askAgain(engine)
  }

  /** Puts the command with which another host joins into the clipboard: it holds a secret. */
  async copyJoinCommand(id: string, role: 'worker' | 'manager'): Promise<void> {
    const engine = await this.#manager(id)
    const managers = engine.facts.info?.managers ?? []
    this.#options.writeClipboard(await joinCommand(await this.#docker(engine), role, managers))
  }

  async changeNode(id: string, nodeId: string, action: NodeAction): Promise<PoolList> {
    const engine = await this.#manager(id)
    await changeNode(await this.#docker(engine), nodeId, action)
    return this.#askAgain(engine)
  }

  name(id: string): string {
    const { engineId, swarm } = splitPoolId(id)
    const { name } = this.#engine(engineId).place
    return swarm ? swarmNameOf(name) : name
  }

  /** The way to a pool, which is asked first where it is not known to answer; rejects with the reason why it does not. */
  async connection(id: string): Promise<PoolConnection> {
    const engine = this.#engine(id)
    const { swarm } = splitPoolId(id)
    if (engine.facts.state !== 'online') await this.#engines.ask(engine, false)
    const { found, info, error, addressHost, local } = engine.facts
    if (!found || !info) throw this.#copy(error, engine)
    if (swarm && !info.isManager)
      throw new AppError('SWARM_NEEDED', { side: 'pool', pool: engine.place.name })
    const connection: PoolConnection = {
      poolId: id,
      name: this.name(id),
      kind: swarm ? 'swarm' : found.product,
      docker: found.docker,
      target: engine.place.target,
      version: found.version,
      nodeId: info.nodeId,
      addressHost,
      local,
      peers: () => this.#peers(),
    }
    const known = this.#drivers.get(id)
    if (known && isSame(known.connection, connection)) return known.connection
    this.#drivers.set(id, { connection, driver: null })
    return connection
  }

  async driver(id: string): Promise<PoolDriver> {
    const connection = await this.connection(id)
    const known = this.#drivers.get(id)
    if (known?.connection === connection && known.driver) return known.driver
    const { engine, swarm } = this.#options.drivers
    const driver = connection.kind === 'swarm' ? swarm(connection) : engine(connection)
    this.#drivers.set(id, { connection, driver })
    return driver
  }

  #peers(): ReadonlyMap<string, Dockerode> {
    const peers = new Map<string, Dockerode>()
    for (const { facts } of this.#engines.all()) {
      const { found, info } = facts
      if (found && info?.nodeId) peers.set(info.nodeId, found.docker)
    }
    return peers
  }

  async #askAgain(engine: PoolEngine): Promise<PoolList> {
    await engine.look()
    return this.list()
  }

  async #changed(engineId: string): Promise<PoolList> {
    this.#engines.all(true)
    this.#tell()
    const engine = this.#engines.find(engineId)
    if (engine) await this.#engines.ask(engine, false)
    return this.list()
  }

  #refuseDuplicate(draft: PoolDraft, ownId: string | null): void {
    const key = hostKey(draft.host)
    const twice = this.#store.list().some(({ id, host }) => id !== ownId && hostKey(host) === key)
    if (twice) throw new AppError('POOL_DUPLICATE', { side: 'pool', pool: draft.name, host: draft.host })
  }

  #engine(id: string): PoolEngine {
    const { engineId } = splitPoolId(id)
    const found = this.#engines.find(engineId)
    if (!found) throw new AppError('POOL_UNKNOWN', { side: 'pool' })
    return found
  }

  async #manager(id: string): Promise<PoolEngine> {
    await this.connection(swarmIdOf(splitPoolId(id).engineId))
    return this.#engine(id)
  }

  async #docker(engine: PoolEngine): Promise<Dockerode> {
    return (await this.connection(engine.place.id)).docker
  }

  #copy(error: AppError | null, engine: PoolEngine): AppError {
    const context = { side: 'pool' as const, pool: engine.place.name }
    if (!error) return new AppError('ENGINE_STOPPED', context)
    return new AppError(error.code, { ...error.context, ...context }, { detail: error.detail })
  }

  #tell(): PoolList {
    const list = this.list()
    const text = JSON.stringify([list.pools, list.currentId])
    if (this.#engines.stopped || text === this.#told) return list
    this.#told = text
    this.#revision += 1
    const next = { ...list, revision: this.#revision }
    this.#listeners.tell(next)
    return next
  }
}

const isSame = (a: PoolConnection, b: PoolConnection): boolean =>
  a.docker === b.docker &&
  a.kind === b.kind &&
  a.name === b.name &&
  a.version === b.version &&
  a.nodeId === b.nodeId &&
  a.addressHost === b.addressHost
