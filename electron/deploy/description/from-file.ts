/** From the description file's short forms to the model. */
import {
  emptySpec,
  type DeploymentSpec,
  type HealthSpec,
  type PortSpec,
  type VolumeSpec,
} from '@shared/deployment'
import { formatReference, isTag, parseReference } from '@shared/reference'
import { imageOf } from '../model/image'
import { accessOf } from '../model/ports'
import { parseSeconds, parseSize } from './amount'
import { portPattern, volumePattern, type DescriptionFile } from './file-schema'
import { splitWords } from './shell'

// NaN is what the model's schema then refuses, at the right place.
const size = (value: string | number | null | undefined): number | null =>
  value === null || value === undefined ? null : (parseSize(value) ?? Number.NaN)
const seconds = (value: string | number | null | undefined, standard: number): number =>
  value === null || value === undefined ? standard : (parseSeconds(value) ?? Number.NaN)

/** Null where a quote is not closed. */
const words = (value: string | string[] | null | undefined): string[] | null =>
  typeof value === 'string' ? (splitWords(value) ?? [value]) : (value ?? null)

function portFrom(entry: NonNullable<DescriptionFile['ports']>[number]): PortSpec {
  if (typeof entry === 'object') {
    const protocol = entry.protocol?.toLowerCase() === 'udp' ? 'udp' : 'tcp'
    const access = entry.access?.toLowerCase()
    return {
      container: entry.container,
      host: entry.host ?? null,
      protocol,
      scope: /^(inner|local)$/i.test(entry.range ?? '') ? 'local' : 'all',
      access:
        access === 'http' || access === 'https' || access === 'tcp'
          ? access
          : accessOf(entry.container, protocol),
    }
  }
  const [, ip, host, container, udp] = portPattern.exec(String(entry)) ?? []
  const protocol = udp === 'udp' ? 'udp' : 'tcp'
  const number = Number(container)
  return {
    ...{ container: number, protocol, host: host ? Number(host) : null },
    scope: ip === '127.0.0.1' ? 'local' : 'all',
    access: accessOf(number, protocol),
  }
}

function volumeFrom(entry: NonNullable<DescriptionFile['volumes']>[number]): VolumeSpec {
  const [, source, path = '', mode] = typeof entry === 'string' ? (volumePattern.exec(entry) ?? []) : []
  const isFolder = source?.startsWith('/') ?? false
  const { folder, volume, readOnly, ...rest } =
    typeof entry === 'string'
      ? { folder: isFolder ? source : null, volume: isFolder ? null : source, path, readOnly: mode === 'ro' }
      : entry
  return folder
    ? { kind: 'folder', source: folder, path: rest.path, readOnly: readOnly ?? false }
    : { kind: 'volume', name: volume ?? null, path: rest.path, readOnly: readOnly ?? false }
}

function healthFrom(health: DescriptionFile['health']): HealthSpec {
  if (health === undefined || typeof health === 'string') return { kind: health ?? 'image' }
  const timing = {
    startSeconds: seconds(health.start, 0),
    intervalSeconds: seconds(health.interval, 10),
    timeoutSeconds: seconds(health.timeout, 5),
    retries: health.retries ?? 3,
  }
  if ('command' in health) return { kind: 'command', command: health.command, ...timing }
  if ('http' in health)
    return { kind: 'http', port: health.http.port, path: health.http.path ?? '/', ...timing }
  return { kind: 'tcp', port: health.tcp.port, ...timing }
}

function imageFrom({ image, version, digest, delivery }: DescriptionFile): DeploymentSpec['image'] {
  const parsed = parseReference(image)
  const tag = version === undefined ? null : String(version)
  const text = parsed && tag !== null && isTag(tag) ? formatReference({ ...parsed, tag }) : image
  const found = imageOf(text)
  return {
    ...found,
    // What is no image must be seen to be none.
    reference: found.reference === 'unknown' ? image : found.reference,
    digest: digest ?? found.digest,
    delivery: delivery ?? found.delivery,
  }
}

function limits(file: DescriptionFile): Pick<DeploymentSpec, 'cpu' | 'memory' | 'diskBytes'> {
  const cpu = typeof file.cpu === 'number' ? { limit: file.cpu } : file.cpu
  const memory = typeof file.memory === 'object' ? file.memory : { limit: file.memory }
  return {
    cpu: { limit: cpu?.limit ?? null, reservation: null, weight: null, ...withoutUndefined(cpu ?? {}) },
    memory: {
      limit: size(memory.limit),
      reservation: 'reservation' in memory ? size(memory.reservation) : null,
    },
    diskBytes: size(file.disk),
  }
}

const withoutUndefined = <T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }

/** The deployment that a file describes; not yet checked by the model's own schema. */
export function specFrom(file: DescriptionFile): DeploymentSpec {
  const { restart, debugPort } = file
  return {
    ...emptySpec(imageFrom(file), file.name),
    platform: file.platform ?? null,
    instances: file.instances ?? 1,
    ports: (file.ports ?? []).map(portFrom),
    ...limits(file),
    environment: Object.entries(file.environment ?? {}).map(([name, entry]) => {
      const given = typeof entry === 'object' && entry !== null ? entry : { value: entry }
      const secret = 'secret' in given && given.secret === true
      return { name, value: secret ? '' : String(given.value ?? ''), secret }
    }),
    volumes: (file.volumes ?? []).map(volumeFrom),
    command: words(file.command),
    entrypoint: words(file.entrypoint),
    beforeStart: file.beforeStart ?? null,
    beforeStop: file.beforeStop ?? null,
    user: file.user === null || file.user === undefined ? null : String(file.user),
    workingFolder: file.workingFolder ?? null,
    restart:
      typeof restart === 'object'
        ? { policy: restart.policy, retries: restart.retries ?? null }
        : { policy: restart ?? 'unless-stopped', retries: null },
    health: healthFrom(file.health),
    stopSeconds: file.stop === null || file.stop === undefined ? null : seconds(file.stop, 0),
    labels: Object.fromEntries(
      Object.entries(file.labels ?? {}).map(([name, value]) => [name, String(value)]),
    ),
    networks: file.networks ?? [],
    files: (file.files ?? []).map(({ path, content, mode }) => ({ path, content, mode: mode ?? '0644' })),
    debugPort:
      debugPort === undefined
        ? null
        : typeof debugPort === 'number'
          ? { container: debugPort, host: null }
          : { container: debugPort.container, host: debugPort.host ?? null },
  }
}
