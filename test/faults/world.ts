/** What an experiment happens to: two registries, a way to one of them that can be spoiled, an engine, a data folder. */
import { rmSync, writeFileSync } from 'node:fs'
import type { Registry as RegistrySetting, RegistryDraft } from '@shared/registry'
import type { JobRequest } from '@shared/job'
import { engineDemand } from '../lab/engine-api'
import { type Engine, startEngine } from '../lab/engine'
import { type FaultProxy, startFaultProxy } from '../lab/fault-proxy'
import { busyboxTar, importImage } from '../lab/machine-image'
import { buildImage } from '../lab/oci-image'
import { randomBytesOf } from '../lab/random-bytes'
import { type Registry, type RegistryOptions, startRegistry } from '../lab/registry'
import { packTar } from '../lab/tar'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { dockerSave } from '../electron/jobs/archive-sample'
import { until } from '../lab/until'
import type { Accepted } from './oracle'
import { type Order, ProgramProcess } from './program-process'

export const namespace = '727524'
const KiB = 1024

export const kinds = [
  'copy',
  'archive-push',
  'push',
  'resumable-push',
  'pull',
  'delete',
  'delete-tags',
  'retag',
  'rename',
  'restore',
] as const
/** What a job does; `retag` and `rename` are copies within the target. */
export type Kind = (typeof kinds)[number]
export const withoutEngine: readonly Kind[] = ['copy', 'archive-push', 'delete', 'delete-tags']

export interface WorldOptions {
  engine?: boolean
  /** The program reaches the engine by a way that can be stalled. */
  engineWay?: boolean
  target?: RegistryOptions
  /** As the program is told of the target: by http, with the system's trust, when not given. */
  targetDraft?: Partial<RegistryDraft>
  /** Stands between the program and the target, before the way that can be cut. */
  before?: (host: string) => Promise<{ address: string; stop(): Promise<void> }>
  order?: Partial<Order>
  /** The data folder; one of the world's own when not given. */
  data?: string
}

export class World {
  registries!: { source: RegistrySetting; target: RegistrySetting }
  program!: ProgramProcess
  private constructor(
    readonly folder: TemporaryFolder,
    readonly source: Registry,
    readonly target: Registry,
    /** The way to the target. */
    readonly way: FaultProxy,
    readonly engine: Engine | null,
    readonly order: Order,
    private readonly between: { stop(): Promise<void> } | null,
    /** The program's way to the engine, where it has one of its own. */
    readonly engineWay: FaultProxy | null,
  ) {}

  /** Starts the parts, and the program once, which then knows both registries, one pin and one setting. */
  static async open(options: WorldOptions = {}): Promise<World> {
    const folder = temporaryFolder('faults')
    const [source, target, engine] = await Promise.all([
      startRegistry({ name: 'source' }),
      startRegistry({ name: 'target', ...options.target }),
      options.engine ? startEngine() : null,
    ])
    const between = (await options.before?.(target.host)) ?? null
    const way = await startFaultProxy({ to: between?.address ?? target.host })
    const engineWay =
      engine && options.engineWay
        ? await startFaultProxy({ to: engine.host, listen: folder.join('engine.sock') })
        : null
    const order: Order = {
      ...{ folder: options.data ?? folder.join('data'), keychain: 'memory', clock: 0 },
      engineHost: engineWay?.address ?? engine?.host ?? `unix://${folder.join('no-engine.sock')}`,
      ...options.order,
    }
    const world = new World(folder, source, target, way, engine, order, between, engineWay)
    try {
      await world.begin(options.targetDraft)
      return world
    } catch (error) {
      await world.close()
      throw error
    }
  }

  private async begin(targetDraft: Partial<RegistryDraft> = {}): Promise<void> {
    await this.start()
    const { program } = this
    const source = await program.call('registry:add', draftOf('Source', this.source.host))
    const target = await program.call('registry:add', {
      ...draftOf('Target', this.way.address),
      ...targetDraft,
    })
    this.registries = { source, target }
    const pinned = {
      registryId: source.id,
      section: 'private',
      repository: 'pinned',
      reference: null,
    } as const
    await program.call('place:pin', { place: pinned, pinned: true })
    await program.call('settings:change', { theme: 'dark' })
  }

  /** Starts the program on the data folder, another time or anew. */
  async start(change: Partial<Order> = {}): Promise<ProgramProcess> {
    this.program = await ProgramProcess.start({ ...this.order, ...change })
    return this.program
  }

  /** Signs in at the target as `developer`. */
  async signIn(keep: 'session' | 'keychain' = 'session'): Promise<void> {
    const account = this.target.accounts.developer
    if (!account) throw new Error('the target has no accounts')
    await this.program.call('account:sign-in', {
      ...{ registryId: this.registries.target.id, keep },
      ...{ username: account.name, password: account.password },
    })
  }

  /** Makes what a job of this kind works on, all of it new; `size` is about what goes over the wire, in bytes. */
  async request(kind: Kind, name: string, size = 600 * KiB): Promise<JobRequest> {
    const repository = `${namespace}/${name}`
    const to = { registryId: this.registries.target.id, repository, tag: 'v1', replaces: null }
    const image = (seed: string, share: number): ReturnType<typeof buildImage> =>
      buildImage({
        seed,
        format: 'oci',
        layers: [size * 0.7, size * 0.3].map((part) => ({ size: part, share })),
      })
    if (kind === 'copy') {
      const made = image(name, 1)
      this.source.storage.put(repository, made, 'v1')
      const from = { registryId: this.registries.source.id, repository, reference: 'v1' }
      return { kind, from, digest: made.manifest.digest, ...to, removeSource: false }
    }
    if (kind === 'archive-push') {
      const path = this.folder.join(`${name}.tar`)
      const layers = [0.7, 0.3].map((part, index) =>
        packTar([{ path: 'file', data: randomBytesOf(`${name}/${index}`, Math.round(size * part)) }]),
      )
      const { tar, digest } = dockerSave(layers, `${name}:v1`)
      writeFileSync(path, tar)
      return { kind, path, image: 0, digest, source: `${name}:v1`, ...to }
    }
    if (kind === 'push' || kind === 'resumable-push') {
      const source = `local/${name}:v1`
      const tar = busyboxTar([{ path: 'opt/part', data: randomBytesOf(name, size) }])
      // An engine that is busy with all that it has been through may hang up on us: that is no job's matter.
      await until('an image at the engine', () =>
        importImage(this.engineHost(), source, undefined, tar).then(() => true),
      )
      const text = await engineDemand(this.engineHost(), 'GET', `/images/${source}/json`)
      return { kind, imageId: (JSON.parse(text) as { Id: string }).Id, source, ...to }
    }
    const made = image(name, 1)
    const { registryId } = to
    const { digest } = made.manifest
    if (kind === 'pull') {
      this.target.storage.put(repository, made, 'v1')
      return { kind, registryId, repository, reference: 'v1', platform: null }
    }
    if (kind === 'retag' || kind === 'rename') {
      this.target.storage.put(repository, made, 'v0', 'stays')
      const from = { registryId, repository, reference: 'v0' }
      return { kind: 'copy', from, digest, ...to, removeSource: kind === 'rename' }
    }
    if (kind === 'restore') {
      this.target.storage.put(repository, made, 'v1')
      const gone = { registryId, repository, tag: 'v1', digest }
      await this.finished({ kind: 'delete', ...gone, siblings: [], extent: 'tag' })
      return { kind, ...to, digest }
    }
    this.target.storage.put(repository, made, 'v1', 'stays')
    if (kind === 'delete-tags') {
      this.target.storage.put(repository, made, 'v2')
      const tags = ['v1', 'v2'].map((tag) => ({ tag, digest }))
      return { kind, registryId, repository, tags }
    }
    return { kind, registryId, repository, tag: 'v1', digest, siblings: ['stays'], extent: 'tag' }
  }

  /** A job that nothing happens to, done. */
  private async finished(request: JobRequest): Promise<void> {
    const { id } = await this.program.call('job:enqueue', request)
    await until(`a ${request.kind}`, async () =>
      (await this.program.jobs()).some((job) => job.id === id && job.state === 'succeeded'),
    )
  }

  /** Puts requests into the queue; answers those that were accepted. */
  async enqueue(requests: readonly JobRequest[]): Promise<Accepted[]> {
    const accepted: Accepted[] = []
    for (const request of requests) {
      const job = await this.program.call('job:enqueue', request).catch(() => null)
      if (job) accepted.push({ id: job.id, request })
    }
    return accepted
  }

  /** What a pull, a push leaves at the engine on purpose, and an archive on disk: another run needs none of it. */
  async tidy(requests: readonly JobRequest[]): Promise<void> {
    for (const request of requests) {
      if (request.kind === 'archive-push') rmSync(request.path, { force: true })
      const names =
        request.kind === 'push' || request.kind === 'resumable-push'
          ? [request.source]
          : request.kind === 'pull'
            ? [`${this.way.address}/${request.repository}:v1`]
            : []
      for (const name of names)
        await engineDemand(this.engineHost(), 'DELETE', `/images/${name}?force=true`).catch(() => undefined)
    }
  }

  engineHost(): string {
    if (!this.engine) throw new Error('this world has no engine')
    return this.engine.host
  }

  async close(): Promise<void> {
    await (this.program as ProgramProcess | undefined)?.stop()
    await Promise.all([this.way.stop(), this.engineWay?.stop()])
    await this.between?.stop()
    await Promise.all([this.source.stop(), this.target.stop(), this.engine?.stop()])
    this.folder.remove()
  }
}

const draftOf = (name: string, host: string): RegistryDraft => ({
  ...{ name, host, protocol: 'http', trust: { kind: 'system' }, preset: 'other' },
  ...{ publicRole: null, privateRole: { namespace } },
})
