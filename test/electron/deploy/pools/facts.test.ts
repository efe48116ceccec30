import { describe, expect, it } from 'vitest'
import { onlyNode, readInfo, readNodes } from '../../../../electron/deploy/pools/facts'

describe('what an engine says of itself', () => {
  it('is taken as a stranger’s', () => {
    const info = readInfo({
      ID: 7,
      Name: `evil\u0000\u202ename\n${'x'.repeat(500)}`,
      NCPU: -1,
      MemTotal: '8 GiB',
      Containers: Number.NaN,
      ContainersRunning: 2,
      DockerRootDir: {},
      Swarm: { NodeID: [], LocalNodeState: 'inactive', ControlAvailable: 'yes', RemoteManagers: 'none' },
    })
    expect(info).toMatchObject({
      id: '',
      cpus: null,
      memory: null,
      containers: null,
      running: 2,
      rootFolder: '',
    })
    expect(info.name).toHaveLength(200)
    expect(info.name).toMatch(/^evil {2}name x/)
    expect(info).toMatchObject({ swarmState: 'inactive', isManager: false, nodeId: null, managers: [] })
    expect(() => readInfo('<html>')).toThrow(expect.objectContaining({ code: 'ENGINE_FAILED' }))
  })
  it('may be that it manages a swarm, itself named first', () => {
    const info = readInfo({
      ...{ ID: 'e', Name: 'n', NCPU: 4, MemTotal: 1e9 },
      Swarm: {
        ...{ NodeID: 'b', LocalNodeState: 'active', ControlAvailable: true, Cluster: { ID: 'c' } },
        RemoteManagers: [
          { NodeID: 'a', Addr: '10.0.0.1:2377' },
          { NodeID: 'b', Addr: '10.0.0.2:2377' },
        ],
      },
    })
    expect(info).toMatchObject({
      isManager: true,
      clusterId: 'c',
      managers: ['10.0.0.2:2377', '10.0.0.1:2377'],
    })
  })
  it('makes one node where there is no swarm (Podman knows none)', () => {
    const info = readInfo({ ID: 'e', Name: 'n', NCPU: 4, MemTotal: 1e9 })
    expect(info.swarmState).toBe(null)
    expect(onlyNode(info, '4.3.1')).toMatchObject({
      name: 'n',
      state: 'ready',
      cpus: 4,
      engineVersion: '4.3.1',
    })
  })
})

it('nodes are read one by one, the leader first, and a broken one is left out', () => {
  const node = (id: string, role: string, leader?: boolean) => ({
    ...{ ID: id, Spec: { Role: role, Availability: 'drain' } },
    Description: {
      Hostname: id,
      Resources: { NanoCPUs: 2e9, MemoryBytes: 5 },
      Engine: { EngineVersion: '1' },
    },
    Status: { State: 'ready', Addr: '10.0.0.9' },
    ...(leader !== undefined && { ManagerStatus: { Leader: leader, Addr: '10.0.0.9:2377' } }),
  })
  const nodes = readNodes([
    node('w', 'worker'),
    { ID: 'x' },
    node('m2', 'manager', false),
    node('m1', 'manager', true),
  ])
  expect(nodes.map(({ id }) => id)).toEqual(['m1', 'm2', 'w'])
  expect(nodes[0]).toMatchObject({
    leader: true,
    cpus: 2,
    memoryBytes: 5,
    availability: 'drain',
    address: '10.0.0.9',
  })
  expect(readNodes({})).toEqual([])
})
