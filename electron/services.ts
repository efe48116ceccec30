/** Builds the services by plain constructor arguments and joins them. Knows nothing of Electron. */
import { join } from 'node:path'
import type { Emit } from '@shared/contract'
import { CatalogReader } from './browse/catalog'
import { ImageReader } from './browse/image'
import { RepositoryReader } from './browse/repository'
import { openCache, type Cache } from './cache/cache'
import { Credentials } from './credentials/credentials'
import type { Keychain } from './credentials/keychain'
import { Engine } from './engine/engine'
import { JobTable } from './jobs/job-table'
import { JobQueue } from './jobs/queue'
import { Registries } from './registries/registries'
import { RegistryStore } from './store/registries'
import { SettingsStore } from './store/settings'
import type { Log } from './log'

export interface ServiceOptions {
  /** The program's data folder. */
  folder: string
  home: string
  environment: NodeJS.ProcessEnv
  platform: NodeJS.Platform
  keychain: Keychain
  emit: Emit
  log: Log
}

export interface Services {
  settings: SettingsStore
  credentials: Credentials
  registries: Registries
  engine: Engine
  cache: Cache
  catalogs: CatalogReader
  repositories: RepositoryReader
  images: ImageReader
  queue: JobQueue
  /** Ends what runs and closes what is open; a running job is kept as interrupted. */
  stop(): Promise<void>
}
