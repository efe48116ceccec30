import type { DeploymentSpec } from '@shared/deployment'
import type { ErrorInfo } from '@shared/error'
import type { DeploymentPlan } from '@shared/running'
import { sizeText } from './description/amount'
import { commandOf } from './description/command'
import { composeOf } from './description/compose'
import { writeDescription } from './description/yaml'
import type { PoolFacts } from './driver'
import type { ImageFacts } from './model/image'
import { publishedPorts } from './model/ports'
import { limitsOf } from './model/service-body'

export type PlanProblem = DeploymentPlan['problems'][number]
type Kind = 'docker' | 'podman' | 'swarm'

/**
 * The next host port that is free in a pool: upwards from `wanted`, or for one below 1024 from 8000 on (80 gives 8080); null
 * where there is none. `taken`: `8080/tcp`.
 */
export function freePort(
  wanted: number,
  protocol: 'tcp' | 'udp',
  taken: { has(key: string): boolean },
): number | null {
  for (let port = wanted < 1024 ? 8000 + wanted : wanted + 1; port <= 65_535; port += 1) {
    if (!taken.has(`${port}/${protocol}`)) return port
  }
  return null
}

function portProblems(spec: DeploymentSpec, facts: PoolFacts, kind: Kind, isChange: boolean): PlanProblem[] {
  const taken = new Set(facts.usedPorts.keys())
  const ports = publishedPorts(spec)
  for (const { host, protocol } of ports) if (host !== null) taken.add(`${host}/${protocol}`)
  return ports.flatMap(({ host, protocol, debug }, index): PlanProblem[] => {
    if (host === null) return []
    const path = debug ? 'debugPort.host' : `ports.${index}.host`
    const key = `${host}/${protocol}`
    const owner = facts.usedPorts.get(key)
    const found: PlanProblem[] = []
    if (owner !== undefined) {
      const proposal = freePort(host, protocol, taken)
      // No two ports of one form get the same proposal.
      if (proposal !== null) taken.add(`${proposal}/${protocol}`)
      const text = owner === '' ? key : `${key} (${owner})`
      found.push({ path, problem: 'host-port-used', severity: 'error', text, proposal })
    }
    if (kind === 'swarm') return found
    if (spec.instances > 1) {
      found.push({ path, problem: 'host-port-instances', severity: 'error', text: key, proposal: null })
    } else if (isChange) {
      found.push({ path, problem: 'fixed-port-interrupts', severity: 'warning', text: key, proposal: null })
    }
    return found
  })
}

function nameProblems(spec: DeploymentSpec, facts: PoolFacts, kind: Kind): PlanProblem[] {
  const instances = Array.from({ length: spec.instances }, (_, index) => `${spec.name}-${index + 1}`)
  // An engine's containers are numbered; a swarm's service has the name itself.
  const wanted = kind === 'swarm' ? [spec.name] : [...instances, `${spec.name}.record`]
  const taken = wanted.find((name) => facts.names.has(name))
  if (taken === undefined) return []
  return [{ path: 'name', problem: 'name-taken', severity: 'error', text: taken, proposal: null }]
}

function sizeProblems(spec: DeploymentSpec, facts: PoolFacts, kind: Kind): PlanProblem[] {
  const found: PlanProblem[] = []
  const isSwarm = kind === 'swarm'
  const instances = Math.max(1, spec.instances)
  const beyond = (
    area: 'cpu' | 'memory',
    { limit, reservation }: { limit: number | null; reservation: number | null },
    has: number | null,
    text: string,
  ): void => {
    if (has === null) return
    const add = (key: 'limit' | 'reservation', severity: PlanProblem['severity']): void => {
      found.push({ path: `${area}.${key}`, problem: `${area}-beyond-pool`, severity, text, proposal: null })
    }
    // A swarm never places what it cannot reserve; docker refuses more CPUs than it has. The rest is only unwise.
    if (reservation !== null && reservation * instances > has)
      add('reservation', isSwarm ? 'error' : 'warning')
    if (limit !== null && limit > has) add('limit', area === 'cpu' && !isSwarm ? 'error' : 'warning')
  }
  beyond('cpu', spec.cpu, facts.cpus, String(facts.cpus))
  const memory = facts.memoryBytes
  const gibibytes = memory === null ? '' : `${Math.round((memory / 2 ** 30) * 10) / 10}Gi`
  beyond(
    'memory',
    spec.memory,
    memory,
    memory !== null && memory >= 2 ** 30 ? gibibytes : sizeText(memory ?? 0),
  )
  return found
}

function placeProblems(spec: DeploymentSpec, facts: PoolFacts, kind: Kind): PlanProblem[] {
  const found: PlanProblem[] = []
  for (const [index, network] of spec.networks.entries()) {
    if (facts.networks.has(network)) continue
    const path = `networks.${index}`
    found.push({ path, problem: 'network-missing', severity: 'warning', text: network, proposal: null })
  }
  const own = facts.platform.split('/').slice(0, 2).join('/')
  const wanted = spec.platform?.split('/').slice(0, 2).join('/')
  // A swarm may have nodes of several kinds, an engine an emulator: what is foreign to it may run all the same.
  if (wanted !== undefined && own !== '' && wanted !== own && facts.nodes <= 1) {
    const text = facts.platform
    found.push({
      path: 'platform',
      problem: 'platform-unsupported',
      severity: 'warning',
      text,
      proposal: null,
    })
  }
  const textOf = (path: string): string | null => {
    const [field, index] = path.split('.')
    const volume = field === 'volumes' ? spec.volumes[Number(index)] : undefined
    return volume?.kind === 'folder' ? volume.source : null
  }
  const limits = kind === 'swarm' ? limitsOf(spec, facts.nodes) : []
  return [...found, ...limits.map((limit) => ({ ...limit, text: textOf(limit.path), proposal: null }))]
}

/**
 * What a deployment would do in a pool, and what is in the way. `facts` null: the pool could not be asked, `error` says why.
 * `isChange`: it is there already. `image`: what the image starts with, where that is known.
 */
export function planOf(options: {
  spec: DeploymentSpec
  kind: Kind
  facts: PoolFacts | null
  isChange: boolean
  image?: Pick<ImageFacts, 'entrypoint' | 'command'> | null
  error?: ErrorInfo | null
}): DeploymentPlan {
  const { spec, kind, facts, isChange, image = null, error = null } = options
  const problems = facts
    ? [
        ...nameProblems(spec, facts, kind),
        ...portProblems(spec, facts, kind, isChange),
        ...sizeProblems(spec, facts, kind),
        ...placeProblems(spec, facts, kind),
      ]
    : []
  return {
    problems,
    usedPorts: [...(facts?.usedPorts.keys() ?? [])],
    imagePresent: facts?.imagePresent ?? false,
    command: commandOf(spec, kind, image),
    compose: composeOf(spec, kind, image),
    description: writeDescription(spec),
    error,
  }
}
