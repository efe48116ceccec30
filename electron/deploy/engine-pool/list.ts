import type { DeploymentSummary, DeploymentVersion, OtherWorkload } from '@shared/running'
import { withDeadline } from '../../engine/deadline'
import { understood } from '../../engine/understood'
import type { PoolConnection } from '../driver'
import { AppError } from '@shared/error'
import { inParallel } from '../in-parallel'
import { fromContainer } from '../model/from-container'
import { deploymentLabels } from '../model/labels'
import { imageFactsOf, type ImageFacts } from '../model/image'
import { addressesOf } from './listed-addresses'
import { digestsOf } from './digests'
import { asking } from './error'
import { listContainers, ownContainers, patience, type Listed, type OwnContainer } from './listing'
import { isSwarmTask, versionsOf } from './models'
import { Inspect, isSettled, toInspection, type Inspection } from './state'
import { bearerOf, memberOf, summaryOf, type DeploymentFacts } from './summary'

/** How many containers are inspected at a time. */
const width = 8

/** What runs in an engine's pool: deployments by their labels, newest first, and apart from them other containers. */
export async function listPool(
  connection: PoolConnection,
  signal: AbortSignal,
): Promise<{ deployments: DeploymentSummary[]; others: OtherWorkload[] }> {
  const listed = await listContainers(connection, signal)
  const groups = [...ownContainers(listed)]
  const all = await inParallel(groups, width, ([id, containers]) =>
    factsOf(connection, id, containers, signal, false),
  )
  const facts = all.filter((found) => found !== null)
  const digests = await digestsOf(connection, facts, signal)
  const now = Date.now()
  return {
    deployments: facts
      .map((one) => summaryOf(one, connection, digests.get(one.id) ?? null, now))
      .sort((a, b) => b.createdAt - a.createdAt || (a.name < b.name ? -1 : 1)),
    others: listed
      // A swarm's tasks of ours are listed in the swarm's pool.
      .filter(({ own, labels }) => own === null && !(isSwarmTask(labels) && deploymentLabels.id in labels))
      .map((container) => otherOf(container, connection))
      .sort((a, b) => b.createdAt - a.createdAt || (a.name < b.name ? -1 : 1)),
  }
}

function otherOf(container: Listed, connection: PoolConnection): OtherWorkload {
  return {
    poolId: connection.poolId,
    id: container.id,
    kind: 'container',
    name: container.name,
    image: container.image,
    state: container.state,
    createdAt: container.createdAt,
    addresses: addressesOf(container.ports, null, connection),
  }
}

/**
 * Everything known of one deployment from its listed containers; `whole`: each is inspected, also where the listing would do.
 * Null where its containers went away meanwhile.
 */
export async function factsOf(
  connection: PoolConnection,
  id: string,
  containers: readonly OwnContainer[],
  signal: AbortSignal,
  whole: boolean,
): Promise<DeploymentFacts | null> {
  const members = await inParallel(containers, width, async (container) => {
    const needless = container.role === 'record' || (!whole && isSettled(container, connection.kind))
    const inspection = needless ? null : await inspectionOf(connection, container.id, signal)
    return inspection === 'gone' ? null : memberOf(container, inspection, Date.now())
  })
  const there = members.filter((member) => member !== null)
  const bearer = bearerOf(there.map(({ container }) => container))
  if (!bearer) return null
  const [newest, ...older] = versionsOf(connection, bearer.labels)
  if (newest) return { id, members: there, versions: [newest, ...older] }
  const instances = there.filter(({ container }) => container.role === 'instance').length
  return { id, members: there, versions: [await rebuilt(connection, bearer, instances, signal)] }
}

/** The one version that is still known where the model label was lost: what the engine says of the container. */
async function rebuilt(
  connection: PoolConnection,
  bearer: OwnContainer,
  instances: number,
  signal: AbortSignal,
): Promise<DeploymentVersion> {
  const ask = <T>(call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> =>
    asking({}, () => withDeadline(patience, signal, call))
  const { docker } = connection
  const inspect = await ask((abortSignal) => docker.getContainer(bearer.id).inspect({ abortSignal }))
  const image = await imageOf(ask, docker, bearer.imageId)
  const spec = fromContainer(inspect, { image, instances })
  return { version: bearer.own.version, at: bearer.createdAt, reason: 'new', spec, digest: null }
}

/** An image's own settings; null where the engine has lost the image, which a container outlives. */
async function imageOf(
  ask: <T>(call: (abortSignal: AbortSignal) => Promise<T>) => Promise<T>,
  docker: PoolConnection['docker'],
  id: string,
): Promise<ImageFacts | null> {
  try {
    return imageFactsOf(await ask(() => docker.getImage(id).inspect()))
  } catch (error) {
    if (error instanceof AppError && error.code === 'IMAGE_NOT_FOUND') return null
    throw error
  }
}

async function inspectionOf(
  { docker, kind }: PoolConnection,
  id: string,
  signal: AbortSignal,
): Promise<Inspection | 'gone'> {
  try {
    const answer = await asking({}, () =>
      withDeadline(patience, signal, (abortSignal) => docker.getContainer(id).inspect({ abortSignal })),
    )
    return toInspection(understood(Inspect, answer), kind)
  } catch (error) {
    // Removed since it was listed, as in the midst of an upgrade.
    if (error instanceof AppError && error.code === 'DEPLOYMENT_UNKNOWN') return 'gone'
    throw error
  }
}
