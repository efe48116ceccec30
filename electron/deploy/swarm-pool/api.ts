/** The calls on a swarm's manager, typed and read with care; each rejects with an AppError. */
import type Dockerode from 'dockerode'
import { z } from 'zod'
import { AppError } from '@shared/error'
import { registryAuth, type EngineAuth } from '../../engine/authorization'
import { withDeadline } from '../../engine/deadline'
import { understood } from '../../engine/understood'
import type { PoolConnection } from '../driver'
import { openStream } from '../engine-stream'
import { deploymentLabels } from '../model/labels'
import { toSwarmError } from './error'
import { Made, Service, SwarmNode, Task } from './objects'

const patience = 20_000

interface UpdateOptions {
  /** Null: as at the last change. */
  auth?: EngineAuth | null
  /** Puts back the specification before this one; `spec` is then not read. */
  rollback?: boolean
}

const ConfigItem = z.object({ ID: z.string(), Spec: z.object({ Name: z.string(), Labels: z.unknown() }) })
const NetworkItem = z.object({ Id: z.string(), Name: z.string(), Labels: z.unknown(), Scope: z.unknown() })

export class SwarmApi {
  readonly #connection: PoolConnection

  constructor(connection: PoolConnection) {
    this.#connection = connection
  }

  get docker(): Dockerode {
    return this.#connection.docker
  }

  /** Every service, or those of one deployment. */
  services(signal: AbortSignal, deploymentId?: string): Promise<Service[]> {
    const filters = { label: [`${deploymentLabels.id}=${deploymentId}`] }
    return this.#ask(signal, async (abortSignal) =>
      z
        .array(Service)
        .parse(
          await this.docker.listServices({ ...(deploymentId !== undefined && { filters }), abortSignal }),
        ),
    )
  }

  /** DEPLOYMENT_UNKNOWN where it is not there. */
  service(serviceId: string, signal: AbortSignal): Promise<Service> {
    return this.#ask(signal, async (abortSignal) =>
      Service.parse(await this.docker.getService(serviceId).inspect({ abortSignal })),
    )
  }

  /** The service of a deployment; DEPLOYMENT_UNKNOWN where there is none. */
  async deployed(deploymentId: string, signal: AbortSignal): Promise<Service> {
    const [service] = await this.services(signal, deploymentId)
    if (service) return service
    throw new AppError('DEPLOYMENT_UNKNOWN', { side: 'pool', deployment: deploymentId })
  }

  /** All tasks that the swarm remembers, of one service or of all; newest first. */
  async tasks(serviceId: string | null, signal: AbortSignal): Promise<Task[]> {
    const filters = JSON.stringify({ service: [serviceId] })
    const listed = await this.#ask(signal, async (abortSignal) =>
      z
        .array(Task)
        .parse(await this.docker.listTasks({ ...(serviceId !== null && { filters }), abortSignal })),
    )
    return listed.sort((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1))
  }

  /** The last lines of a task's log as the engine frames them; the manager asks the node for them. */
  taskLog(taskId: string, tail: number, signal: AbortSignal): Promise<Buffer> {
    const query = { stdout: '1', stderr: '1', tail: String(tail) }
    return this.#ask(signal, async (inner) => {
      const stream = await openStream(this.docker, `/tasks/${encodeURIComponent(taskId)}/logs`, query, inner)
      const parts: Buffer[] = []
      for await (const part of stream) parts.push(part as Buffer)
      return Buffer.concat(parts)
    })
  }

  nodes(signal: AbortSignal): Promise<SwarmNode[]> {
    return this.#ask(signal, async (abortSignal) =>
      z.array(SwarmNode).parse(await this.docker.listNodes({ ...{ abortSignal } })),
    )
  }

  /** Answers the service's id. */
  async create(spec: Dockerode.ServiceSpec, auth: EngineAuth | null, signal: AbortSignal): Promise<string> {
    const authconfig = registryAuth(auth, this.#connection.target)
    const service = await this.#ask(signal, () =>
      this.docker.createService(authconfig as unknown as Dockerode.AuthConfig, spec),
    )
    return service.id
  }

  /** Changes a service that is still as it was read; DEPLOYMENT_CHANGED where it is not. */
  async update(
    service: Pick<Service, 'ID' | 'Version'>,
    spec: Dockerode.ServiceSpec,
    signal: AbortSignal,
    { auth = null, rollback = false }: UpdateOptions = {},
  ): Promise<void> {
    const authconfig = auth && registryAuth(auth, this.#connection.target)
    const _query = { version: service.Version.Index, ...(rollback && { rollback: 'previous' }) }
    await this.#ask(signal, () =>
      this.docker.getService(service.ID).update({ ...(authconfig && { authconfig }), _query, _body: spec }),
    )
  }

  async remove(serviceId: string, signal: AbortSignal): Promise<void> {
    await this.#ask(signal, () => this.docker.getService(serviceId).remove())
  }

  /** Configurations that were made for a deployment. */
  async configs(deploymentId: string, signal: AbortSignal): Promise<Made[]> {
    const filters = { label: [`${deploymentLabels.id}=${deploymentId}`] }
    const listed = await this.#ask(signal, () => this.docker.listConfigs({ filters }))
    return understood(z.array(ConfigItem), listed).map(({ ID, Spec }) =>
      Made.parse({ id: ID, name: Spec.Name, labels: Spec.Labels }),
    )
  }

  /** Answers the configuration's id. */
  async createConfig(
    config: { name: string; data: Buffer; labels: Record<string, string> },
    signal: AbortSignal,
  ): Promise<string> {
    const body = { Name: config.name, Data: config.data.toString('base64'), Labels: config.labels }
    const made = await this.#ask(signal, async () =>
      z.object({ id: z.string() }).parse(await this.docker.createConfig(body)),
    )
    return made.id
  }

  async removeConfig(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask(signal, () => this.docker.getConfig(id).remove())
  }

  /** Networks that reach over all nodes. */
  async networks(signal: AbortSignal): Promise<Made[]> {
    const listed = await this.#ask(signal, () => this.docker.listNetworks())
    return understood(z.array(NetworkItem), listed)
      .map(({ Id, Name, Labels, Scope }) => Made.parse({ id: Id, name: Name, labels: Labels, scope: Scope }))
      .filter(({ scope }) => scope === 'swarm')
  }

  async createNetwork(name: string, labels: Record<string, string>, signal: AbortSignal): Promise<string> {
    const network = await this.#ask(signal, () =>
      this.docker.createNetwork({ Name: name, Driver: 'overlay', Attachable: true, Labels: labels }),
    )
    return network.id
  }

  async removeNetwork(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask(signal, () => this.docker.getNetwork(id).remove())
  }

  async #ask<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await withDeadline(patience, signal, call)
    } catch (thrown) {
      throw toSwarmError(thrown)
    }
  }
}
