/** Deployments on a world's engine: what is asked of them, and what must be there of them afterwards. */
import { randomBytes } from 'node:crypto'
import type { DeploymentSpec } from '@shared/deployment'
import { emptySpec } from '@shared/deployment'
import type { Job, JobRequest } from '@shared/job'
import type { DeployReason } from '@shared/running'
import { helloImage } from '../lab/hello-image'
import { freePort } from '../lab/ports'
import { until } from '../lab/until'
import type { Accepted } from './oracle'
import type { Random } from './random'
import { namespace, type World } from './world'

/** What an engine is to have of a deployment. */
export interface Standing {
  id: string
  spec: DeploymentSpec
  version: number
  running: boolean
  /** Not there, with nothing of it. */
  gone?: true
}

/** A job on the pool: what it makes of a deployment, and how it is asked for. */
export interface PoolOrder {
  what: string
  before: Standing | null
  after: Standing
  send(): Promise<Job>
}

export type Sent = Accepted & { order: PoolOrder }

const repository = `${namespace}/hello`
const tags = ['v1', 'v2'] as const
type Action = 'remove' | 'stop' | 'start' | 'restart'

export class Deployments {
  /** By name; as they are meant to be once every job on them is done. */
  readonly standing = new Map<string, Standing>()
  private count = 0
  /** Jobs whose orders are known. */
  private readonly known = new Set<string>()

  private constructor(
    private readonly world: World,
    readonly poolId: string,
    private readonly digests: readonly string[],
  ) {}

  /** Puts two versions of an image into the target, and deploys what is upgraded, scaled, stopped later. */
  static async open(world: World): Promise<Deployments> {
    const digests = tags.map((tag) => {
      const image = helloImage(tag)
      world.target.storage.put(repository, image, tag)
      return image.manifest.digest
    })
    const pool = await until('the pool', async () => {
      const { pools } = await world.program.call('pool:refresh', { id: null })
      return pools.find(({ state }) => state === 'online')
    })
    const made = new Deployments(world, pool.id, digests)
    const hostPort = await freePort()
    const standing: Record<string, Partial<DeploymentSpec>> = {
      upgraded: {},
      fixed: { ports: [{ ...port, host: hostPort }] },
      scaled: { ports: [] },
      acted: {},
    }
    for (const [name, change] of Object.entries(standing))
      await made.finish(made.deploy(name, made.specOf(name, change)))
    return made
  }

  /** Three orders on different deployments: a new one, the end of one that is there, and one of the other kinds. */
  orders(random: Random): PoolOrder[] {
    this.count += 1
    const name = `new-${this.count}`
    const spec = this.specOf(name, {
      networks: [`net-${name}`],
      volumes: [{ kind: 'volume', name: `data-${name}`, path: '/data', readOnly: false }],
      environment: [{ name: 'PASSWORD', value: '', secret: true }],
    })
    const orders = [this.deploy(name, spec)]
    const old = [...this.standing.values()].find((one) => one.spec.name.startsWith('new-'))
    if (old) orders.push(this.act(old, 'remove'))
    const choice = [this.upgrade('upgraded'), this.upgrade('fixed'), this.scale(), this.turn(random)]
    const other = choice[random.below(choice.length)]
    return other ? [other, ...orders] : orders
  }

  /** Puts orders into the queue; answers those that were accepted. */
  async send(orders: readonly PoolOrder[]): Promise<Sent[]> {
    const sent: Sent[] = []
    for (const order of orders) {
      const job = await order.send().catch(() => null)
      if (!job) continue
      this.known.add(job.id)
      sent.push({ id: job.id, request: job.request, order })
    }
    return sent
  }

  /** Orders that were taken while their answer was lost with the program; `jobs`: all that there are. */
  adopted(orders: readonly PoolOrder[], sent: readonly Sent[], jobs: readonly Job[]): Sent[] {
    return orders
      .filter((order) => !sent.some((one) => one.order === order))
      .flatMap((order) => {
        const job = jobs.find(({ id, request }) => {
          if (this.known.has(id)) return false
          if (request.kind === 'deploy') return request.spec.name === order.after.spec.name
          return request.kind === 'deployment-action' && request.deploymentId === order.after.id
        })
        if (job?.request.kind === 'deploy') order.after.id = job.request.deploymentId
        if (job) this.known.add(job.id)
        return job ? [{ id: job.id, request: job.request, order }] : []
      })
  }

  /** What stands once an order is done. */
  note({ after }: PoolOrder): void {
    if (after.gone) this.standing.delete(after.spec.name)
    else this.standing.set(after.spec.name, after)
  }

  /** Does an order that nothing happens to. */
  async finish(order: PoolOrder): Promise<void> {
    const { id } = await order.send()
    this.known.add(id)
    const job = await until(order.what, async () => {
      return (await this.world.program.jobs()).find((one) => one.id === id && one.endedAt !== null)
    })
    if (job.state !== 'succeeded') throw new Error(`${order.what}: ${JSON.stringify(job.error)}`)
    if (job.request.kind === 'deploy') order.after.id = job.request.deploymentId
    this.note(order)
  }

  deploy(name: string, spec: DeploymentSpec): PoolOrder {
    const after: Standing = { id: '', spec, version: 1, running: true }
    return this.applied(`deploy ${name}`, null, after, 'new')
  }

  /** Removes all of a deployment, or stops, starts or restarts it. */
  act(before: Standing, action: Action): PoolOrder {
    const request: JobRequest = {
      ...{ kind: 'deployment-action', poolId: this.poolId, deploymentId: before.id, name: before.spec.name },
      ...{ action, instanceId: null, volumes: action === 'remove' },
    }
    const after = {
      ...before,
      running: action !== 'stop',
      ...(action === 'remove' && { gone: true as const }),
    }
    const send = (): Promise<Job> => this.world.program.call('job:enqueue', request)
    return { what: `${action} ${before.spec.name}`, before, after, send }
  }

  private turn(random: Random): PoolOrder {
    const before = this.require('acted')
    const running = before.running ? (['stop', 'restart'] as const) : (['start'] as const)
    return this.act(before, running[random.below(running.length)] ?? 'restart')
  }

  /** To the other image, and from there back again, by an upgrade or as the user goes back to a version. */
  private upgrade(name: string): PoolOrder {
    const before = this.require(name)
    const isSecond = before.spec.image.digest === this.digests[1]
    const reason = isSecond ? 'rollback' : 'upgrade'
    const image = this.imageOf(isSecond ? 0 : 1)
    const after = { ...before, spec: { ...before.spec, image }, version: before.version + 1 }
    return this.applied(`${reason} ${name}`, before, after, reason)
  }

  private scale(): PoolOrder {
    const before = this.require('scaled')
    const spec = { ...before.spec, instances: before.spec.instances === 1 ? 3 : 1 }
    return this.applied('scale', before, { ...before, spec, version: before.version + 1 }, 'scale')
  }

  private applied(what: string, before: Standing | null, after: Standing, reason: DeployReason): PoolOrder {
    const { spec } = after
    const isSecret = before === null && spec.environment.some(({ secret }) => secret)
    const send = async (): Promise<Job> => {
      const job = await this.world.program.call('deployment:apply', {
        ...{ poolId: this.poolId, id: before?.id ?? null, spec, reason, keep: 'keychain' },
        secrets: isSecret ? { PASSWORD: randomBytes(12).toString('hex') } : {},
        baseVersion: before?.version ?? null,
      })
      if (job.request.kind === 'deploy') after.id = job.request.deploymentId
      return job
    }
    return { what, before, after, send }
  }

  private require(name: string): Standing {
    const found = this.standing.get(name)
    if (!found) throw new Error(`no deployment ${name}`)
    return found
  }

  private imageOf(index: 0 | 1): DeploymentSpec['image'] {
    const digest = this.digests[index] ?? null
    const tag = tags[index]
    const { id: registryId } = this.world.registries.target
    return {
      ...{ reference: `${this.world.way.address}/${repository}:${tag}`, digest, tag },
      ...{ registryId, repository, delivery: 'pull' },
    }
  }

  private specOf(name: string, change: Partial<DeploymentSpec>): DeploymentSpec {
    return { ...emptySpec(this.imageOf(0), name), ports: [port], stopSeconds: 3, ...change }
  }
}

const port: DeploymentSpec['ports'][number] = {
  ...{ container: 8080, host: null, protocol: 'tcp', scope: 'local', access: 'http' },
}
