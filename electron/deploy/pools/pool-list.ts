/** Pools as the window sees them, from what is known of the engines. */
import type { Pool, PoolUsage } from '@shared/pool'
import { noUsage, type PoolEngine } from './pool-engine'

const suffix = '.swarm'

export const swarmIdOf = (engineId: string): string => `${engineId}${suffix}`
/** The engine behind a pool's id, and whether the swarm is meant that it manages. */
export const splitPoolId = (id: string): { engineId: string; swarm: boolean } =>
  id.endsWith(suffix)
    ? { engineId: id.slice(0, -suffix.length), swarm: true }
    : { engineId: id, swarm: false }

export const swarmNameOf = (name: string): string => `${name} · Swarm`

/** Every engine, and after a manager its swarm: one card for a swarm, however many of its managers are known. */
export function poolsOf(engines: readonly PoolEngine[], chosenId: string | null): Pool[] {
  const managers = engines.filter(({ facts }) => facts.info?.isManager)
  const shown = new Map<string, string>()
  for (const { place, facts } of managers) {
    const cluster = facts.info?.clusterId ?? place.id
    const known = shown.get(cluster)
    const better = known === undefined || swarmIdOf(place.id) === chosenId || !isOnline(engines, known)
    if (better && swarmIdOf(known ?? '') !== chosenId) shown.set(cluster, place.id)
  }
  const visible = new Set(shown.values())
  return engines.flatMap((engine) => [
    enginePool(engine),
    ...(visible.has(engine.place.id) ? [swarmPool(engine, engines)] : []),
  ])
}

const isOnline = (engines: readonly PoolEngine[], id: string): boolean =>
  engines.some(({ place, facts }) => place.id === id && facts.state === 'online')

function enginePool({ place, facts }: PoolEngine): Pool {
  const { found, info } = facts
  const own = facts.nodes.length === 1 || !info?.isManager
  return {
    id: place.id,
    name: place.name,
    kind: found?.product ?? (place.target.endpoint.source === 'podman' ? 'podman' : 'docker'),
    host: place.target.endpoint.host,
    source: place.source,
    certificates: place.certificates ?? null,
    sshConfig: place.target.sshConfig ?? null,
    state: facts.state,
    error: facts.error?.toInfo() ?? null,
    version: found?.version ?? null,
    platform: found?.platform ?? null,
    nodes: own ? facts.nodes : facts.nodes.filter(({ id }) => id === info?.nodeId),
    usage: facts.usage,
    canBeginSwarm: facts.state === 'online' && info?.swarmState === 'inactive' && found?.product === 'docker',
    fetchedAt: facts.fetchedAt,
  }
}

function swarmPool(engine: PoolEngine, engines: readonly PoolEngine[]): Pool {
  const { place, facts } = engine
  const pool = enginePool(engine)
  const failed = facts.state === 'online' && facts.swarmError !== null
  return {
    ...pool,
    id: swarmIdOf(place.id),
    name: swarmNameOf(place.name),
    kind: 'swarm',
    state: failed ? 'offline' : pool.state,
    error: failed ? (facts.swarmError?.toInfo() ?? null) : pool.error,
    nodes: facts.nodes,
    usage: facts.state === 'online' ? swarmUsage(engine, engines) : null,
    canBeginSwarm: false,
  }
}

/** What the nodes have together; what is in use only where the engine of every node is a pool too. */
function swarmUsage({ facts }: PoolEngine, engines: readonly PoolEngine[]): PoolUsage {
  const nodes = facts.nodes.filter(({ state }) => state === 'ready')
  const usages = nodes.map(({ id }) => engines.find((one) => one.facts.info?.nodeId === id)?.facts.usage)
  const used = (pick: (usage: PoolUsage) => number | null): number | null =>
    total(usages.map((usage) => (usage ? pick(usage) : null)))
  return {
    ...noUsage,
    cpus: total(nodes.map(({ cpus }) => cpus)),
    memoryBytes: total(nodes.map(({ memoryBytes }) => memoryBytes)),
    cpusUsed: used(({ cpusUsed }) => cpusUsed),
    memoryUsed: used(({ memoryUsed }) => memoryUsed),
    diskBytes: used(({ diskBytes }) => diskBytes),
    diskUsed: used(({ diskUsed }) => diskUsed),
    containers: used(({ containers }) => containers),
    containersRunning: used(({ containersRunning }) => containersRunning),
  }
}

/** Null as soon as one is not known: half a sum would look like a whole one. */
function total(amounts: readonly (number | null)[]): number | null {
  let sum = 0
  for (const amount of amounts) {
    if (amount === null) return null
    sum += amount
  }
  return sum
}
