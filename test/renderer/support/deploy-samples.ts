/** A pool, a deployment and what main says to it, as the window is told of them. */
import { type DeploymentSpec, emptySpec } from '@shared/deployment'
import { type Job, noProgress } from '@shared/job'
import type { Pool, PoolList } from '@shared/pool'
import type { DeploymentDetail, DeploymentPlan } from '@shared/running'

export const samplePool = (changes: Partial<Pool> = {}): Pool => ({
  id: 'here',
  name: 'This computer',
  kind: 'docker',
  host: 'unix:///var/run/docker.sock',
  source: 'found',
  state: 'online',
  error: null,
  version: '28.3.2',
  platform: 'linux/amd64',
  nodes: [],
  usage: {
    cpus: 8,
    cpusUsed: 1.5,
    memoryBytes: 16e9,
    memoryUsed: 4e9,
    diskBytes: null,
    diskUsed: null,
    containers: 3,
    containersRunning: 2,
  },
  canBeginSwarm: true,
  fetchedAt: 0,
  ...changes,
})

export const poolList = (pools: Pool[], changes: Partial<PoolList> = {}): PoolList => ({
  pools,
  currentId: pools[0]?.id ?? null,
  revision: 1,
  ...changes,
})

export const sampleSpec = (changes: Partial<DeploymentSpec> = {}): DeploymentSpec => ({
  ...emptySpec(
    {
      reference: 'registry.example/727524/nginx:v1',
      digest: null,
      registryId: 'mine',
      repository: '727524/nginx',
      tag: 'v1',
      delivery: 'pull',
    },
    'nginx',
  ),
  ports: [{ container: 80, host: 8080, protocol: 'tcp', scope: 'all', access: 'http' }],
  ...changes,
})

export const samplePlan = (changes: Partial<DeploymentPlan> = {}): DeploymentPlan => ({
  problems: [],
  usedPorts: [],
  imagePresent: false,
  command: 'docker run -d --name nginx',
  compose: 'services: {}\n',
  description: 'name: nginx\n',
  error: null,
  ...changes,
})

export const sampleDetail = (spec: DeploymentSpec, version = 3): DeploymentDetail => ({
  poolId: 'here',
  id: 'd1',
  summary: {
    poolId: 'here',
    id: 'd1',
    name: spec.name,
    image: spec.image,
    digest: null,
    version,
    state: 'running',
    health: 'healthy',
    instances: { wanted: 1, running: 1, healthy: 1 },
    createdAt: 0,
    updatedAt: 0,
    addresses: [],
    drift: null,
    error: null,
  },
  spec,
  versions: [],
  instances: [],
  events: [],
  limits: [],
  fetchedAt: 0,
  error: null,
  revision: 1,
})

export const deployJob = (spec: DeploymentSpec, changes: Partial<Job> = {}): Job => ({
  id: 'job-1',
  request: { kind: 'deploy', poolId: 'here', deploymentId: 'd1', spec, reason: 'new', baseVersion: null },
  host: 'This computer',
  state: 'queued',
  progress: noProgress,
  bytesPerSecond: null,
  createdAt: 0,
  startedAt: null,
  endedAt: null,
  attempt: 1,
  error: null,
  result: null,
  revision: 1,
  ...changes,
})
