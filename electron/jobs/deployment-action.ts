import type { DeploymentActionRequest } from '@shared/job'
import { type DeploymentSecrets, secretNamesOf } from '../deploy/secrets'
import { throwIfAborted } from './engine-access'
import type { PoolAccess } from './pool-access'
import type { Runner } from './runner'

export interface DeploymentActionParts {
  pools: PoolAccess
  secrets: DeploymentSecrets
}

/** Stops, starts, restarts or removes a deployment or one instance of it; with a deployment its secrets are forgotten. */
export function createDeploymentActionRunner({
  pools,
  secrets,
}: DeploymentActionParts): Runner<DeploymentActionRequest> {
  return async (request, { signal, report, log }) => {
    const { poolId, deploymentId: id, action } = request
    report({ phase: 'preparing', completed: 0, total: null, parts: [] })
    const driver = await pools.driver(poolId)
    throwIfAborted(signal)
    const names = new Set<string>()
    if (action === 'remove') {
      const { spec, versions } = await driver.read(id, signal)
      for (const one of [spec, ...versions.map((version) => version.spec)]) {
        for (const name of secretNamesOf(one)) names.add(name)
      }
    }
    const beforeGone = (): Promise<void> => secrets.forget(id, [...names])
    await driver.act(request, { signal, report, log, beforeGone })
    await beforeGone()
    const gone = action === 'remove'
    return { digest: null, references: [], deployment: gone ? null : { poolId, id, url: null } }
  }
}
