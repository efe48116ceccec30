import type { DeploymentSpec } from '@shared/deployment'
import { AppError, toAppError } from '@shared/error'
import type { DeploymentActionRequest } from '@shared/job'
import type { Address, DeploymentEvent, DeploymentSummary, LogLine, OtherWorkload } from '@shared/running'
import type {
  Change,
  ChangeContext,
  DriverDetail,
  Measure,
  PoolConnection,
  PoolDriver,
  PoolFacts,
} from '../driver'
import { Job, usualPatience } from '../engine-pool/job'
import { openShell } from '../engine-pool/terminal'
import { decodeLabels } from '../model/labels'
import { actOn } from './act'
import { SwarmApi } from './api'
import { applyChange, type ApplyParts } from './apply'
import { requireContainer } from './containers'
import { serviceEvents } from './events'
import { swarmFacts } from './facts'
import { followSwarm } from './follow'
import { detailOf, listSwarm, readDeployed } from './list'
import { serviceLogs } from './logs'
import { measureService } from './measure'
import { secretsIn } from './secrets-of'
import { usualTimes, type Times } from './times'

/** Deployments on a Docker Swarm, by one of its managers: a deployment is a service, an instance a task. */
export class SwarmPoolDriver implements PoolDriver {
  readonly #parts: ApplyParts

  constructor(
    readonly connection: PoolConnection,
    times: Partial<Times> = {},
  ) {
    this.#parts = { connection, api: new SwarmApi(connection), times: { ...usualTimes, ...times } }
  }

  list(signal: AbortSignal): Promise<{ deployments: DeploymentSummary[]; others: OtherWorkload[] }> {
    return listSwarm(this.#parts, signal)
  }

  async read(id: string, signal: AbortSignal): Promise<DriverDetail> {
    const deployed = await readDeployed(this.#parts, id, signal)
    return { ...detailOf(deployed), events: await serviceEvents(this.#parts.api, deployed, signal) }
  }

  async events(id: string, signal: AbortSignal): Promise<DeploymentEvent[]> {
    return serviceEvents(this.#parts.api, await readDeployed(this.#parts, id, signal), signal)
  }

  follow(onChange: () => void, signal: AbortSignal): Promise<void> {
    return followSwarm(this.#parts, onChange, signal)
  }

  facts(spec: DeploymentSpec, ignoreId: string | null, signal: AbortSignal): Promise<PoolFacts> {
    return swarmFacts(this.#parts, spec, ignoreId, signal)
  }

  async secretsOf(
    id: string,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<Record<string, string>> {
    return secretsIn(await this.#parts.api.deployed(id, signal), names)
  }

  apply(change: Change, context: ChangeContext): Promise<{ digest: string | null; addresses: Address[] }> {
    return applyChange(this.#parts, change, context)
  }

  async act(
    request: DeploymentActionRequest,
    context: Omit<ChangeContext, 'auth' | 'secrets' | 'send'>,
  ): Promise<void> {
    try {
      const service = await this.#parts.api.deployed(request.deploymentId, context.signal)
      const names = decodeLabels(service.Spec.Labels)?.secrets ?? []
      const job = new Job(this.connection, context, usualPatience, Object.values(secretsIn(service, names)))
      await actOn(this.#parts, job, request)
    } catch (thrown) {
      throw toAppError(thrown).with({ pool: this.connection.name })
    }
  }

  logs(
    id: string,
    options: { instanceId: string | null; tail: number | null; since: number | null; follow: boolean },
    signal: AbortSignal,
  ): AsyncIterable<LogLine[]> {
    return serviceLogs(this.#parts.api, id, options, signal)
  }

  measure(id: string, signal: AbortSignal): Promise<Measure[]> {
    return measureService(this.#parts, id, signal)
  }

  async terminal(
    id: string,
    instanceId: string,
    size: { columns: number; rows: number },
  ): ReturnType<PoolDriver['terminal']> {
    const { tasks } = await readDeployed(this.#parts, id, new AbortController().signal)
    const context = { side: 'pool' as const, pool: this.connection.name, deployment: id }
    const task = tasks.find(({ ID }) => ID === instanceId)
    if (!task) throw new AppError('DEPLOYMENT_UNKNOWN', context)
    const { docker, containerId } = requireContainer(this.connection, task)
    return openShell(docker, containerId, size, context)
  }
}
