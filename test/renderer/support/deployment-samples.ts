/** Samples of what main tells about deployments and the jobs on pools. */
import { emptySpec, type DeploymentImage, type DeploymentSpec } from '@shared/deployment'
import { type Job, type JobRequest, noProgress } from '@shared/job'
import type { Pool, PoolList } from '@shared/pool'
import type {
  Address,
  DeploymentDetail,
  DeploymentList,
  DeploymentSummary,
  DeploymentVersion,
  Instance,
} from '@shared/running'
import { sha } from './answering-bridge'

export const image = (tag = '1.27'): DeploymentImage => ({
  reference: `docker.io/library/nginx:${tag}`,
  digest: null,
  registryId: 'hub',
  repository: 'library/nginx',
  tag,
  delivery: 'pull',
})

export const spec = (changes: Partial<DeploymentSpec> = {}): DeploymentSpec => ({
  ...emptySpec(image(), 'shop'),
  ...changes,
})

export const address = (port = 8080, changes: Partial<Address> = {}): Address => ({
  url: `http://127.0.0.1:${port}/`,
  host: '127.0.0.1',
  port,
  container: 80,
  protocol: 'tcp',
  scope: 'all',
  debug: false,
  ...changes,
})

export const summary = (changes: Partial<DeploymentSummary> = {}): DeploymentSummary => ({
  poolId: 'local',
  id: 'd1',
  name: 'shop',
  image: image(),
  digest: sha('a'),
  version: 2,
  state: 'running',
  health: 'healthy',
  instances: { wanted: 2, running: 2, healthy: 2 },
  createdAt: 1000,
  updatedAt: 2000,
  addresses: [address()],
  drift: null,
  error: null,
  ...changes,
})

export const instance = (number: number, changes: Partial<Instance> = {}): Instance => ({
  id: `c${number}`,
  number,
  name: `shop-${number}`,
  version: 2,
  state: 'running',
  health: 'healthy',
  node: 'here',
  startedAt: 1500,
  restarts: 0,
  exitCode: null,
  message: null,
  addresses: [],
  reachable: true,
  ...changes,
})

export const version = (number: number, changes: Partial<DeploymentVersion> = {}): DeploymentVersion => ({
  version: number,
  at: number * 1000,
  reason: number === 1 ? 'new' : 'change',
  spec: spec(),
  digest: sha('a'),
  ...changes,
})

export const detail = (changes: Partial<DeploymentDetail> = {}): DeploymentDetail => ({
  poolId: 'local',
  id: 'd1',
  summary: summary(),
  spec: spec(),
  versions: [version(2), version(1)],
  instances: [instance(1), instance(2)],
  events: [],
  limits: [],
  fetchedAt: 3000,
  error: null,
  revision: 1,
  ...changes,
})

export const list = (changes: Partial<DeploymentList> = {}): DeploymentList => ({
  deployments: [summary()],
  others: [],
  pools: [{ poolId: 'local', fetchedAt: 3000, error: null }],
  revision: 1,
  ...changes,
})

export const pool = (changes: Partial<Pool> = {}): Pool => ({
  id: 'local',
  name: 'This computer',
  kind: 'docker',
  host: 'unix:///var/run/docker.sock',
  source: 'found',
  state: 'online',
  error: null,
  version: '27.0',
  platform: 'linux/amd64',
  nodes: [],
  usage: null,
  canBeginSwarm: false,
  fetchedAt: 1,
  ...changes,
})
export const pools = (...all: Pool[]): PoolList => ({
  pools: all,
  currentId: all[0]?.id ?? null,
  revision: 1,
})

export const poolJob = (changes: Partial<Job> = {}, request: Partial<JobRequest> = {}): Job => ({
  id: 'job',
  request: {
    kind: 'deploy',
    poolId: 'local',
    deploymentId: 'd1',
    spec: spec(),
    reason: 'new',
    baseVersion: null,
    ...request,
  } as JobRequest,
  host: 'This computer',
  state: 'running',
  progress: { ...noProgress, phase: 'starting' },
  bytesPerSecond: null,
  createdAt: 1000,
  startedAt: 1000,
  endedAt: null,
  attempt: 1,
  error: null,
  result: null,
  revision: 1,
  ...changes,
})
