/** What a person looks at while jobs run: lists, repositories, images, search, pins, plans, what runs, logs, a terminal. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { CallInput, CallName, CallOutput } from '@shared/contract'
import { emptySpec } from '@shared/deployment'
import { AppError } from '@shared/error'
import { isEnded, type Job } from '@shared/job'
import { engineDemand } from '../lab/engine-api'
import { importImage } from '../lab/machine-image'
import { seedMany, seedTenant } from '../lab/seed'
import { until } from '../lab/until'
import type { Oracle } from './oracle'
import type { Random } from './random'
import { namespace, type World } from './world'

const runnable = 'local/mixed:1'
const many = 60
const attempts = 5

/** Puts into the parts what is looked at all the time. */
export async function furnish(world: World): Promise<string[]> {
  const tenant = Object.keys(seedTenant(world.target.storage, namespace))
  await seedMany(world.target.storage, many, 3, `${namespace}/many`)
  await importImage(world.engineHost(), runnable)
  const numbered = Array.from({ length: many }, (_, n) => `${namespace}/many/${String(n).padStart(5, '0')}`)
  return [...tenant, ...numbered]
}

export class MixedLooking {
  readonly calls = new Map<string, number>()

  constructor(
    private readonly world: World,
    private readonly oracle: Oracle,
    private readonly random: Random,
    private readonly repositories: readonly string[],
  ) {}

  /** Goes somewhere, as a person does. */
  async browse(): Promise<void> {
    const registryId = this.world.registries.target.id
    const repository = this.pick(this.repositories)
    const key = { registryId, repository }
    const { section, refresh } = { section: 'private', refresh: 'force' } as const
    await this.call('catalog:read', { registryId, section, refresh })
    await this.call('catalog:summarize', { registryId, names: [repository, this.pick(this.repositories)] })
    await this.call('repository:read', { ...key, refresh })
    await pause(this.random.below(300))
    const tags = (await this.call('repository:read', { ...key, refresh: 'never' }))?.tags ?? []
    const tag = tags[0] && this.pick(tags)
    await this.call('repository:focus', { ...key, tags: tags.slice(0, 2).map(({ name }) => name) })
    if (tag) {
      await this.call('image:read', { ...key, reference: tag.name, refresh })
      await pause(this.random.below(200))
      const image = await this.call('image:read', { ...key, reference: tag.name, refresh: 'never' })
      if (image?.digest) {
        await this.call('image:lineage', { ...key, digest: image.digest })
        await this.call('delete:plan', { ...key, tag: tag.name })
      }
      const visited = { ...key, section: 'private', reference: tag.name } as const
      await this.call('place:visit', visited)
      await this.call('place:pin', { place: visited, pinned: true })
      await this.call('place:pin', { place: visited, pinned: false })
    }
    await this.call('repository:leave', key)
    const text = this.pick(['many', 'web', 'v1', 'order', 'sha256:0', '8080', 'mixed copy', '工作台'])
    await this.call('search:query', { text, limit: 50 })
    await this.call('local-image:list', undefined)
    await this.call('job:list', undefined)
    await this.call('registry:list', undefined)
    await pause(this.random.below(400))
  }

  /** Brings an application up, looks at it in every way, changes it and takes it away. */
  async deploy(): Promise<void> {
    const { currentId } = (await this.call('pool:refresh', { id: null })) ?? {}
    if (!currentId) return
    const poolId = currentId
    const name = `mixed-${randomUUID().slice(0, 8)}`
    const image = { reference: runnable, digest: null, registryId: null, repository: null, tag: null }
    const spec = {
      ...emptySpec({ ...image, delivery: 'present' }, name),
      command: ['sh', '-c', 'while :; do date; sleep 0.1; done'],
      stopSeconds: 0,
    }
    const fixed = { spec, secrets: {}, keep: 'session' } as const
    await this.call('deployment:plan', { poolId, id: null, spec })
    const job = await this.call('deployment:apply', {
      ...{ ...fixed, poolId, id: null, reason: 'new', baseVersion: null },
    })
    if (!job || job.request.kind !== 'deploy') return
    const id = job.request.deploymentId
    const key = { poolId, id }
    if ((await this.done(job)) && (await this.containers(name)) !== 1)
      this.oracle.count('falseSuccess', `${name} was deployed and does not run`)
    await this.watch(key)
    const change = { ...fixed, poolId, id, spec: { ...spec, instances: 2 } }
    const more = await this.call('deployment:apply', { ...change, reason: 'scale', baseVersion: 1 })
    if (more && (await this.done(more)) && (await this.containers(name)) !== 2)
      this.oracle.count('falseSuccess', `${name} has not two instances`)
    const removal = await this.call('job:enqueue', {
      ...{ kind: 'deployment-action', poolId, deploymentId: id, name, action: 'remove' },
      ...{ instanceId: null, volumes: true },
    })
    if (removal && (await this.done(removal)) && (await this.containers(name, true)) !== 0)
      this.oracle.count('falseSuccess', `${name} was removed and is still there`)
  }

  private async watch(key: { poolId: string; id: string }): Promise<void> {
    await this.call('deployment:watch', key)
    const log = { ...key, instanceId: null, since: null }
    const streams = [
      await this.call('log:open', { ...log, tail: 10 }),
      await this.call('log:open', { ...log, tail: null }),
    ]
    const detail = await this.call('deployment:read', key)
    const instanceId = detail?.instances[0]?.id
    const size = { columns: 80, rows: 24 }
    const terminal = instanceId ? await this.call('terminal:open', { ...key, instanceId, ...size }) : null
    if (terminal) await this.call('terminal:write', { ...terminal, data: 'sleep 4711\r' })
    await pause(1000 + this.random.below(1500))
    await this.call('deployment:statistics', key)
    await this.call('deployment:list', { refresh: true })
    if (terminal) await this.call('terminal:close', terminal)
    for (const stream of streams) if (stream) await this.call('log:close', stream)
    await this.call('deployment:unwatch', key)
  }

  /** Whether a job on the pool ends well, at the latest when it is tried again; where it does not, it must say why. */
  private async done({ id, request }: Job): Promise<boolean> {
    const { program } = this.world
    for (let attempt = 1; ; attempt += 1) {
      const isOver = async (): Promise<Job | undefined | false> => {
        const told = program.told.get(id)
        return told && isEnded(told.state) && (await program.jobs()).find((job) => job.id === id)
      }
      const options = { timeout: 600_000, interval: 60 }
      const ended = await until('the deployment', isOver, options).catch(() => null)
      const end = ended?.error ? `${ended.state} ${ended.error.code}` : String(ended?.state)
      this.calls.set(`${request.kind} ${end}`, (this.calls.get(`${request.kind} ${end}`) ?? 0) + 1)
      if (ended?.state === 'succeeded') return true
      // What was cut in its middle may have been carried out.
      const code = ended?.error?.code
      if (code === 'DEPLOYMENT_CHANGED' || code === 'DEPLOYMENT_UNKNOWN') return false
      if (!ended?.error || attempt === attempts) {
        this.oracle.count('lost', `${request.kind}: ${end}: ${ended?.error?.detail}`)
        return false
      }
      await pause(500 + this.random.below(1000))
      await this.call('job:retry', { id, replaces: null })
    }
  }

  /** Containers of a deployment that run (or exist) by the engine's own word. */
  private async containers(name: string, all = false): Promise<number> {
    const path = `/containers/json?all=${all}`
    const text = await engineDemand(this.world.engineHost(), 'GET', path)
    const found = JSON.parse(text) as { Names: string[]; State: string }[]
    const own = found.filter(({ Names }) => Names.some((one) => one.startsWith(`/${name}`)))
    return own.filter(({ State }) => all || State === 'running').length
  }

  /** What it answers; null where it fails with a reason, which on a bad network it may. */
  private async call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N> | null> {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1)
    try {
      return await this.world.program.call(name, input)
    } catch (error) {
      const code = error instanceof AppError ? error.code : String(error)
      if (code === 'INTERNAL' || code === 'INPUT_INVALID' || !(error instanceof AppError))
        this.oracle.count('lost', `${name}: ${code} ${error instanceof AppError ? error.detail : ''}`)
      this.calls.set(`${name} ${code}`, (this.calls.get(`${name} ${code}`) ?? 0) + 1)
      return null
    }
  }

  private pick<T>(all: readonly T[]): T {
    return all[this.random.below(all.length)] as T
  }
}
