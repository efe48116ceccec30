/** Builds the services by plain constructor arguments and joins them. Knows nothing of Electron. */
import type { Emit } from '@shared/contract'
import { Browse } from './browse/browse'
import { SearchReader } from './browse/search'
import { openCache } from './cache/cache'
import { FolderLock } from './cache/folder-lock'
import { Credentials } from './credentials/credentials'
import { findDockerLogin } from './credentials/docker-login'
import type { Keychain } from './credentials/keychain'
import type { DeployServices } from './deploy-services'
import { Engine } from './engine/engine'
import { JobTable } from './jobs/job-table'
import { createJobs, type Jobs } from './jobs/jobs'
import { type AskSystem, proxyFromEnvironment, proxyFromSystem } from './registry/proxy'
import { Registries } from './registries/registries'
import { PlacesStore } from './store/places'
import { RegistryStore } from './store/registries'
import type { SettingsStore } from './store/settings'
import type { Log } from './log'
import { Later } from './later'

export interface ServiceOptions {
  /** The program's data folder. */
  folder: string
  home: string
  environment: NodeJS.ProcessEnv
  platform: NodeJS.Platform
  keychain: Keychain
  /** Read before anything else: the window's looks depend on them. */
  settings: SettingsStore
  writeClipboard: (text: string) => void
  /** Asks the system for the proxy of an address; only the environment is asked where not given. */
  askProxy?: AskSystem
  emit: Emit
  log: Log
}

/** The first screen does not wait for pools to be looked at, milliseconds; a call about them begins it at once. */
const deployAfter = 1500

export interface Services extends Omit<Jobs, 'start' | 'stop'> {
  settings: SettingsStore
  credentials: Credentials
  registries: Registries
  engine: Engine
  browse: Browse
  search: SearchReader
  places: PlacesStore
  /** Pools and what runs in them: loaded at the first use. */
  deploy: Later<DeployServices>
  /** Connects to the engine and goes on with the jobs that waited. */
  start(): void
  /** Ends what runs and closes what is open; a running job is kept as interrupted. */
  stop(): Promise<void>
}

/** Opens the stores and joins the services; nothing is asked of a registry or an engine before `start`. */
export function createServices({
  folder,
  home,
  environment,
  platform,
  keychain,
  settings,
  writeClipboard,
  askProxy,
  emit,
  log,
}: ServiceOptions): Services {
  const lock = new FolderLock(folder)
  const credentials = new Credentials(keychain)
  const registries = new Registries({
    store: new RegistryStore(folder, log),
    credentials,
    dockerLogin: (host) => findDockerLogin(host, { environment, home }),
    proxyFor: askProxy ? proxyFromSystem(environment, askProxy) : proxyFromEnvironment(environment),
    log,
  })
  const cache = openCache(folder, log)
  const table = new JobTable(folder, log)
  const engine = new Engine({ environment, home, platform, choice: settings.read().engine, log })

  const browse = new Browse({ cache, registries, emit, log })
  const search = new SearchReader({ cache, registries: () => registries.snapshot().registries })
  const places = new PlacesStore(folder, log)

  const deploy = new Later(async () => {
    const { createDeployServices } = await import('./deploy-services')
    const parts = { folder, home, environment, platform, settings, registries, writeClipboard, emit, log }
    const made = createDeployServices(parts)
    made.start()
    return made
  })

  const readAgain = (repository: string, reading: Promise<void>): void => {
    reading.catch((error: unknown) =>
      log.warn('a changed repository was not read again', { repository, error }),
    )
  }
  const jobs = createJobs({
    folder,
    table,
    registries,
    engine,
    pools: {
      // Every call about pools loads them; a job's name of its pool is for display.
      name: (poolId) => deploy.made?.pools.name(poolId) ?? poolId,
      list: () => deploy.made?.pools.list() ?? { pools: [], currentId: null, revision: 0 },
      driver: async (poolId) => (await deploy.get()).pools.driver(poolId),
    },
    credentials,
    cache,
    emit,
    log,
    onPushed: (registryId, repository, tag) =>
      readAgain(repository, browse.noteChanged(registryId, repository, tag)),
    onDeleted: (registryId, repository, tag) =>
      readAgain(repository, browse.repositories.noteChanged(registryId, repository, tag)),
  })

  settings.on((value) => emit('settings:changed', value))
  registries.on((list) => emit('registry:changed', list))
  places.on((all) => emit('place:changed', all))
  engine.on('state', (state) => emit('engine:changed', state))
  engine.on('images', (list) => emit('local-image:changed', list))

  let deployTimer: NodeJS.Timeout | undefined
  let forgetting: Promise<unknown> | undefined

  return {
    settings,
    credentials,
    registries,
    engine,
    browse,
    search,
    places,
    deploy,
    ...jobs,
    start() {
      // The log has why, and the window how many are left.
      forgetting = registries.forgetLeft().catch(() => undefined)
      engine.start()
      jobs.start()
      const begin = (): void =>
        void deploy.get().catch((error: unknown) => log.error('the pools are not there', { error }))
      deployTimer = setTimeout(begin, deployAfter)
    },
    async stop() {
      clearTimeout(deployTimer)
      await jobs.stop()
      await Promise.all([forgetting, browse.stop(), engine.stop(), deploy.close((made) => made.stop())])
      registries.close()
      table.close()
      cache.close()
      lock.release()
    },
  }
}
