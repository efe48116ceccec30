/** What every kind of pool does for a deployment: one model, several drivers. */
import type { Duplex } from 'node:stream'
import type Dockerode from 'dockerode'
import type { DeploymentSpec } from '@shared/deployment'
import type { DeploymentActionRequest, Progress } from '@shared/job'
import type {
  Address,
  DeploymentDetail,
  DeploymentEvent,
  DeploymentSummary,
  DeployReason,
  LogLine,
  OtherWorkload,
} from '@shared/running'
import type { EngineAuth } from '../engine/engine'
import type { Target } from '../engine/target'

/** A pool that answered, and the way to it. */
export interface PoolConnection {
  poolId: string
  name: string
  kind: 'docker' | 'podman' | 'swarm'
  docker: Dockerode
  target: Target
  version: string
  /** The id of this engine's node in its swarm; null outside one. */
  nodeId: string | null
  /** The host by which published ports are reached from here; `127.0.0.1` for a local engine. */
  addressHost: string
  /** Whether the engine is on this computer: its loopback is ours, its folders too. */
  local: boolean
  /** Other pools' engines by their swarm node's id: the way to instances that run there. */
  peers: () => ReadonlyMap<string, Dockerode>
}

/** What a change is given. */
export interface ChangeContext {
  signal: AbortSignal
  report(progress: Progress): void
  /** For the job's raw log; never a secret. */
  log(line: string): void
  /** The account for the image's registry, from the keychain, for this one call; null: anonymous. */
  auth: EngineAuth | null
  /** Values of the spec's secret variables, by name; complete. */
  secrets: Readonly<Record<string, string>>
  /** Sends the image from here into an engine (`delivery: 'send'`); answers the manifest's digest where it is known. */
  send(docker: Dockerode): Promise<string | null>
}

/** What an action is given. */
export interface ActContext extends Omit<ChangeContext, 'auth' | 'secrets' | 'send'> {
  /**
   * With `remove`: called before the last by which the deployment is known goes, for what is kept of it elsewhere. Whoever is cut
   * off before that finds it again and can go on.
   */
  beforeGone?(): Promise<void>
}

export interface Change {
  id: string
  spec: DeploymentSpec
  reason: DeployReason
  /** The version that the user saw; null for a new deployment. */
  baseVersion: number | null
}

export type DriverDetail = Omit<DeploymentDetail, 'revision' | 'fetchedAt' | 'error'>

export interface Measure {
  instanceId: string
  name: string
  at: number
  cpu: number
  memory: number
  memoryLimit: number | null
  /** Bytes since the instance began. */
  received: number
  sent: number
}

export interface PoolFacts {
  /** `8080/tcp`, with the name of what has it. */
  usedPorts: ReadonlyMap<string, string>
  /** Names of containers (or services) that are taken. */
  names: ReadonlySet<string>
  networks: ReadonlySet<string>
  imagePresent: boolean
  cpus: number | null
  memoryBytes: number | null
  nodes: number
  platform: string
}

/**
 * A driver knows deployments only by the labels that they carry: nothing of this program's own data is needed to find them.
 * Failures are AppErrors; DEPLOYMENT_UNKNOWN where the id is not in this pool.
 */
export interface PoolDriver {
  readonly connection: PoolConnection

  list(signal: AbortSignal): Promise<{ deployments: DeploymentSummary[]; others: OtherWorkload[] }>
  read(id: string, signal: AbortSignal): Promise<DriverDetail>
  events(id: string, signal: AbortSignal): Promise<DeploymentEvent[]>
  /** Calls `onChange` whenever something of this pool may have changed, until aborted; rejects when the engine is lost. */
  follow(onChange: () => void, signal: AbortSignal): Promise<void>
  /** What a plan is checked against. `ignoreId`: the deployment that is about to be changed. */
  facts(spec: DeploymentSpec, ignoreId: string | null, signal: AbortSignal): Promise<PoolFacts>

  /** Values that a secret variable has in what runs, for a machine whose keychain has none. */
  secretsOf(id: string, names: readonly string[], signal: AbortSignal): Promise<Record<string, string>>

  /**
   * Brings the deployment to the spec and resolves once it is healthy and reachable, with the manifest digest that runs. On any
   * failure or abort what was half made is removed, and what served before serves on.
   */
  apply(change: Change, context: ChangeContext): Promise<{ digest: string | null; addresses: Address[] }>
  act(request: DeploymentActionRequest, context: ActContext): Promise<void>

  /** Lines in order of time, as they come; ends with the log unless it follows. `instanceId` null: all instances. */
  logs(
    id: string,
    options: { instanceId: string | null; tail: number | null; since: number | null; follow: boolean },
    signal: AbortSignal,
  ): AsyncIterable<LogLine[]>
  measure(id: string, signal: AbortSignal): Promise<Measure[]>
  terminal(
    id: string,
    instanceId: string,
    size: { columns: number; rows: number },
  ): Promise<{
    stream: Duplex
    resize(size: { columns: number; rows: number }): Promise<void>
    exitCode(): Promise<number | null>
  }>
}
