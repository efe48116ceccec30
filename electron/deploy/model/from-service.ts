/** A deployment as a swarm service's own inspect tells it, where its model label is lost. All of it is hostile text. */
import { z } from 'zod'
import { emptySpec, type DeploymentSpec, type PortSpec, type VolumeSpec } from '@shared/deployment'
import { environmentFrom } from './environment'
import { userLabels } from './from-container'
import { fromEngineHealth } from './health'
import { EngineHealth, imageOf, noImageFacts, type ImageFacts } from './image'
import { decodeLabels } from './labels'
import { accessOf } from './ports'
import { nameFrom, repaired } from './repair'
import { startFrom } from './start'

const strings = z.array(z.string()).nullish().catch(null)
const number = z.number().nullish().catch(null)
const text = z.string().nullish().catch(null)
const labels = z.record(z.string(), z.string()).nullish().catch(null)
const Amount = z.object({ NanoCPUs: number, MemoryBytes: number }).nullish().catch(null)

const ContainerSpec = z.object({
  Image: text,
  Labels: labels,
  Command: strings,
  Args: strings,
  Env: strings,
  Dir: text,
  User: text,
  StopGracePeriod: number,
  Healthcheck: EngineHealth.nullish().catch(null),
  Mounts: z
    .array(z.object({ Type: text, Source: text, Target: z.string(), ReadOnly: z.boolean().nullish() }))
    .nullish()
    .catch(null),
})

const Inspected = z.object({
  Spec: z.object({
    Name: text,
    Labels: labels,
    TaskTemplate: z.object({
      ContainerSpec,
      Resources: z.object({ Limits: Amount, Reservations: Amount }).nullish().catch(null),
      RestartPolicy: z.object({ Condition: text, MaxAttempts: number }).nullish().catch(null),
      Placement: z
        .object({ Platforms: z.array(z.object({ OS: text, Architecture: text })).nullish() })
        .nullish()
        .catch(null),
      // The engine replaces a network's name by its id.
      Networks: z
        .array(z.object({ Target: text }))
        .nullish()
        .catch(null),
    }),
    Mode: z
      .object({ Replicated: z.object({ Replicas: number }).nullish() })
      .nullish()
      .catch(null),
    EndpointSpec: z
      .object({
        Ports: z.array(z.object({ Protocol: text, TargetPort: z.number(), PublishedPort: number })).nullish(),
      })
      .nullish()
      .catch(null),
  }),
})
type Spec = z.infer<typeof Inspected>['Spec']

function portsFrom(endpoint: Spec['EndpointSpec']): PortSpec[] {
  return (endpoint?.Ports ?? []).map(({ Protocol, TargetPort, PublishedPort }) => {
    const protocol = Protocol === 'udp' ? 'udp' : 'tcp'
    return {
      container: TargetPort,
      host: PublishedPort || null,
      protocol,
      scope: 'all',
      access: accessOf(TargetPort, protocol),
    }
  })
}

function volumesFrom(mounts: z.infer<typeof ContainerSpec>['Mounts']): VolumeSpec[] {
  return (mounts ?? []).flatMap(({ Type, Source, Target, ReadOnly }): VolumeSpec[] => {
    const readOnly = ReadOnly === true
    if (Type === 'bind') return Source ? [{ kind: 'folder', source: Source, path: Target, readOnly }] : []
    return Type === 'volume' ? [{ kind: 'volume', name: Source || null, path: Target, readOnly }] : []
  })
}

function restartFrom(policy: Spec['TaskTemplate']['RestartPolicy']): DeploymentSpec['restart'] {
  if (policy?.Condition === 'none') return { policy: 'no', retries: null }
  if (policy?.Condition === 'on-failure') return { policy: 'on-failure', retries: policy.MaxAttempts || null }
  return { policy: 'unless-stopped', retries: null }
}

function platformFrom(placement: Spec['TaskTemplate']['Placement']): string | null {
  // Several platforms are those of the image's index, and not a wish.
  const [platform, more] = placement?.Platforms ?? []
  return platform?.OS && platform.Architecture && !more ? `${platform.OS}/${platform.Architecture}` : null
}

/**
 * The deployment that a service is, as the engine's inspect tells it. `image`: the settings of its image, which are left out;
 * `networks`: names of networks by their ids. Never throws; what the schema refuses is left out.
 */
export function fromService(
  inspected: unknown,
  options: { image?: ImageFacts | null; networks?: ReadonlyMap<string, string> } = {},
): DeploymentSpec {
  const image = options.image ?? noImageFacts
  const parsed = Inspected.safeParse(inspected)
  if (!parsed.success) return emptySpec(imageOf('unknown'), 'deployment')
  const { Name, Labels, TaskTemplate, Mode, EndpointSpec } = parsed.data.Spec
  const { ContainerSpec: container, Resources } = TaskTemplate
  const ours = decodeLabels(Labels)
  const cores = (amount: { NanoCPUs?: number | null } | null | undefined): number | null =>
    amount?.NanoCPUs ? amount.NanoCPUs / 1_000_000_000 : null
  return repaired({
    ...emptySpec(imageOf(container.Image ?? 'unknown'), ours?.name ?? nameFrom(Name ?? '')),
    platform: platformFrom(TaskTemplate.Placement),
    instances: Mode?.Replicated?.Replicas ?? 1,
    ports: portsFrom(EndpointSpec),
    cpu: { limit: cores(Resources?.Limits), reservation: cores(Resources?.Reservations), weight: null },
    memory: {
      limit: Resources?.Limits?.MemoryBytes || null,
      reservation: Resources?.Reservations?.MemoryBytes || null,
    },
    environment: environmentFrom(container.Env ?? [], {
      image: image.environment,
      secrets: ours?.secrets ?? null,
    }),
    volumes: volumesFrom(container.Mounts),
    ...startFrom({ entrypoint: container.Command ?? null, command: container.Args ?? null }, image),
    user: container.User || null,
    workingFolder: container.Dir || null,
    restart: restartFrom(TaskTemplate.RestartPolicy),
    health: fromEngineHealth(container.Healthcheck ?? null, null),
    stopSeconds: container.StopGracePeriod ? Math.round(container.StopGracePeriod / 1_000_000_000) : null,
    labels: userLabels(Labels, {}),
    networks: (TaskTemplate.Networks ?? []).flatMap(({ Target }) =>
      Target ? [options.networks?.get(Target) ?? Target] : [],
    ),
  })
}
