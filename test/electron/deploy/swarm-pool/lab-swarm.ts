import { randomUUID } from 'node:crypto'
import type Dockerode from 'dockerode'
import { emptySpec, type DeploymentSpec } from '@shared/deployment'
import { AppError } from '@shared/error'
import type { DeploymentActionRequest, Progress } from '@shared/job'
import { parseReference } from '@shared/reference'
import type { Change, ChangeContext, PoolConnection } from '../../../../electron/deploy/driver'
import { SwarmPoolDriver } from '../../../../electron/deploy/swarm-pool/driver'
import type { Times } from '../../../../electron/deploy/swarm-pool/times'
import { dial } from '../../../../electron/engine/dial'
import type { Target } from '../../../../electron/engine/target'
import { engineRequest } from '../../../lab/engine-api'
import { busyboxTar, importImage } from '../../../lab/machine-image'
import { startRegistry, type Registry } from '../../../lab/registry'
import { startSwarm, type Swarm, type SwarmNode, type SwarmOptions } from '../../../lab/swarm'

export interface LabSwarm {
  swarm: Swarm
  registry: Registry
  driver: SwarmPoolDriver
  /** A driver that sees only these nodes' engines, the manager's always. */
  driverFor(peers: readonly SwarmNode[], times?: Partial<Times>): Promise<SwarmPoolDriver>
  /** Pushes a web server that answers with its tag (or `text`) at 8080; answers its reference. */
  push(name: string, changes?: string[], text?: string): Promise<string>
  stop(): Promise<void>
}

const targetOf = ({ engine }: SwarmNode): Target => ({
  endpoint: { id: engine.host, label: engine.host, host: engine.host, source: 'socket' },
  ...{ tls: null, explicit: true, present: true, problem: null },
})

/** A swarm with a private registry that its nodes pull from. Times are short. */
export async function openLabSwarm(options: SwarmOptions = {}): Promise<LabSwarm> {
  const swarm = await startSwarm(options)
  const registry = await startRegistry({ auth: 'basic', listen: swarm.address }).catch(
    async (error: unknown) => {
      await swarm.stop()
      throw error
    },
  )
  const { manager } = swarm
  const clients = new Map<SwarmNode, Dockerode>()
  for (const node of swarm.nodes) clients.set(node, await dial(targetOf(node)))
  const driverFor: LabSwarm['driverFor'] = async (peers, times = {}) => {
    const docker = await dial(targetOf(manager))
    const reached = peers.flatMap((node): [string, Dockerode][] => {
      const client = clients.get(node)
      return client && node !== manager ? [[node.nodeId, client]] : []
    })
    const connection: PoolConnection = {
      ...{ poolId: 'swarm', name: 'The swarm', kind: 'swarm', docker, target: targetOf(manager) },
      ...{ version: '20.10', nodeId: manager.nodeId, addressHost: manager.engine.address, local: true },
      peers: () => new Map(reached),
    }
    return new SwarmPoolDriver(connection, {
      monitor: 1000,
      unplaced: 2000,
      reach: 8000,
      mesh: 4000,
      ...times,
    })
  }
  return {
    ...{ swarm, registry, driverFor },
    driver: await driverFor(swarm.nodes),
    async push(name, changes, text) {
      const reference = `${registry.host}/727524/${name}`
      const page = Buffer.from(text ?? parseReference(reference)?.tag ?? '')
      const tar = busyboxTar([{ path: 'www/index.html', data: page }])
      await importImage(manager.engine.host, reference, changes ?? [serve], tar)
      const [, tag] = name.split(':')
      const path = `/images/${reference.replace(/:[^:/]*$/, '')}/push?tag=${tag}`
      const auth = Buffer.from(JSON.stringify(authOf(registry))).toString('base64url')
      const { status, text: said } = await engineRequest(manager.engine.host, 'POST', path, undefined, {
        'X-Registry-Auth': auth,
      })
      if (status !== 200 || said.includes('"errorDetail"')) throw new Error(said)
      // The nodes are to pull it themselves.
      await engineRequest(manager.engine.host, 'DELETE', `/images/${reference}?force=true`)
      return reference
    },
    async stop() {
      await registry.stop()
      await swarm.stop()
    },
  }
}

const serve = 'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]'

const authOf = (registry: Registry): { username: string; password: string } => ({
  username: 'developer',
  password: registry.accounts['developer']?.password ?? '',
})

/** A specification of a web server of ours at an automatic port. */
export function webSpec(reference: string, rest: Partial<DeploymentSpec> = {}): DeploymentSpec {
  const parsed = parseReference(reference)
  const image: DeploymentSpec['image'] = {
    ...{ reference, digest: null, registryId: null, delivery: 'pull' },
    ...{ repository: parsed?.repository ?? null, tag: parsed?.tag ?? null },
  }
  return {
    ...emptySpec(image, `web-${randomUUID().slice(0, 8)}`),
    ports: [{ container: 8080, host: null, protocol: 'tcp', scope: 'all', access: 'http' }],
    stopSeconds: 1,
    ...rest,
  }
}

export interface Told {
  phases: string[]
  lines: string[]
}

/** What a change is given, and what it told. */
export function contextFor(
  registry: Registry | null,
  rest: Partial<ChangeContext> = {},
): { context: ChangeContext; told: Told } {
  const told: Told = { phases: [], lines: [] }
  const context: ChangeContext = {
    signal: new AbortController().signal,
    report: ({ phase }: Progress) => {
      if (told.phases.at(-1) !== phase) told.phases.push(phase)
    },
    log: (line) => told.lines.push(line),
    auth: registry && { ...authOf(registry), serverAddress: registry.host },
    secrets: {},
    send: () => Promise.reject(new Error('nothing is sent')),
    ...rest,
  }
  return { context, told }
}

export const newChange = (spec: DeploymentSpec): Change => ({
  ...{ id: randomUUID(), spec, reason: 'new', baseVersion: null },
})

export const actionOf = (
  change: Change,
  action: DeploymentActionRequest['action'],
  rest: Partial<DeploymentActionRequest> = {},
): DeploymentActionRequest => ({
  ...{ kind: 'deployment-action', poolId: 'swarm', deploymentId: change.id, name: change.spec.name, action },
  ...{ instanceId: null, volumes: false },
  ...rest,
})

export const never = new AbortController().signal

/** What a call fails with; fails itself where the call succeeds. */
export async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof AppError) return error
  throw error ?? new Error('it succeeded')
}
