import { AppError } from '@shared/error'
import type { DeploymentDetail } from '@shared/running'
import type { DriverDetail, PoolConnection } from '../driver'
import { digestsOf } from './digests'
import { deploymentEvents } from './events'
import { factsOf } from './list'
import { listContainers, ownContainers, type OwnContainer } from './listing'
import { instancesOf, summaryOf } from './summary'

/** The containers of a deployment; DEPLOYMENT_UNKNOWN where the engine has none. */
export async function containersOf(
  connection: PoolConnection,
  id: string,
  signal: AbortSignal,
): Promise<OwnContainer[]> {
  const containers = ownContainers(await listContainers(connection, signal, id)).get(id)
  if (!containers) throw unknown(connection, id)
  return containers
}

const unknown = ({ name }: PoolConnection, id: string): AppError =>
  new AppError('DEPLOYMENT_UNKNOWN', { side: 'pool', pool: name, deployment: id })

/** Everything about one deployment of an engine's pool; DEPLOYMENT_UNKNOWN. */
export async function readDeployment(
  connection: PoolConnection,
  id: string,
  signal: AbortSignal,
): Promise<DriverDetail> {
  const [containers, events] = await Promise.all([
    containersOf(connection, id, signal),
    deploymentEvents(connection, id, signal),
  ])
  const facts = await factsOf(connection, id, containers, signal, true)
  if (!facts) throw unknown(connection, id)
  const digests = await digestsOf(connection, [facts], signal)
  const summary = summaryOf(facts, connection, digests.get(id) ?? null, Date.now())
  return {
    poolId: connection.poolId,
    id,
    summary,
    spec: facts.versions[0].spec,
    versions: facts.versions,
    instances: instancesOf(facts, connection, connection.name),
    events,
    limits: limitsOf(facts.versions[0].spec),
  }
}

function limitsOf({ ports, debugPort }: DeploymentDetail['spec']): DeploymentDetail['limits'] {
  const fixed = ports.some(({ host }) => host !== null) || (debugPort?.host ?? null) !== null
  return fixed ? ['fixed-port-interrupts'] : []
}
