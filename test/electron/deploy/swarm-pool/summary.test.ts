import { describe, expect, it } from 'vitest'
import type { Health } from '@shared/running'
import { deployedOf, instancesOfDeployed, summaryOf } from '../../../../electron/deploy/swarm-pool/summary'
import type { Service, SwarmNode, Task } from '../../../../electron/deploy/swarm-pool/objects'
import { digest, someConnection, someNode, someService, someSpec, someTask } from './some-swarm'

function deployed(
  service: Service,
  tasks: Task[],
  {
    nodes = [someNode('node-1')],
    health = new Map<string, Health>(),
  }: { nodes?: SwarmNode[]; health?: Map<string, Health> } = {},
): NonNullable<ReturnType<typeof deployedOf>> {
  const found = deployedOf({ connection: someConnection(), service, tasks, nodes, health })
  if (!found) throw new Error('none of ours')
  return found
}

const spec = someSpec()
const service = someService(spec)
const running = { State: 'running' }

describe('what a service tells of a deployment', () => {
  it('is running with its address where its task runs', () => {
    const summary = summaryOf(deployed(service, [someTask(service, running)]))
    expect(summary).toMatchObject({
      ...{ id: 'id-1', name: 'web', version: 1, state: 'running', health: 'none', digest, error: null },
      instances: { wanted: 1, running: 1, healthy: 0 },
      addresses: [{ url: 'http://127.0.0.1:8080/', port: 8080, container: 80 }],
    })
  })

  it('is another service where it has no label of ours', () => {
    const other = { ...service, Spec: { ...service.Spec, Labels: {} } }
    expect(
      deployedOf({ connection: someConnection(), service: other, tasks: [], nodes: [], health: new Map() }),
    ).toBeNull()
  })

  it('is rebuilt from the service where the model is broken', () => {
    const Labels = { ...service.Spec.Labels, 'io.slipway.model': 'AAAA' }
    const broken = { ...service, Spec: { ...service.Spec, Labels } }
    const { versions } = deployed(broken, [])
    expect(versions).toHaveLength(1)
    expect(versions[0]).toMatchObject({
      version: 1,
      digest,
      spec: { name: 'web', ports: [{ container: 80 }] },
    })
  })

  it('is healthy once a task with a check of ours runs, which swarm says only then', () => {
    const timing = { startSeconds: 0, intervalSeconds: 1, timeoutSeconds: 1, retries: 1 }
    const checked = someService(someSpec({ health: { kind: 'tcp', port: 80, ...timing } }))
    const states = [
      ['running', 'healthy'],
      ['starting', 'starting'],
    ] as const
    for (const [State, health] of states) {
      expect(instancesOfDeployed(deployed(checked, [someTask(checked, { State })]))[0]?.health).toBe(health)
    }
  })

  it('has the health of the image’s own check from the engine, where that is within reach', () => {
    const health = new Map<string, Health>([['c-1', 'unhealthy']])
    expect(summaryOf(deployed(service, [someTask(service, running)], { health })).health).toBe('unhealthy')
  })

  it('is failed, with the exit code, while its task ends again and again', () => {
    const ended = {
      State: 'failed',
      Err: 'task: non-zero exit (3)',
      ContainerStatus: { ContainerID: 'c', ExitCode: 3 },
    }
    const tasks = [
      someTask(
        service,
        { State: 'ready' },
        { ID: 'task-2', DesiredState: 'ready', CreatedAt: '2024-05-01T12:00:09Z' },
      ),
      someTask(service, ended, { DesiredState: 'shutdown' }),
    ]
    const summary = summaryOf(deployed(service, tasks))
    expect(summary).toMatchObject({
      state: 'failed',
      error: { code: 'CONTAINER_EXITED', context: { exitCode: 3 } },
    })
    expect(summary.error?.detail).toContain('host-of-node-1')
    expect(instancesOfDeployed(deployed(service, tasks))).toMatchObject([
      { state: 'restarting', restarts: 1 },
    ])
  })

  it('says why a task waits for a node', () => {
    const waiting = someTask(
      service,
      {
        State: 'pending',
        Err: 'no suitable node (insufficient resources on 2 nodes)',
        ContainerStatus: null,
      },
      { NodeID: null },
    )
    expect(summaryOf(deployed(service, [waiting]))).toMatchObject({
      state: 'starting',
      error: { code: 'RESOURCES_MISSING' },
    })
  })

  it('says why the last change was put back, and no longer once another was taken', () => {
    const newer = someService(someSpec({ command: ['new'] }))
    const failed = (CreatedAt: string): Task =>
      someTask(
        newer,
        {
          State: 'failed',
          Err: 'task: non-zero exit (4)',
          ContainerStatus: { ContainerID: 'c', ExitCode: 4 },
        },
        { ID: 'task-9', DesiredState: 'shutdown', CreatedAt },
      )
    const serving = someTask(service, running)
    const after = summaryOf(deployed(service, [failed('2024-05-01T13:00:00Z'), serving]))
    expect(after).toMatchObject({ state: 'running', error: { code: 'CONTAINER_EXITED' } })
    const before = summaryOf(deployed(service, [serving, failed('2024-05-01T11:00:00Z')]))
    expect(before.error).toBeNull()
  })

  it('counts a task on a lost node as lost, and has no way to a task on a node out of reach', () => {
    const nodes = [someNode('node-1'), someNode('node-2', 'down')]
    const tasks = [
      someTask(service, running, { NodeID: 'node-2', DesiredState: 'shutdown' }),
      someTask(service, running, { ID: 'task-2', CreatedAt: '2024-05-01T12:00:05Z' }),
    ]
    const instances = instancesOfDeployed(deployed(service, tasks, { nodes }))
    expect(instances.map(({ state, reachable }) => [state, reachable])).toEqual([
      ['lost', false],
      ['running', true],
    ])
  })

  it('is stopped, without addresses, at no instances', () => {
    const stopped = { ...service, Spec: { ...service.Spec, Mode: { Replicated: { Replicas: 0 } } } }
    const old = someTask(service, { State: 'shutdown' }, { DesiredState: 'shutdown' })
    expect(summaryOf(deployed(stopped, [old]))).toMatchObject({ state: 'stopped', addresses: [] })
    expect(instancesOfDeployed(deployed(stopped, [old]))).toEqual([])
  })

  it('has the addresses of the nodes where ports are published there', () => {
    const host = someService(someSpec({ instances: 2 }), { rest: { Endpoint: null } })
    const PortStatus = {
      Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 32768, PublishMode: 'host' }],
    }
    const tasks = [
      someTask(host, { State: 'running', PortStatus }),
      someTask(host, { State: 'running', PortStatus }, { ID: 't2', Slot: 2, NodeID: 'node-2' }),
    ]
    const nodes = [someNode('node-1'), someNode('node-2', 'ready', '10.1.0.3')]
    expect(summaryOf(deployed(host, tasks, { nodes })).addresses.map(({ url }) => url)).toEqual([
      'http://127.0.0.1:32768/',
      'http://10.1.0.3:32768/',
    ])
  })
})
