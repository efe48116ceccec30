/** What an engine says of itself, read with care: every text of it is a stranger's. */
import { AppError } from '@shared/error'
import type { PoolNode } from '@shared/pool'
import { z } from 'zod'

const most = 200

/** A stranger's text on one line, at most 200 characters; empty where it is none. */
const Text = z
  .unknown()
  .optional()
  .transform((value) =>
    typeof value === 'string' ? value.replace(/\p{C}/gu, ' ').trim().slice(0, most) : '',
  )
const Amount = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null))

const RawInfo = z.object({
  ID: Text,
  Name: Text,
  NCPU: Amount,
  MemTotal: Amount,
  Containers: Amount,
  ContainersRunning: Amount,
  DockerRootDir: z.string().max(4096).catch(''),
  Swarm: z
    .object({
      NodeID: Text,
      LocalNodeState: Text,
      ControlAvailable: z.boolean().catch(false),
      Cluster: z.object({ ID: Text }).nullish().catch(null),
      RemoteManagers: z
        .array(z.object({ NodeID: Text, Addr: Text }))
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
})

export interface EngineInfo {
  id: string
  name: string
  cpus: number | null
  memory: number | null
  containers: number | null
  running: number | null
  /** Where the engine keeps everything; empty where it does not tell. */
  rootFolder: string
  /** `inactive`, `active`, ... as Docker calls it; null where the engine knows no swarm. */
  swarmState: string | null
  nodeId: string | null
  isManager: boolean
  clusterId: string | null
  /** `host:port` of the managers, this one first. */
  managers: string[]
}

export function readInfo(answer: unknown): EngineInfo {
  const parsed = RawInfo.safeParse(answer)
  if (!parsed.success) {
    const detail = 'What the engine says of itself cannot be understood.'
    throw new AppError('ENGINE_FAILED', { side: 'engine' }, { detail })
  }
  const { ID, Name, NCPU, MemTotal, Containers, ContainersRunning, DockerRootDir, Swarm } = parsed.data
  const nodeId = Swarm?.NodeID || null
  const managers = [...(Swarm?.RemoteManagers ?? [])]
    .sort((a, b) => Number(b.NodeID === nodeId) - Number(a.NodeID === nodeId))
    .map(({ Addr }) => Addr)
  return {
    id: ID,
    name: Name,
    cpus: NCPU,
    memory: MemTotal,
    containers: Containers,
    running: ContainersRunning,
    rootFolder: DockerRootDir,
    swarmState: Swarm?.LocalNodeState || null,
    nodeId,
    isManager: Swarm?.LocalNodeState === 'active' && Swarm.ControlAvailable,
    clusterId: Swarm?.Cluster?.ID || null,
    managers,
  }
}

const RawNode = z.object({
  ID: Text,
  Spec: z.object({
    Role: z.enum(['manager', 'worker']).catch('worker'),
    Availability: z.enum(['active', 'pause', 'drain']).catch('active'),
  }),
  Description: z
    .object({
      Hostname: Text,
      Resources: z.object({ NanoCPUs: Amount, MemoryBytes: Amount }).nullish().catch(null),
      Engine: z.object({ EngineVersion: Text }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
  Status: z
    .object({
      State: z.enum(['ready', 'down', 'unknown', 'disconnected']).catch('unknown'),
      Addr: Text,
    })
    .nullish()
    .catch(null),
  ManagerStatus: z.object({ Leader: z.boolean().nullish(), Addr: Text }).nullish().catch(null),
})

/** The nodes that a manager lists, leader first, then by name; what cannot be read is left out. */
export function readNodes(answer: unknown): PoolNode[] {
  const items = z.array(z.unknown()).max(5000).catch([]).parse(answer)
  return items
    .flatMap((item) => RawNode.safeParse(item).data ?? [])
    .map(({ ID, Spec, Description, Status, ManagerStatus }): PoolNode => {
      const nano = Description?.Resources?.NanoCPUs ?? null
      return {
        id: ID,
        name: Description?.Hostname || ID.slice(0, 12),
        role: Spec.Role,
        leader: ManagerStatus?.Leader ?? false,
        state: Status?.State ?? 'unknown',
        availability: Spec.Availability,
        address: Status?.Addr || ManagerStatus?.Addr.replace(/:\d+$/, '') || null,
        cpus: nano === null ? null : nano / 1e9,
        memoryBytes: Description?.Resources?.MemoryBytes ?? null,
        engineVersion: Description?.Engine?.EngineVersion || null,
      }
    })
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1))
}

const rank = ({ leader, role }: PoolNode): number => (leader ? 0 : role === 'manager' ? 1 : 2)

/** The one node of an engine that is in no swarm. */
export function onlyNode(info: EngineInfo, version: string): PoolNode {
  return {
    id: info.id,
    name: info.name,
    role: 'manager',
    leader: true,
    state: 'ready',
    availability: 'active',
    address: null,
    cpus: info.cpus,
    memoryBytes: info.memory,
    engineVersion: version,
  }
}
