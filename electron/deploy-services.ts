/** Builds what deploying needs and joins it; loaded at the first use. */
import type { Emit } from '@shared/contract'
import type { DeploymentImage } from '@shared/deployment'
import { isDigest, parseReference } from '@shared/reference'
import { Deployments } from './deploy/deployments'
import { EnginePoolDriver } from './deploy/engine-pool/driver'
import { Pools } from './deploy/pools/pools'
import { SwarmPoolDriver } from './deploy/swarm-pool/driver'
import { discoverTargets } from './engine/discovery'
import { registryOf } from './jobs/deploy'
import { ask, digestOf } from './jobs/registry-access'
import type { Log } from './log'
import type { Registries } from './registries/registries'
import type { SettingsStore } from './store/settings'

export interface DeployServiceOptions {
  /** The program's data folder. */
  folder: string
  home: string
  environment: NodeJS.ProcessEnv
  platform: NodeJS.Platform
  settings: SettingsStore
  registries: Registries
  writeClipboard: (text: string) => void
  emit: Emit
  log: Log
}

export interface DeployServices {
  pools: Pools
  deployments: Deployments
  start(): void
  stop(): Promise<void>
}

/** Opens the list of pools; no engine is asked before `start`. */
export function createDeployServices(options: DeployServiceOptions): DeployServices {
  const { folder, home, environment, platform, settings, registries, writeClipboard, emit, log } = options
  const uid = process.getuid?.() ?? null
  const pools = new Pools({
    ...{ folder, settings, writeClipboard, log },
    find: () => discoverTargets({ environment, home, platform, uid }),
    drivers: {
      engine: (connection) => new EnginePoolDriver(connection),
      swarm: (connection) => new SwarmPoolDriver(connection),
    },
  })
  const headDigest = (image: DeploymentImage): Promise<string | null> => tagDigest(registries, image)
  const deployments = new Deployments({ pools, headDigest, emit, log })
  pools.on((list) => emit('pool:changed', list))
  return {
    pools,
    deployments,
    start() {
      pools.start()
      deployments.start()
    },
    async stop() {
      await deployments.stop()
      pools.stop()
    },
  }
}

/** The digest that an image's tag names at its registry now; null where it is from none of ours, or has no tag. */
async function tagDigest(registries: Registries, image: DeploymentImage): Promise<string | null> {
  const registryId = registryOf(registries, image)
  const parsed = parseReference(image.reference)
  const repository = image.repository ?? parsed?.repository
  const tag = image.tag ?? parsed?.tag
  if (registryId === null || !repository || !tag || isDigest(tag)) return null
  return ask(registries, { registryId, repository }, (client) => digestOf(client, repository, tag))
}
