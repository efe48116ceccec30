import type Dockerode from 'dockerode'
import { emptySpec, type DeploymentSpec } from '@shared/deployment'
import type { DeploymentVersion } from '@shared/running'
import type { PoolConnection } from '../../../../electron/deploy/driver'
import { encodeLabels, encodeTaskLabels } from '../../../../electron/deploy/model/labels'
import { toServiceBody } from '../../../../electron/deploy/model/service-body'
import { Service, SwarmNode, Task } from '../../../../electron/deploy/swarm-pool/objects'

/** Objects as a manager's API has them, for what needs no manager. */

export const digest = `sha256:${'a'.repeat(64)}`

export const someSpec = (rest: Partial<DeploymentSpec> = {}): DeploymentSpec => ({
  ...emptySpec(
    {
      ...{ reference: 'host.example/app:1.0', digest: null, registryId: null, delivery: 'pull' },
      ...{ repository: 'app', tag: '1.0' },
    },
    'web',
  ),
  ports: [{ container: 80, host: 8080, protocol: 'tcp', scope: 'all', access: 'http' }],
  ...rest,
})

export function someService(
  spec: DeploymentSpec,
  { version = 1, rest = {} }: { version?: number; rest?: Record<string, unknown> } = {},
): Service {
  const entry: DeploymentVersion = { version, at: 1000, reason: 'new', spec, digest }
  const body = toServiceBody({
    ...{ spec, name: spec.name, image: `host.example/app:1.0@${digest}`, secrets: {} },
    imageConfig: { entrypoint: null, command: null },
    labels: encodeLabels({ id: 'id-1', versions: [entry] }),
    taskLabels: encodeTaskLabels({ id: 'id-1', name: spec.name }),
  })
  return Service.parse({
    ...{ ID: 'service-1', Version: { Index: 7 }, Spec: body },
    ...{ CreatedAt: '2024-05-01T12:00:00Z', UpdatedAt: '2024-05-01T12:00:00Z' },
    Endpoint: { Ports: body.EndpointSpec?.Ports },
    ...rest,
  })
}

export function someTask(
  service: { Spec: Dockerode.ServiceSpec },
  status: Record<string, unknown>,
  rest: Record<string, unknown> = {},
): Task {
  return Task.parse({
    ...{ ID: 'task-1', ServiceID: 'service-1', Slot: 1, NodeID: 'node-1', DesiredState: 'running' },
    ...{ CreatedAt: '2024-05-01T12:00:01Z', Spec: service.Spec.TaskTemplate },
    Status: {
      Timestamp: '2024-05-01T12:00:02Z',
      ContainerStatus: { ContainerID: 'c-1', ExitCode: 0 },
      ...status,
    },
    ...rest,
  })
}

export const someNode = (id: string, state = 'ready', address = '10.1.0.2'): SwarmNode =>
  SwarmNode.parse({
    ...{ ID: id, Spec: { Role: 'worker', Availability: 'active' } },
    ...{ Description: { Hostname: `host-of-${id}` }, Status: { State: state, Addr: address } },
  })

/** A connection that nothing is asked of. */
export const someConnection = (rest: Partial<PoolConnection> = {}): PoolConnection => ({
  ...{ poolId: 'pool-1', name: 'Pool', kind: 'swarm', version: '20.10', nodeId: 'node-1' },
  ...{ addressHost: '127.0.0.1', local: true, peers: () => new Map() },
  docker: {} as Dockerode,
  target: {
    endpoint: { id: 'e', label: 'e', host: 'unix:///e', source: 'socket' },
    ...{ tls: null, explicit: true, present: true, problem: null },
  },
  ...rest,
})
