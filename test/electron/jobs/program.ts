import { readFileSync } from 'node:fs'
import { AppError } from '@shared/error'
import type { Job, JobRequest } from '@shared/job'
import { isEnded } from '@shared/job'
import type { Registry as RegistrySetting } from '@shared/registry'
import { Credentials } from '../../../electron/credentials/credentials'
import type { Keychain } from '../../../electron/credentials/keychain'
import { KeytarKeychain } from '../../../electron/credentials/keytar'
import { Engine } from '../../../electron/engine/engine'
import type { PoolDriver } from '../../../electron/deploy/driver'
import { JobTable } from '../../../electron/jobs/job-table'
import { createJobs, type Jobs } from '../../../electron/jobs/jobs'
import type { PoolAccess } from '../../../electron/jobs/pool-access'
import type { JobQueue } from '../../../electron/jobs/queue'
import { silentLog } from '../../../electron/log'
import { Registries } from '../../../electron/registries/registries'
import { RegistryStore } from '../../../electron/store/registries'
import type { Registry } from '../../lab/registry'
import { until } from '../../lab/until'

export const repository = '727524/app'

function unknownPool(): never {
  throw new AppError('POOL_UNKNOWN', { side: 'pool' })
}

/** What the program has for jobs, joined as it joins them, on the lab's parts. */
export class Program {
  readonly registries: Registries
  readonly engine: Engine
  readonly table: JobTable
  readonly queue: JobQueue
  /** Every snapshot that the window would have got. */
  readonly told: Job[] = []
  /** Repositories that were said to have changed. */
  readonly pushed: string[] = []

  /** The pools that a test gives, by id. */
  readonly drivers = new Map<string, PoolDriver>()
  private readonly pools: PoolAccess = {
    name: (id) => (this.drivers.has(id) ? `pool ${id}` : unknownPool()),
    driver: (id) => Promise.resolve(this.drivers.get(id) ?? unknownPool()),
    list: () => ({ pools: [] }),
  }

  readonly jobs: Jobs
  /** What was seen at registries: as far as a test says so. */
  readonly known = new Map<string, string[]>()

  /** Without an engine's host there is none; without a keychain, the system's keyring. */
  constructor(folder: string, engineHost = `unix://${folder}/no-engine.sock`, keychain?: Keychain) {
    const log = silentLog
    const store = new RegistryStore(folder, log)
    const credentials = new Credentials(keychain ?? new KeytarKeychain())
    this.registries = new Registries({ store, credentials, log })
    const environment = { DOCKER_HOST: engineHost }
    this.engine = new Engine({ environment, home: folder, platform: 'linux', choice: 'auto', log })
    this.table = new JobTable(folder, log)
    this.jobs = createJobs({
      ...{ folder, table: this.table, registries: this.registries, engine: this.engine, log },
      cache: {
        knownDiffIds: () => new Map<string, never>(),
        repositoriesWithBlob: (_id, digest) => this.known.get(digest) ?? [],
        addLayers: () => undefined,
      },
      credentials,
      pools: this.pools,
      onPushed: (_id, name) => void this.pushed.push(name),
      onDeleted: () => undefined,
      emit: (name, payload) => {
        if (name === 'job:changed') this.told.push(payload as Job)
      },
    })
    this.queue = this.jobs.queue
    this.engine.start()
    this.jobs.start()
  }

  async connected(): Promise<void> {
    await until('the engine', () => this.engine.state.status === 'connected')
  }

  async stop(): Promise<void> {
    await this.jobs.stop()
    await this.engine.stop()
    this.registries.close()
    this.table.close()
  }

  /** Sets a registry of the lab up, with its account `developer` where it has accounts. */
  async add(registry: Registry): Promise<RegistrySetting> {
    const https = registry.url.startsWith('https:')
    const pem = registry.authority && https ? readFileSync(registry.authority.path, 'utf8') : null
    const setting = await this.registries.add({
      name: registry.name,
      host: registry.host,
      protocol: https ? 'https' : 'http',
      trust: pem === null ? { kind: 'system' } : { kind: 'pem', pem },
      preset: 'other',
      publicRole: null,
      privateRole: { namespace: '727524' },
    })
    return registry.accounts.developer ? this.signIn(setting.id, registry, 'developer') : setting
  }

  signIn(registryId: string, registry: Registry, username: string): Promise<RegistrySetting> {
    const password = registry.accounts[username]?.password ?? ''
    return this.registries.signIn({ registryId, username, password, keep: 'keychain' })
  }

  run(request: JobRequest): Promise<Job> {
    return this.ended(this.queue.enqueue(request).id)
  }

  ended(id: string): Promise<Job> {
    const find = (): Job | undefined => this.queue.list().find((job) => job.id === id && isEnded(job.state))
    return until(`job ${id}`, find, { timeout: 60_000 })
  }

  async digestAt(registryId: string, tag: string): Promise<string | null> {
    const client = this.registries.client(registryId)
    return client.headManifest(repository, tag).then(
      (head) => head.digest,
      () => null,
    )
  }

  async tagsOf(registryId: string): Promise<string[]> {
    const tags: string[] = []
    for await (const page of this.registries.client(registryId).listTags(repository)) tags.push(...page.items)
    return tags.sort()
  }

  async pushOf(
    registryId: string,
    source: string,
    tag: string,
    replaces: string | null = null,
  ): Promise<JobRequest & { kind: 'push' }> {
    const imageId = (await this.engine.imageIdOf(source)) ?? source
    return { kind: 'push', imageId, source, registryId, repository, tag, replaces }
  }
}
