/** What is read of a swarm's own objects. An engine may leave out or change what is not needed to go on. */
import type Dockerode from 'dockerode'
import { z } from 'zod'

const text = z.string().nullish().catch(null)
const count = z.number().nullish().catch(null)
const Labels = z.record(z.string(), z.string()).nullish().catch(null)

const Port = z.object({
  Protocol: z.string().catch('tcp'),
  TargetPort: z.number().catch(0),
  PublishedPort: z.number().nullish().catch(null),
  PublishMode: z.string().catch('ingress'),
})
export type PublishedPort = z.infer<typeof Port>
const Ports = z.array(Port).nullish().catch(null)

const Replicas = z.number().int().min(0).catch(0)

/** What of a specification is read, where it is there. */
const ReadSpec = z.object({
  Name: z.string().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Mode: z.object({ Replicated: z.object({ Replicas: z.number().nullish() }).nullish() }).nullish(),
  TaskTemplate: z
    .object({
      ContainerSpec: z
        .object({
          Image: z.string().nullish(),
          Env: z.array(z.string()).nullish(),
          Labels: z.record(z.string(), z.string()).nullish(),
        })
        .nullish(),
    })
    .nullish(),
})

// The whole of a specification goes back to the engine when a service is changed, so that nothing of it is lost.
const Spec = z.custom<Dockerode.ServiceSpec>((value) => ReadSpec.safeParse(value).success)

export const Service = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  CreatedAt: z.string().catch(''),
  UpdatedAt: z.string().catch(''),
  Spec,
  PreviousSpec: Spec.nullish().catch(null),
  Endpoint: z.object({ Ports }).nullish().catch(null),
  UpdateStatus: z
    .object({ State: text, StartedAt: text, CompletedAt: text, Message: text })
    .nullish()
    .catch(null),
})
export type Service = z.infer<typeof Service>

export const Task = z.object({
  ID: z.string(),
  CreatedAt: z.string().catch(''),
  ServiceID: z.string().catch(''),
  Slot: z.number().catch(0),
  NodeID: z.string().nullish().catch(null),
  DesiredState: z.string().catch(''),
  Spec: z.looseObject({}).catch({}),
  Status: z.object({
    Timestamp: text,
    State: z.string().catch(''),
    Message: text,
    Err: text,
    ContainerStatus: z.object({ ContainerID: text, ExitCode: count }).nullish().catch(null),
    PortStatus: z.object({ Ports }).nullish().catch(null),
  }),
})
export type Task = z.infer<typeof Task>

export const SwarmNode = z.object({
  ID: z.string(),
  Spec: z.object({ Role: text, Availability: text }).nullish().catch(null),
  Description: z
    .object({
      Hostname: text,
      Platform: z.object({ Architecture: text, OS: text }).nullish().catch(null),
      Resources: z.object({ NanoCPUs: count, MemoryBytes: count }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
  Status: z.object({ State: text, Addr: text }).nullish().catch(null),
})
export type SwarmNode = z.infer<typeof SwarmNode>

/** A swarm's configuration or network, as far as it concerns us. */
export const Made = z.object({ id: z.string(), name: z.string(), labels: Labels, scope: text })
export type Made = z.infer<typeof Made>

/** Milliseconds since 1970; 0 where an engine's text is no date. */
export const timeOf = (text: string | null | undefined): number => Date.parse(text ?? '') || 0

export const labelsOf = (spec: Dockerode.ServiceSpec): Record<string, string> =>
  Labels.parse(spec.Labels) ?? {}

/** How many instances a service is to have. */
export const replicasOf = (spec: Dockerode.ServiceSpec): number =>
  Replicas.parse(spec.Mode?.Replicated?.Replicas)

/** The same with so many instances. */
export const withReplicas = (spec: Dockerode.ServiceSpec, replicas: number): Dockerode.ServiceSpec => ({
  ...spec,
  Mode: { Replicated: { Replicas: replicas } },
})

/** The node that can be given a task now. */
export const isReady = (node: SwarmNode): boolean =>
  node.Status?.State === 'ready' && node.Spec?.Availability === 'active'
