/** A deployment's one instance, as the body with which an engine creates a container. */
import type Dockerode from 'dockerode'
import type { DeploymentSpec, VolumeSpec } from '@shared/deployment'
import { environmentOf } from './environment'
import { toEngineHealth } from './health'
import type { ImageFacts } from './image'
import { portKey, publishedPorts } from './ports'
import { startOf } from './start'

export interface ContainerBodyOptions {
  spec: DeploymentSpec
  /** Reference or image ID, as the engine has it. */
  image: string
  /** What the image itself starts with; needed where something runs before that. */
  imageConfig: Pick<ImageFacts, 'entrypoint' | 'command'>
  /** Of `encodeLabels`; the spec's own are added. */
  labels: Readonly<Record<string, string>>
  /** Values of the secret variables; SECRET_MISSING where one is not there. */
  secrets: Readonly<Record<string, string>>
  /** The container's name. */
  name: string
  /**
   * Host ports instead of the spec's, by `8080/tcp` (container port): a number, or null for a free one. A further instance, or
   * one beside that which still serves, cannot have the same.
   */
  hostPorts?: ReadonlyMap<string, number | null>
}

/**
 * For `docker.createContainer`. `_query` and `_body` are docker-modem's: without them the whole body, secrets too, would go into
 * the request's address.
 */
export interface CreateRequest extends Dockerode.ContainerCreateOptions {
  _query: { name: string; platform?: string }
  _body: Dockerode.ContainerCreateOptions
}

const nano = 1_000_000_000
/** Networks that every engine has, where containers have no names of their own. */
const builtIn = new Set(['bridge', 'default', 'host', 'none', 'podman'])

const mountOf = (volume: VolumeSpec): Dockerode.MountSettings => ({
  Type: volume.kind === 'folder' ? 'bind' : 'volume',
  Source: volume.kind === 'folder' ? volume.source : (volume.name ?? ''),
  Target: volume.path,
  ReadOnly: volume.readOnly,
})

/** The spec's networks after the first: engines before 25 take one at creation, these are connected before the start. */
export const furtherNetworks = (spec: Pick<DeploymentSpec, 'networks'>): string[] => spec.networks.slice(1)

/** How a container is known in a network: by the deployment's name, as are all its instances. */
export const endpointOf = (spec: Pick<DeploymentSpec, 'name'>, network: string): { Aliases?: string[] } =>
  builtIn.has(network) ? {} : { Aliases: [spec.name] }

/**
 * CPU shares of a spec, 0 for the engine's own 1024: its weight, or else its reservation at 1024 a core, since a single engine
 * reserves nothing but shares by weight when CPUs are busy.
 */
export function cpuShares({ weight, reservation }: DeploymentSpec['cpu']): number {
  if (weight !== null) return weight
  return reservation === null ? 0 : Math.min(262_144, Math.max(2, Math.round(reservation * 1024)))
}

function publishing(
  spec: DeploymentSpec,
  hostPorts: ReadonlyMap<string, number | null>,
): {
  exposed: Record<string, Record<string, never>>
  bindings: Record<string, { HostIp: string; HostPort: string }[]>
} {
  const exposed: Record<string, Record<string, never>> = {}
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const port of publishedPorts(spec)) {
    const key = portKey(port)
    const other = hostPorts.get(key)
    const host = other === undefined ? port.host : other
    exposed[key] = {}
    const binding = {
      HostIp: port.scope === 'local' ? '127.0.0.1' : '0.0.0.0',
      HostPort: host === null ? '' : String(host),
    }
    bindings[key] = [...(bindings[key] ?? []), binding]
  }
  return { exposed, bindings }
}

function hostConfigOf(spec: DeploymentSpec, bindings: object): Dockerode.HostConfig {
  const [network] = spec.networks
  const shares = cpuShares(spec.cpu)
  return {
    PortBindings: bindings,
    RestartPolicy: {
      Name: spec.restart.policy,
      ...(spec.restart.retries !== null && { MaximumRetryCount: spec.restart.retries }),
    },
    ...(spec.cpu.limit !== null && { NanoCpus: Math.round(spec.cpu.limit * nano) }),
    ...(shares > 0 && { CpuShares: shares }),
    ...(spec.memory.limit !== null && { Memory: spec.memory.limit }),
    ...(spec.memory.reservation !== null && { MemoryReservation: spec.memory.reservation }),
    ...(spec.diskBytes !== null && { StorageOpt: { size: String(spec.diskBytes) } }),
    // Mounts rather than binds: a host folder that is not there is an error, not a new empty folder of root's.
    ...(spec.volumes.length > 0 && { Mounts: spec.volumes.map(mountOf) }),
    ...(network !== undefined && { NetworkMode: network }),
  }
}

/**
 * The request that creates one instance's container. Files are put in afterwards (`tarOf`), networks after the first connected
 * (`furtherNetworks`). SECRET_MISSING.
 */
export function toContainerBody(options: ContainerBodyOptions): CreateRequest {
  const { spec, image, imageConfig, labels, secrets, name, hostPorts = new Map() } = options
  const { exposed, bindings } = publishing(spec, hostPorts)
  const start = startOf(spec, imageConfig)
  const health = toEngineHealth(spec.health)
  const [network] = spec.networks
  const body: Dockerode.ContainerCreateOptions = {
    Image: image,
    Env: environmentOf(spec, secrets),
    Labels: { ...spec.labels, ...labels },
    ExposedPorts: exposed,
    HostConfig: hostConfigOf(spec, bindings),
    ...(start.entrypoint && { Entrypoint: start.entrypoint }),
    ...(start.command && { Cmd: start.command }),
    ...(health && { Healthcheck: health }),
    ...(spec.user !== null && { User: spec.user }),
    ...(spec.workingFolder !== null && { WorkingDir: spec.workingFolder }),
    ...(spec.stopSeconds !== null && { StopTimeout: spec.stopSeconds }),
    ...(network !== undefined && {
      NetworkingConfig: { EndpointsConfig: { [network]: endpointOf(spec, network) } },
    }),
  }
  const platform = spec.platform === null ? {} : { platform: spec.platform }
  return { _query: { name, ...platform }, _body: body }
}
