/**
 * A deployment as a container's own inspect tells it: for containers whose model label is lost. What an engine does not keep
 * (files, what runs before a stop, how a port is spoken to, platform) is guessed or left out. All of it is hostile text.
 */
import { z } from 'zod'
import {
  emptySpec,
  labelPrefix,
  type DeploymentSpec,
  type PortSpec,
  type VolumeSpec,
} from '@shared/deployment'
import { environmentFrom } from './environment'
import { fromEngineHealth } from './health'
import { EngineHealth, imageOf, noImageFacts, type ImageFacts } from './image'
import { decodeLabels } from './labels'
import { accessOf, parsePortKey } from './ports'
import { nameFrom, repaired } from './repair'
import { startFrom } from './start'

const strings = z.array(z.string()).nullish().catch(null)
const number = z.number().nullish().catch(null)
const text = z.string().nullish().catch(null)
const Words = z
  .union([z.string().transform((word) => [word]), z.array(z.string())])
  .nullish()
  .catch(null)
const table = <T extends z.ZodType>(
  value: T,
): z.ZodCatch<z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, T>>>> =>
  z.record(z.string(), value).nullish().catch(null)

const Inspected = z.object({
  Name: text,
  Config: z.object({
    Image: text,
    Env: strings,
    Cmd: Words,
    Entrypoint: Words,
    User: text,
    WorkingDir: text,
    StopTimeout: number,
    Labels: table(z.string()),
    Healthcheck: EngineHealth.nullish().catch(null),
  }),
  HostConfig: z.object({
    PortBindings: table(z.array(z.object({ HostIp: text, HostPort: text })).nullish()),
    RestartPolicy: z.object({ Name: text, MaximumRetryCount: number }).nullish().catch(null),
    NanoCpus: number,
    CpuQuota: number,
    CpuPeriod: number,
    CpuShares: number,
    Memory: number,
    MemoryReservation: number,
    StorageOpt: table(z.string()),
    NetworkMode: text,
    Mounts: z
      .array(z.object({ Type: text, Source: text, Target: z.string(), ReadOnly: z.boolean().nullish() }))
      .nullish()
      .catch(null),
    Binds: strings,
  }),
  Mounts: z
    .array(
      z.object({
        Type: text,
        Name: text,
        Source: text,
        Destination: z.string(),
        RW: z.boolean().nullish(),
      }),
    )
    .nullish()
    .catch(null),
  NetworkSettings: z
    .object({ Networks: table(z.unknown()) })
    .nullish()
    .catch(null),
})
type Inspected = z.infer<typeof Inspected>

const isLoopback = (ip: string): boolean => /^(127\.|::1$|localhost$)/.test(ip)

function portsFrom(bindings: Inspected['HostConfig']['PortBindings']): PortSpec[] {
  return Object.entries(bindings ?? {}).flatMap(([key, list]) => {
    const port = parsePortKey(key)
    const [binding] = list ?? []
    if (!port || !binding) return []
    const host = Number(binding.HostPort || Number.NaN)
    return [
      {
        ...port,
        host: Number.isInteger(host) && host > 0 ? host : null,
        scope: isLoopback(binding.HostIp ?? '') ? ('local' as const) : ('all' as const),
        access: accessOf(port.container, port.protocol),
      },
    ]
  })
}

// An engine names an anonymous volume by 64 random digits.
const volumeName = (name: string | null | undefined): string | null =>
  !name || /^[0-9a-f]{64}$/.test(name) ? null : name

function volume(path: string, source: string | null | undefined, readOnly: boolean): VolumeSpec {
  return source?.startsWith('/')
    ? { kind: 'folder', source, path, readOnly }
    : { kind: 'volume', name: volumeName(source), path, readOnly }
}

function volumesFrom({ HostConfig, Mounts }: Inspected, image: ImageFacts): VolumeSpec[] {
  const asked = [
    ...(HostConfig.Mounts ?? [])
      .filter(({ Type }) => Type === 'bind' || Type === 'volume')
      .map(({ Source, Target, ReadOnly }) => volume(Target, Source, ReadOnly === true)),
    ...(HostConfig.Binds ?? []).flatMap((bind) => {
      const [source, path, options = ''] = bind.split(':')
      return source && path ? [volume(path, source, options.split(',').includes('ro'))] : []
    }),
  ]
  const known = new Set([...asked.map(({ path }) => path), ...image.volumes])
  // Podman tells them only here; what the image asked for is not the user's.
  const others = (Mounts ?? [])
    .filter(({ Type, Destination }) => (Type === 'bind' || Type === 'volume') && !known.has(Destination))
    .map(({ Type, Name, Source, Destination, RW }) =>
      volume(Destination, Type === 'bind' ? Source : (Name ?? null), RW === false),
    )
  return [...asked, ...others]
}

const usual = new Set(['default', 'bridge', 'podman', ''])

function networksFrom({ HostConfig, NetworkSettings }: Inspected): string[] {
  const mode = HostConfig.NetworkMode ?? ''
  const connected = Object.keys(NetworkSettings?.Networks ?? {}).sort()
  return [mode, ...connected.filter((network) => network !== mode)].filter((network) => !usual.has(network))
}

function cpuFrom(host: Inspected['HostConfig']): DeploymentSpec['cpu'] {
  const quota = host.CpuQuota && host.CpuQuota > 0 ? host.CpuQuota / (host.CpuPeriod || 100_000) : null
  return {
    limit: host.NanoCpus ? host.NanoCpus / 1_000_000_000 : quota,
    reservation: null,
    weight: host.CpuShares || null,
  }
}

const policies = ['no', 'on-failure', 'always', 'unless-stopped'] as const

function restartFrom(policy: Inspected['HostConfig']['RestartPolicy']): DeploymentSpec['restart'] {
  const name = policies.find((known) => known === policy?.Name) ?? 'no'
  return { policy: name, retries: name === 'on-failure' ? policy?.MaximumRetryCount || null : null }
}

/** The labels that are neither ours nor the image's. */
export function userLabels(
  labels: Readonly<Record<string, string>> | null | undefined,
  image: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels ?? {}).filter(
      ([name, value]) => !name.startsWith(labelPrefix) && image[name] !== value,
    ),
  )
}

const sizeOf = (size: string | undefined): number | null =>
  /^\d{1,15}$/.test(size ?? '') ? Number(size) : null

/**
 * The deployment of which a container is an instance, as the engine's inspect tells it. `image`: the settings of its image, which
 * are left out; `instances`: how many containers there are. Never throws; what the schema refuses is left out.
 */
export function fromContainer(
  inspected: unknown,
  options: { image?: ImageFacts | null; instances?: number } = {},
): DeploymentSpec {
  const image = options.image ?? noImageFacts
  const parsed = Inspected.safeParse(inspected)
  if (!parsed.success) return emptySpec(imageOf('unknown'), 'deployment')
  const { Config, HostConfig, Name } = parsed.data
  const ours = decodeLabels(Config.Labels)
  const own = (value: string | null | undefined, standard: string | null): string | null =>
    value && value !== standard ? value : null
  return repaired({
    ...emptySpec(imageOf(Config.Image ?? 'unknown'), ours?.name ?? nameFrom((Name ?? '').replace(/^\//, ''))),
    instances: options.instances ?? 1,
    ports: portsFrom(HostConfig.PortBindings),
    cpu: cpuFrom(HostConfig),
    memory: { limit: HostConfig.Memory || null, reservation: HostConfig.MemoryReservation || null },
    diskBytes: sizeOf(HostConfig.StorageOpt?.['size']),
    environment: environmentFrom(Config.Env ?? [], {
      image: image.environment,
      secrets: ours?.secrets ?? null,
    }),
    volumes: volumesFrom(parsed.data, image),
    ...startFrom({ entrypoint: Config.Entrypoint ?? null, command: Config.Cmd ?? null }, image),
    user: own(Config.User, image.user),
    workingFolder: own(Config.WorkingDir, image.workingFolder),
    restart: restartFrom(HostConfig.RestartPolicy),
    health: fromEngineHealth(Config.Healthcheck ?? null, image.health),
    stopSeconds: Config.StopTimeout ?? null,
    labels: userLabels(Config.Labels, image.labels),
    networks: networksFrom(parsed.data),
  })
}
