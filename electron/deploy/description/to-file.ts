/** From the model to the description file: only what is not the standard. */
import type { DeploymentSpec, HealthSpec, VolumeSpec } from '@shared/deployment'
import { sizeText } from './amount'
import type { DescriptionFile } from './file-schema'

const size = (bytes: number | null): string | undefined => (bytes === null ? undefined : sizeText(bytes))
const time = (seconds: number): string => `${seconds}s`
const some = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined)

function volumeTo(volume: VolumeSpec): NonNullable<DescriptionFile['volumes']>[number] {
  return {
    ...(volume.kind === 'folder' && { folder: volume.source }),
    ...(volume.kind === 'volume' && volume.name !== null && { volume: volume.name }),
    path: volume.path,
    ...(volume.readOnly && { readOnly: true }),
  }
}

function healthTo(health: HealthSpec): DescriptionFile['health'] {
  if (health.kind === 'image') return undefined
  if (health.kind === 'none') return 'none'
  const timing = {
    start: time(health.startSeconds),
    interval: time(health.intervalSeconds),
    timeout: time(health.timeoutSeconds),
    retries: health.retries,
  }
  if (health.kind === 'command') return { command: health.command, ...timing }
  if (health.kind === 'http') return { http: { port: health.port, path: health.path }, ...timing }
  return { tcp: { port: health.port }, ...timing }
}

function restartTo({ policy, retries }: DeploymentSpec['restart']): DescriptionFile['restart'] {
  if (retries !== null) return { policy, retries }
  return policy === 'unless-stopped' ? undefined : policy
}

function cpuTo({ limit, reservation, weight }: DeploymentSpec['cpu']): DescriptionFile['cpu'] {
  if (reservation === null && weight === null) return limit ?? undefined
  return {
    ...(limit !== null && { limit }),
    ...(reservation !== null && { reservation }),
    ...(weight !== null && { weight }),
  }
}

function memoryTo({ limit, reservation }: DeploymentSpec['memory']): DescriptionFile['memory'] {
  if (reservation === null) return size(limit)
  return { ...(limit !== null && { limit: sizeText(limit) }), reservation: sizeText(reservation) }
}

/** The file's content, keys in the order in which a person reads them; undefined is left out when it is written. */
export function fileOf(spec: DeploymentSpec): DescriptionFile {
  return {
    name: spec.name,
    image: spec.image.reference,
    digest: spec.image.digest ?? undefined,
    delivery: spec.image.delivery,
    platform: spec.platform ?? undefined,
    instances: spec.instances,
    ports: some(
      spec.ports.map(({ container, host, protocol, access, scope }) => ({
        container,
        ...(host !== null && { host }),
        ...{ protocol, access },
        range: scope === 'all' ? 'outer' : 'inner',
      })),
    ),
    cpu: cpuTo(spec.cpu),
    memory: memoryTo(spec.memory),
    disk: size(spec.diskBytes),
    environment:
      spec.environment.length > 0
        ? Object.fromEntries(
            spec.environment.map(({ name, value, secret }) => [name, secret ? { secret: true } : value]),
          )
        : undefined,
    volumes: some(spec.volumes.map(volumeTo)),
    entrypoint: spec.entrypoint ?? undefined,
    command: spec.command ?? undefined,
    beforeStart: spec.beforeStart ?? undefined,
    beforeStop: spec.beforeStop ?? undefined,
    user: spec.user ?? undefined,
    workingFolder: spec.workingFolder ?? undefined,
    restart: restartTo(spec.restart),
    health: healthTo(spec.health),
    stop: spec.stopSeconds === null ? undefined : time(spec.stopSeconds),
    labels: Object.keys(spec.labels).length > 0 ? spec.labels : undefined,
    networks: some(spec.networks),
    files: some(spec.files.map(({ path, content, mode }) => ({ path, mode, content }))),
    debugPort: spec.debugPort
      ? {
          container: spec.debugPort.container,
          ...(spec.debugPort.host !== null && { host: spec.debugPort.host }),
        }
      : undefined,
  }
}
