import type { DeploymentSpec } from '@shared/deployment'
import { type ErrorInfo, toAppError } from '@shared/error'
import type { PoolKind } from '@shared/pool'
import type { DeploymentPlan } from '@shared/running'
import type { PoolConnection, PoolFacts } from '../deploy/driver'
import { type ImageFacts, imageFactsOf, pinnedReference } from '../deploy/model/image'
import type { PoolAccess } from './pool-access'

/** How long a pool may take to tell what is in the way; milliseconds. */
const patience = 15_000

export interface DeployPlanRequest {
  poolId: string
  /** The deployment that is changed; null for a new one. */
  id: string | null
  spec: DeploymentSpec
}

/** Tells what a deployment would do and what is in the way. Where the pool does not answer the plan says why, and is not checked. */
export function createDeployPlanner(
  pools: PoolAccess,
): (request: DeployPlanRequest) => Promise<DeploymentPlan> {
  return async ({ poolId, id, spec }) => {
    let kind: PoolKind = pools.list().pools.find((pool) => pool.id === poolId)?.kind ?? 'docker'
    let facts: PoolFacts | null = null
    let image: ImageFacts | null = null
    let error: ErrorInfo | null = null
    try {
      const driver = await pools.driver(poolId)
      kind = driver.connection.kind
      facts = await driver.facts(spec, id, AbortSignal.timeout(patience))
      // The command before the start goes in front of what the image starts with.
      if (spec.beforeStart && facts.imagePresent) image = await imageIn(driver.connection, spec)
    } catch (thrown) {
      error = toAppError(thrown).toInfo()
    }
    // It writes Compose files, with a package that the start of the program does not wait for.
    const { planOf } = await import('../deploy/plan')
    return planOf({ spec, kind, facts, isChange: id !== null, image, error })
  }
}

async function imageIn({ docker }: PoolConnection, spec: DeploymentSpec): Promise<ImageFacts | null> {
  const raw: unknown = await docker
    .getImage(pinnedReference(spec.image))
    .inspect()
    .catch(() => null) // Under another name, or gone since: the texts then leave its words out.
  return raw === null ? null : imageFactsOf(raw)
}
