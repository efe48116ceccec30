/** Places to deploy to: a container engine, or a Docker Swarm behind one of its managers. */
import { z } from 'zod'
import { ErrorInfo } from './error'

export const PoolKind = z.enum(['docker', 'podman', 'swarm'])
export type PoolKind = z.infer<typeof PoolKind>

const Path = z.string().trim().min(1).max(4096)

/**
 * `unix:///path`, `npipe:////./pipe/name`, `tcp://host[:port]`, `ssh://[user@]host[:port]`. A host that begins with a dash
 * would be an option to ssh.
 */
const Host = z
  .string()
  .trim()
  .max(500)
  .regex(
    /^(unix:\/\/\/[^\0]+|npipe:\/\/.+|(tcp|https?):\/\/[^\s/@?#-][^\s/@?#]*\/?|ssh:\/\/([A-Za-z0-9._][A-Za-z0-9._-]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._][A-Za-z0-9._-]*)(:\d{1,5})?\/?)$/,
    'host',
  )

/** What the form sends to add an engine by hand. Keys stay where they are: in files, and with ssh itself. */
export const PoolDraft = z.object({
  name: z.string().trim().min(1).max(80),
  host: Host,
  /** Folder with ca.pem, cert.pem and key.pem, as docker's own client has it; null: no TLS. */
  certificates: Path.nullable(),
  /** File for `ssh -F`; null: the user's own configuration. */
  sshConfig: Path.nullable(),
})
export type PoolDraft = z.infer<typeof PoolDraft>

export const PoolNode = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(['manager', 'worker']),
  leader: z.boolean(),
  state: z.enum(['ready', 'down', 'unknown', 'disconnected']),
  availability: z.enum(['active', 'pause', 'drain']),
  address: z.string().nullable(),
  cpus: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  engineVersion: z.string().nullable(),
})
export type PoolNode = z.infer<typeof PoolNode>

/** What a pool has and what of it is in use; null where the engine does not tell. Bytes; CPUs in cores. */
export const PoolUsage = z.object({
  cpus: z.number().nullable(),
  cpusUsed: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  memoryUsed: z.number().nullable(),
  diskBytes: z.number().nullable(),
  diskUsed: z.number().nullable(),
  containers: z.number().nullable(),
  containersRunning: z.number().nullable(),
})
export type PoolUsage = z.infer<typeof PoolUsage>

export const Pool = z.object({
  id: z.string(),
  name: z.string(),
  kind: PoolKind,
  /** The engine's address, as `PoolDraft.host`. */
  host: z.string(),
  /** `found`: a socket, a context or DOCKER_HOST; `added`: by hand. */
  source: z.enum(['found', 'added']),
  /** As in the draft that it was added with, to edit it again; null or absent: none, or it was found. */
  certificates: PoolDraft.shape.certificates.optional(),
  sshConfig: PoolDraft.shape.sshConfig.optional(),
  state: z.enum(['unknown', 'connecting', 'online', 'offline']),
  error: ErrorInfo.nullable(),
  version: z.string().nullable(),
  /** `linux/amd64` */
  platform: z.string().nullable(),
  /** Nodes of a swarm; one for an engine that answered. */
  nodes: z.array(PoolNode),
  usage: PoolUsage.nullable(),
  /** This engine is in no swarm and could begin one. */
  canBeginSwarm: z.boolean(),
  fetchedAt: z.number().nullable(),
})
export type Pool = z.infer<typeof Pool>

export const PoolList = z.object({
  pools: z.array(Pool),
  /** Where Deploy goes unless another is chosen; null: there is no pool. */
  currentId: z.string().nullable(),
  revision: z.number(),
})
export type PoolList = z.infer<typeof PoolList>

/** What testing a draft found, step by step; a step after a failed one is `skipped`. */
export const PoolTestStep = z.object({
  step: z.enum(['address', 'connect', 'engine', 'swarm', 'rights']),
  state: z.enum(['ok', 'failed', 'warning', 'skipped']),
  /** The same in every language: a version, an address, a fingerprint. */
  text: z.string().nullable(),
  error: ErrorInfo.nullable(),
  milliseconds: z.number(),
})
export type PoolTestStep = z.infer<typeof PoolTestStep>
