import type { DeploymentSpec } from '@shared/deployment'
import { AppError, toAppError } from '@shared/error'
import type { DeploymentActionRequest } from '@shared/job'
import type { DeploymentEvent, DeploymentSummary, LogLine, OtherWorkload } from '@shared/running'
import type {
  ActContext,
  Change,
  ChangeContext,
  DriverDetail,
  Measure,
  PoolConnection,
  PoolDriver,
  PoolFacts,
} from '../driver'
import { act } from './act'
import { applyChange, type Done } from './change'
import { deploymentEvents } from './events'
import { poolFacts } from './facts'
import { followPool } from './follow'
import { Job, secretsOf, type Patience, usualPatience } from './job'
import { listPool } from './list'
import { deploymentLogs } from './logs'
import { measureDeployment } from './measure'
import { requireOurs } from './ours'
import { readDeployment } from './read'
import { secretsIn } from './secrets-in'
import { openTerminal } from './terminal'

/** Deployments on one engine, Docker's or Podman's, without a swarm: an instance is a container. */
export class EnginePoolDriver implements PoolDriver {
  constructor(
    readonly connection: PoolConnection,
    private readonly patience: Patience = usualPatience,
  ) {}

  list(signal: AbortSignal): Promise<{ deployments: DeploymentSummary[]; others: OtherWorkload[] }> {
    return listPool(this.connection, signal)
  }

  read(id: string, signal: AbortSignal): Promise<DriverDetail> {
    return readDeployment(this.connection, id, signal)
  }

  events(id: string, signal: AbortSignal): Promise<DeploymentEvent[]> {
    return deploymentEvents(this.connection, id, signal)
  }

  follow(onChange: () => void, signal: AbortSignal): Promise<void> {
    return followPool(this.connection, onChange, signal)
  }

  facts(spec: DeploymentSpec, ignoreId: string | null, signal: AbortSignal): Promise<PoolFacts> {
    return poolFacts(this.connection, spec, ignoreId, signal)
  }

  /** From the newest instance; names that it does not have are left out. */
  async secretsOf(id: string, names: readonly string[]): Promise<Record<string, string>> {
    const { instances } = await requireOurs(this.connection.docker, id)
    const [newest] = [...instances].sort((a, b) => b.version - a.version)
    return newest ? secretsIn(this.connection.docker, newest.id, names) : {}
  }

  apply(change: Change, context: ChangeContext): Promise<Done> {
    return this.work(context, secretsOf(context), (job) => applyChange(job, change, context))
  }

  act(request: DeploymentActionRequest, context: ActContext): Promise<void> {
    return this.work(context, [], (job) => act(job, request, context))
  }

  logs(
    id: string,
    options: { instanceId: string | null; tail: number | null; since: number | null; follow: boolean },
    signal: AbortSignal,
  ): AsyncIterable<LogLine[]> {
    return deploymentLogs(this.connection, id, options, signal)
  }

  measure(id: string, signal: AbortSignal): Promise<Measure[]> {
    return measureDeployment(this.connection, id, signal)
  }

  terminal(
    id: string,
    instanceId: string,
    size: { columns: number; rows: number },
  ): ReturnType<PoolDriver['terminal']> {
    return openTerminal(this.connection, id, instanceId, size)
  }

  private async work<T>(
    context: Pick<ChangeContext, 'signal' | 'report' | 'log'>,
    secrets: readonly string[],
    run: (job: Job) => Promise<T>,
  ): Promise<T> {
    const job = new Job(this.connection, context, this.patience, secrets)
    try {
      return await run(job)
    } catch (thrown) {
      const { code, context: about, detail } = toAppError(thrown)
      // What an engine repeats of a request may hold a secret.
      const told = { pool: this.connection.name, ...about }
      throw new AppError(code, told, { detail: detail === null ? null : job.clean(detail) })
    }
  }
}
