import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Pool, PoolDraft, PoolList, PoolTestStep } from '@shared/pool'
import { defaultSettings } from '@shared/settings'
import type { PoolDriver } from '../../../../electron/deploy/driver'
import { Pools } from '../../../../electron/deploy/pools/pools'
import { discoverTargets } from '../../../../electron/engine/discovery'
import { silentLog } from '../../../../electron/log'
import { temporaryFolder, type TemporaryFolder } from '../../../lab/temporary'

export interface OpenPools {
  pools: Pools
  folder: TemporaryFolder
  clipboard: string[]
  /** Every list that was told. */
  told: PoolList[]
}

/** Pools in a folder of their own, or in one that is given, which see only what `environment` and that folder name. */
export function openPools(environment: NodeJS.ProcessEnv = {}, folder = temporaryFolder('pools')): OpenPools {
  let settings = defaultSettings
  const clipboard: string[] = []
  const told: PoolList[] = []
  const driver = (connection: PoolDriver['connection']): PoolDriver => ({ connection }) as PoolDriver
  const pools = new Pools({
    folder: folder.join('data'),
    settings: {
      read: () => settings,
      change: (patch) => {
        settings = { ...settings, ...patch }
        return Promise.resolve(settings)
      },
    },
    find: () =>
      discoverTargets({
        environment,
        home: folder.path,
        platform: 'linux',
        uid: null,
        exists: (path) => path.startsWith('/tmp/') && existsSync(path),
      }),
    drivers: { engine: driver, swarm: driver },
    writeClipboard: (text) => clipboard.push(text),
    log: silentLog,
  })
  pools.on((list) => told.push(list))
  onTestFinished(() => {
    pools.stop()
    folder.remove()
  })
  return { pools, folder, clipboard, told }
}

export const draftOf = (name: string, host: string, rest: Partial<PoolDraft> = {}): PoolDraft => ({
  name,
  host,
  certificates: null,
  sshConfig: null,
  ...rest,
})

export function poolNamed({ pools }: PoolList, name: string): Pool {
  const found = pools.find((pool) => pool.name === name)
  if (!found) throw new Error(`no pool ${name} among ${pools.map((pool) => pool.name).join(', ')}`)
  return found
}

/** Writes a context as docker's client keeps it, in the folder that DOCKER_CONFIG names. */
export function writeContext(configFolder: string, name: string, host: string): void {
  const id = createHash('sha256').update(name).digest('hex')
  const folder = join(configFolder, 'contexts/meta', id)
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  )
}

export const states = (steps: PoolTestStep[]): string => steps.map(({ state }) => state).join(' ')
export const failure = (steps: PoolTestStep[]): string | undefined =>
  steps.find(({ state }) => state === 'failed')?.error?.code
