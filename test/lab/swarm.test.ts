import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engineDemand } from './engine-api'
import { httpGet } from './http-get'
import { importImage } from './machine-image'
import { remainsOf } from './remains'
import { startSwarm, type Swarm } from './swarm'
import { until } from './until'

describe('a swarm of two engines', () => {
  let swarm: Swarm
  beforeAll(async () => {
    swarm = await startSwarm()
    for (const { engine } of swarm.nodes) {
      await importImage(engine.host, 'app:1', ['CMD ["httpd", "-f", "-p", "80", "-h", "/etc"]'])
    }
  })
  afterAll(() => swarm?.stop())

  const createService = async (name: string, replicas: number, port: object): Promise<void> => {
    await engineDemand(swarm.manager.engine.host, 'POST', '/services/create', {
      Name: name,
      TaskTemplate: { ContainerSpec: { Image: 'app:1' }, Placement: { MaxReplicas: 1 } },
      Mode: { Replicated: { Replicas: replicas } },
      EndpointSpec: { Ports: [{ Protocol: 'tcp', TargetPort: 80, ...port }] },
    })
  }
  const hostnamesAt = async (port: number): Promise<Set<string>> => {
    const found = new Set<string>()
    for (const { engine } of [...swarm.nodes, ...swarm.nodes]) {
      const { text } = await httpGet(`http://${engine.address}:${port}/hostname`)
      found.add(text)
    }
    return found
  }

  it('answers at the port of each machine for the instance that runs there', async () => {
    await createService('own', 2, { PublishedPort: 8081, PublishMode: 'host' })
    const names = await until('both instances answering', async () => {
      const found = await hostnamesAt(8081)
      return found.size === 2 && found
    })
    expect(names.size).toBe(2)
  })

  it('answers at the port of every machine, wherever the instance runs', async () => {
    await createService('shared', 1, { PublishedPort: 8080, PublishMode: 'ingress' })
    const names = await until('both machines answering', () => hostnamesAt(8080))
    expect(names.size).toBe(1)
    const services = JSON.parse(
      await engineDemand(swarm.manager.engine.host, 'GET', '/services?filters={"name":["shared"]}'),
    ) as { ID: string; Version: { Index: number }; Spec: { Mode: object } }[]
    const [service] = services
    await engineDemand(
      swarm.manager.engine.host,
      'POST',
      `/services/${service?.ID}/update?version=${service?.Version.Index}`,
      { ...service?.Spec, Mode: { Replicated: { Replicas: 2 } } },
    )
    await until('both instances taking turns', async () => (await hostnamesAt(8080)).size === 2)
  })

  it('leaves nothing behind', async () => {
    const other = await startSwarm()
    const folders = other.nodes.map(({ engine }) => dirname(engine.socket))
    for (const folder of folders) expect(remainsOf(folder)).not.toEqual([])
    await other.stop()
    for (const folder of folders) expect(remainsOf(folder)).toEqual([])
  })
})
