/** A deployment from its containers: what runs, in what state. Pure. */
import { AppError } from '@shared/error'
import type { DeploymentSummary, DeploymentState, DeploymentVersion, Health, Instance } from '@shared/running'
import type { PoolConnection } from '../driver'
import { addressesOf } from './listed-addresses'
import type { OwnContainer } from './listing'
import { instanceName } from './names'
import { stateOf, type Inspection, type InstanceState } from './state'

/** One container of a deployment with what is known of it. */
export interface Member {
  container: OwnContainer
  inspection: Inspection | null
  state: InstanceState
}

export interface DeploymentFacts {
  id: string
  members: Member[]
  /** Newest first; never empty. */
  versions: [DeploymentVersion, ...DeploymentVersion[]]
}

/** What is on its way is not what runs, unless there is nothing else; a record is no instance. */
const isInstance = ({ container }: Member): boolean => container.role === 'instance'
const isMoving = ({ container }: Member): boolean => container.role === 'next' || container.role === 'trial'

/** After this long without an end a change was cut off, not under way; milliseconds. */
const changeLimit = 3_600_000

/** The container whose labels tell the deployment's model: the newest of those that count. */
export function bearerOf(containers: readonly OwnContainer[]): OwnContainer | undefined {
  const settled = containers.filter(({ role }) => role === 'instance' || role === 'record')
  const counted = settled.length > 0 ? settled : containers
  return [...counted].sort((a, b) => b.own.version - a.own.version || b.createdAt - a.createdAt)[0]
}

export function memberOf(container: OwnContainer, inspection: Inspection | null, now: number): Member {
  return { container, inspection, state: stateOf(container, inspection, now) }
}

/** The summary of a deployment; `digest` is the engine's own word on the image, for versions that do not know theirs. */
export function summaryOf(
  facts: DeploymentFacts,
  connection: PoolConnection,
  digest: string | null,
  now: number,
): DeploymentSummary {
  const [newest] = facts.versions
  const oldest = facts.versions.at(-1) ?? newest
  const settled = facts.members.filter(isInstance)
  const shown = settled.length > 0 ? settled : facts.members.filter(isMoving)
  const counts = {
    wanted: newest.spec.instances,
    running: shown.filter(({ state }) => runs(state)).length,
    healthy: shown.filter(({ state }) => state.state === 'running' && state.health !== 'unhealthy').length,
  }
  const moving = facts.members.some(
    (member) => isMoving(member) && now - member.container.createdAt < changeLimit,
  )
  return {
    poolId: connection.poolId,
    id: facts.id,
    name: newest.spec.name,
    image: newest.spec.image,
    digest: newest.digest ?? digest,
    version: newest.version,
    state: overall(shown, counts, moving),
    health: healthOf(shown),
    instances: counts,
    createdAt: Math.min(oldest.at, ...facts.members.map(({ container }) => container.createdAt)),
    updatedAt: newest.at,
    addresses: shown.flatMap(({ container }) => addressesOf(container.ports, newest.spec, connection)),
    drift: null,
    error: errorOf(shown, newest.spec.name),
  }
}

const runs = ({ state }: InstanceState): boolean => state === 'running' || state === 'starting'

function overall(
  shown: readonly Member[],
  { wanted, running, healthy }: DeploymentSummary['instances'],
  moving: boolean,
): DeploymentState {
  if (moving && running > 0) return 'updating'
  const has = (...states: Instance['state'][]): boolean =>
    shown.some(({ state }) => states.includes(state.state))
  if (running === 0) {
    if (moving) return shown.some(isMoving) ? 'starting' : 'updating'
    if (wanted === 0) return 'stopped'
    if (has('failed', 'restarting')) return 'failed'
    return has('created') && !has('exited') ? 'starting' : shown.some(isLost) ? 'unknown' : 'stopped'
  }
  if (healthy >= wanted && !has('failed', 'restarting')) return 'running'
  return healthy === 0 && has('starting') ? 'starting' : 'degraded'
}

const isLost = ({ state }: Member): boolean => state.state === 'lost'

function healthOf(shown: readonly Member[]): Health {
  const healths = shown.filter(({ state }) => runs(state)).map(({ state }) => state.health)
  return (['unhealthy', 'starting', 'healthy'] as const).find((health) => healths.includes(health)) ?? 'none'
}

function errorOf(shown: readonly Member[], deployment: string): DeploymentSummary['error'] {
  const failed = shown.find(({ state }) => state.state === 'failed' || state.state === 'restarting')
  if (!failed) {
    const ill = shown.some(({ state }) => runs(state) && state.health === 'unhealthy')
    return ill ? new AppError('NOT_HEALTHY', { side: 'pool', deployment }).toInfo() : null
  }
  const { exitCode, message } = failed.state
  const context = { side: 'pool' as const, deployment, ...(exitCode !== null && { exitCode }) }
  return new AppError('CONTAINER_EXITED', context, { detail: message }).toInfo()
}

/** The instances of a deployment, by number; what is on its way comes last. */
export function instancesOf(facts: DeploymentFacts, connection: PoolConnection, node: string): Instance[] {
  return facts.members
    .filter((member) => member.container.role !== 'record')
    .sort((a, b) => Number(isMoving(a)) - Number(isMoving(b)) || numberOf(a) - numberOf(b))
    .map((member) => {
      const { container, inspection, state } = member
      return {
        id: container.id,
        number: numberOf(member),
        name: container.name || instanceName(container.own.name, numberOf(member)),
        version: container.own.version,
        state: state.state,
        health: state.health,
        node,
        startedAt: inspection?.startedAt ?? null,
        restarts: inspection?.restarts ?? 0,
        exitCode: state.exitCode,
        message: state.message,
        addresses: addressesOf(container.ports, specOf(facts, container.own.version), connection),
        reachable: true,
      }
    })
}

const numberOf = ({ container }: Member): number => container.own.instance ?? 1

const specOf = (facts: DeploymentFacts, version: number): DeploymentVersion['spec'] =>
  (facts.versions.find((one) => one.version === version) ?? facts.versions[0]).spec
