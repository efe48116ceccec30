/** What runs in the pools: deployments that Slipway made, and apart from them what others did. */
import { z } from 'zod'
import { DeploymentImage, DeploymentSpec, PortSpec } from './deployment'
import { ErrorInfo } from './error'

/** Where a published port is reached from here. */
export const Address = z.object({
  /** `http://host:port/` where the port is spoken to so; null otherwise. */
  url: z.string().nullable(),
  host: z.string(),
  port: z.number(),
  container: z.number(),
  protocol: PortSpec.shape.protocol,
  scope: PortSpec.shape.scope,
  debug: z.boolean(),
})
export type Address = z.infer<typeof Address>

export const DeploymentState = z.enum([
  'starting',
  'running',
  'degraded',
  'updating',
  'stopped',
  'failed',
  'unknown',
])
export type DeploymentState = z.infer<typeof DeploymentState>

export const Health = z.enum(['none', 'starting', 'healthy', 'unhealthy'])
export type Health = z.infer<typeof Health>

export const DeploymentKey = z.object({ poolId: z.string().max(200), id: z.string().max(200) })
export type DeploymentKey = z.infer<typeof DeploymentKey>

export const DeploymentSummary = DeploymentKey.extend({
  name: z.string(),
  image: DeploymentImage,
  /** The manifest's digest that runs; null where the engine does not know it. */
  digest: z.string().nullable(),
  version: z.number(),
  state: DeploymentState,
  health: Health,
  instances: z.object({ wanted: z.number(), running: z.number(), healthy: z.number() }),
  createdAt: z.number(),
  updatedAt: z.number(),
  addresses: z.array(Address),
  /** The tag names another digest by now than what runs. */
  drift: z.object({ digest: z.string(), seenAt: z.number() }).nullable(),
  /** Why the last change was not taken, or why it does not run. */
  error: ErrorInfo.nullable(),
})
export type DeploymentSummary = z.infer<typeof DeploymentSummary>

/** A container or service that Slipway did not make: shown, never touched. */
export const OtherWorkload = z.object({
  poolId: z.string(),
  id: z.string(),
  kind: z.enum(['container', 'service']),
  name: z.string(),
  image: z.string(),
  /** The engine's own word. */
  state: z.string(),
  createdAt: z.number(),
  addresses: z.array(Address),
})
export type OtherWorkload = z.infer<typeof OtherWorkload>

export const DeploymentList = z.object({
  deployments: z.array(DeploymentSummary),
  others: z.array(OtherWorkload),
  /** When each pool was last asked, and why it could not answer; what is listed of it is then the older state. */
  pools: z.array(
    z.object({ poolId: z.string(), fetchedAt: z.number().nullable(), error: ErrorInfo.nullable() }),
  ),
  revision: z.number(),
})
export type DeploymentList = z.infer<typeof DeploymentList>

export const Instance = z.object({
  /** The container's or task's id. */
  id: z.string(),
  /** Counts from 1. */
  number: z.number(),
  name: z.string(),
  version: z.number(),
  state: z.enum(['created', 'starting', 'running', 'restarting', 'stopping', 'exited', 'failed', 'lost']),
  health: Health,
  /** The host that it runs on. */
  node: z.string().nullable(),
  startedAt: z.number().nullable(),
  restarts: z.number(),
  exitCode: z.number().nullable(),
  /** The engine's own words on its state. */
  message: z.string().nullable(),
  addresses: z.array(Address),
  /** A terminal and graphs need the engine that it runs on to be within reach. */
  reachable: z.boolean(),
})
export type Instance = z.infer<typeof Instance>

export const DeployReason = z.enum(['new', 'change', 'upgrade', 'rollback', 'scale'])
export type DeployReason = z.infer<typeof DeployReason>

export const DeploymentVersion = z.object({
  version: z.number(),
  at: z.number(),
  reason: DeployReason,
  spec: DeploymentSpec,
  digest: z.string().nullable(),
})
export type DeploymentVersion = z.infer<typeof DeploymentVersion>

export const DeploymentEvent = z.object({
  at: z.number(),
  /** The engine's word: `start`, `die`, `health_status: healthy`, ... */
  kind: z.string(),
  instance: z.string().nullable(),
  text: z.string().nullable(),
})
export type DeploymentEvent = z.infer<typeof DeploymentEvent>

export const DeploymentDetail = DeploymentKey.extend({
  summary: DeploymentSummary,
  spec: DeploymentSpec,
  /** Newest first; the first is what runs. */
  versions: z.array(DeploymentVersion),
  instances: z.array(Instance),
  /** Newest first. */
  events: z.array(DeploymentEvent),
  /** What this pool cannot do for this deployment, by name. */
  limits: z.array(z.enum(['fixed-port-interrupts', 'before-stop-remote', 'statistics-remote', 'no-events'])),
  fetchedAt: z.number(),
  error: ErrorInfo.nullable(),
  revision: z.number(),
})
export type DeploymentDetail = z.infer<typeof DeploymentDetail>

/** One moment of one instance. CPU in cores, bytes, bytes a second. */
export const Sample = z.object({
  at: z.number(),
  cpu: z.number(),
  memory: z.number(),
  received: z.number(),
  sent: z.number(),
})
export type Sample = z.infer<typeof Sample>

export const Statistics = DeploymentKey.extend({
  instances: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      memoryLimit: z.number().nullable(),
      samples: z.array(Sample),
    }),
  ),
  revision: z.number(),
})
export type Statistics = z.infer<typeof Statistics>

export const LogLine = z.object({
  at: z.number().nullable(),
  /** The instance's name. */
  from: z.string(),
  channel: z.enum(['out', 'err']),
  /** As the container wrote it, escape sequences too; hostile text, at most 16 KiB. */
  text: z.string(),
})
export type LogLine = z.infer<typeof LogLine>

/** What a deployment would do, told before it does. */
export const DeploymentPlan = z.object({
  /** What of the form this pool cannot do, and what would be in the way. `problem` has words in the window. */
  problems: z.array(
    z.object({
      path: z.string(),
      problem: z.enum([
        'name-taken',
        'host-port-used',
        'host-port-instances',
        'disk-unsupported',
        'local-scope-unsupported',
        'platform-unsupported',
        'folder-on-every-node',
        'image-on-every-node',
        'weight-unsupported',
        'network-missing',
        'memory-beyond-pool',
        'cpu-beyond-pool',
        'fixed-port-interrupts',
        'before-stop-remote',
      ]),
      /** `error` keeps it from being deployed; `warning` is an honest account. */
      severity: z.enum(['error', 'warning']),
      /** What is in the way, or a port that is free instead. */
      text: z.string().nullable(),
      proposal: z.number().nullable(),
    }),
  ),
  /** Host ports that are taken in this pool: `8080/tcp`. */
  usedPorts: z.array(z.string()),
  /** Whether the engine has the image already. */
  imagePresent: z.boolean(),
  /** The same as a command for a shell, as a Compose file, and as Slipway's own description file. */
  command: z.string(),
  compose: z.string(),
  description: z.string(),
  /** Why the pool could not be asked; the deployment may still be tried. */
  error: ErrorInfo.nullable(),
})
export type DeploymentPlan = z.infer<typeof DeploymentPlan>
