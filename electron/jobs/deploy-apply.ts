import { randomUUID } from 'node:crypto'
import type { DeploymentSpec } from '@shared/deployment'
import { AppError } from '@shared/error'
import type { DeployRequest, Job } from '@shared/job'
import { type DeploymentSecrets, secretNamesOf } from '../deploy/secrets'
import { askRunning } from './deploy'
import type { PoolAccess } from './pool-access'
import type { JobQueue } from './queue'
import type { UnownedSecrets } from './unowned-secrets'

export interface ApplyRequest {
  poolId: string
  id: string | null
  spec: DeploymentSpec
  secrets: Readonly<Record<string, string>>
  keep: 'keychain' | 'session'
  reason: DeployRequest['reason']
  baseVersion: number | null
}

const patience = 15_000

/**
 * Keeps the secrets that were typed, then queues the deployment. Before anything is kept: SECRET_MISSING where a secret variable has
 * no value anywhere, POOL_UNKNOWN. KEYCHAIN_... where the secrets cannot be kept. A new deployment that is not queued leaves none.
 */
export function createDeployApply(parts: {
  pools: PoolAccess
  secrets: DeploymentSecrets
  unowned: Pick<UnownedSecrets, 'during'>
  queue: Pick<JobQueue, 'enqueue'>
}): (request: ApplyRequest) => Promise<Job> {
  const { pools, secrets, unowned, queue } = parts
  return async ({ poolId, id, spec, secrets: typed, keep, reason, baseVersion }) => {
    pools.name(poolId)
    if ((id === null) !== (baseVersion === null)) {
      throw new AppError('INPUT_INVALID', { side: 'program', field: 'baseVersion' })
    }
    const deploymentId = id ?? randomUUID()
    const names = secretNamesOf(spec)
    const given = Object.fromEntries(Object.entries(typed).filter(([name]) => names.includes(name)))
    const running =
      id === null
        ? null
        : async (wanted: readonly string[]): Promise<Record<string, string>> =>
            askRunning(await pools.driver(poolId), id, AbortSignal.timeout(patience))(wanted)
    await secrets.complete(deploymentId, spec, given, running)
    const keepAndQueue = async (): Promise<Job> => {
      await secrets.keep(deploymentId, given, keep)
      return queue.enqueue({ kind: 'deploy', poolId, deploymentId, spec, reason, baseVersion })
    }
    // Those of a deployment that is there belong to it, whatever becomes of the job.
    const isOwned = id !== null || Object.keys(given).length === 0
    return isOwned ? keepAndQueue() : unowned.during(deploymentId, Object.keys(given), keepAndQueue)
  }
}
