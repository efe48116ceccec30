/** A deployment as the spec of a Docker Swarm service, and what of a deployment a swarm cannot do. */
import type Dockerode from 'dockerode'
import type { DeploymentSpec } from '@shared/deployment'
import type { DeploymentPlan } from '@shared/running'
import { environmentOf } from './environment'
import { toEngineHealth } from './health'
import type { ImageFacts } from './image'
import { startOf } from './start'

export interface ServiceBodyOptions {
  spec: DeploymentSpec
  /** Pinned by its digest where the swarm has several nodes, so that each runs the same. */
  image: string
  imageConfig: Pick<ImageFacts, 'entrypoint' | 'command'>
  /** Of `encodeLabels` without an instance: on the service alone, where they may change without new tasks. */
  labels: Readonly<Record<string, string>>
  /** Of `encodeTaskLabels`: a change of these replaces every task. */
  taskLabels: Readonly<Record<string, string>>
  secrets: Readonly<Record<string, string>>
  /** The service's name. */
  name: string
  /** The swarm configs that hold the spec's files, one for each, in their order. */
  configs?: readonly { id: string; name: string }[]
  /** Instead of the spec's number: 0 while it is stopped. */
  replicas?: number
  /** `host` publishes on each node that runs an instance, past the swarm's own load balancer. */
  publishMode?: 'ingress' | 'host'
  endpointMode?: 'vip' | 'dnsrr'
  update?: ServiceUpdate
  /** A new number replaces every task without any other change. */
  forceUpdate?: number
}

export interface ServiceUpdate {
  order?: 'start-first' | 'stop-first'
  /** How long a new task is watched after it runs. */
  monitorSeconds?: number
  parallelism?: number
  failureAction?: 'rollback' | 'pause'
}

const nano = 1_000_000_000
// Swarm has no "unless stopped": a stopped service has no tasks at all.
const conditions = { no: 'none', 'on-failure': 'on-failure', always: 'any', 'unless-stopped': 'any' } as const

const volumesOf = (spec: DeploymentSpec): Dockerode.MountSettings[] =>
  spec.volumes.map((volume) => ({
    Type: volume.kind === 'folder' ? 'bind' : 'volume',
    Source: volume.kind === 'folder' ? volume.source : (volume.name ?? ''),
    Target: volume.path,
    ReadOnly: volume.readOnly,
  }))

/** Limits or reservations; nothing where neither is set. */
function amount(cpu: number | null, memory: number | null): { NanoCPUs?: number; MemoryBytes?: number } {
  return {
    ...(cpu !== null && { NanoCPUs: Math.round(cpu * nano) }),
    ...(memory !== null && { MemoryBytes: memory }),
  }
}

function containerSpecOf(options: ServiceBodyOptions): Dockerode.ContainerSpec {
  const { spec, image, imageConfig, taskLabels, secrets, configs = [] } = options
  const start = startOf(spec, imageConfig)
  const health = toEngineHealth(spec.health)
  return {
    Image: image,
    Labels: { ...spec.labels, ...taskLabels },
    Env: environmentOf(spec, secrets),
    ...(start.entrypoint && { Command: start.entrypoint }),
    ...(start.command && { Args: start.command }),
    ...(health && { HealthCheck: health }),
    ...(spec.user !== null && { User: spec.user }),
    ...(spec.workingFolder !== null && { Dir: spec.workingFolder }),
    ...(spec.stopSeconds !== null && { StopGracePeriod: spec.stopSeconds * nano }),
    ...(spec.volumes.length > 0 && { Mounts: volumesOf(spec) }),
    ...(configs.length > 0 && {
      Configs: configs.flatMap(({ id, name }, index) => {
        const file = spec.files[index]
        if (!file) return []
        const File = { Name: file.path, UID: '0', GID: '0', Mode: Number.parseInt(file.mode, 8) }
        return [{ ConfigID: id, ConfigName: name, File }]
      }),
    }),
  }
}

function taskOf(options: ServiceBodyOptions): Dockerode.ContainerTaskSpec {
  const { spec } = options
  const [os, architecture] = spec.platform?.split('/') ?? []
  return {
    ContainerSpec: containerSpecOf(options),
    Resources: {
      Limits: amount(spec.cpu.limit, spec.memory.limit),
      Reservations: amount(spec.cpu.reservation, spec.memory.reservation),
    },
    RestartPolicy: {
      Condition: conditions[spec.restart.policy],
      ...(spec.restart.retries !== null && { MaxAttempts: spec.restart.retries }),
    },
    ...(os && architecture && { Placement: { Platforms: [{ OS: os, Architecture: architecture }] } }),
    ...(spec.networks.length > 0 && {
      Networks: spec.networks.map((network) => ({ Target: network, Aliases: [spec.name] })),
    }),
    ...(options.forceUpdate !== undefined && { ForceUpdate: options.forceUpdate }),
  }
}

function updateOf(update: ServiceUpdate, isRollback: boolean): Dockerode.UpdateConfig {
  return {
    Parallelism: update.parallelism ?? 1,
    Delay: 0,
    FailureAction: isRollback ? 'pause' : (update.failureAction ?? 'rollback'),
    Monitor: Math.round((update.monitorSeconds ?? 5) * nano),
    MaxFailureRatio: 0,
    Order: update.order ?? 'start-first',
  }
}

/**
 * The spec for `docker.createService` and `service.update`. Ports for the host itself only, the debugger's too, are not
 * published: a swarm would publish them for everyone (`limitsOf` tells so). SECRET_MISSING.
 */
export function toServiceBody(options: ServiceBodyOptions): Dockerode.ServiceSpec {
  const { spec, name, labels, replicas, publishMode = 'ingress', endpointMode = 'vip', update = {} } = options
  const ports = spec.ports.filter(({ scope }) => scope === 'all')
  return {
    Name: name,
    Labels: { ...spec.labels, ...labels },
    TaskTemplate: taskOf(options),
    Mode: { Replicated: { Replicas: replicas ?? spec.instances } },
    UpdateConfig: updateOf(update, false),
    RollbackConfig: updateOf(update, true),
    EndpointSpec: {
      Mode: endpointMode,
      Ports: ports.map(({ container, host, protocol }) => ({
        Protocol: protocol,
        TargetPort: container,
        ...(host !== null && { PublishedPort: host }),
        PublishMode: publishMode,
      })),
    },
  }
}

export type SpecLimit = Pick<DeploymentPlan['problems'][number], 'path' | 'problem' | 'severity'>

/** What of a deployment a swarm of so many nodes does not do, or does otherwise. */
export function limitsOf(spec: DeploymentSpec, nodes: number): SpecLimit[] {
  const found: SpecLimit[] = []
  const add = (path: string, problem: SpecLimit['problem'], severity: SpecLimit['severity']): void => {
    found.push({ path, problem, severity })
  }
  for (const [index, port] of spec.ports.entries()) {
    if (port.scope === 'local') add(`ports.${index}.scope`, 'local-scope-unsupported', 'error')
  }
  if (spec.debugPort) add('debugPort', 'local-scope-unsupported', 'error')
  if (spec.cpu.weight !== null) add('cpu.weight', 'weight-unsupported', 'warning')
  if (spec.diskBytes !== null) add('diskBytes', 'disk-unsupported', 'warning')
  if (nodes <= 1) return found
  for (const [index, volume] of spec.volumes.entries()) {
    if (volume.kind === 'folder') add(`volumes.${index}.source`, 'folder-on-every-node', 'warning')
  }
  if (spec.image.delivery !== 'pull') add('image.delivery', 'image-on-every-node', 'warning')
  if (spec.beforeStop !== null) add('beforeStop', 'before-stop-remote', 'warning')
  return found
}
