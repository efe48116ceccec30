import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEngine, type Engine } from './engine'
import { engineDemand, engineRequest } from './engine-api'
import { httpGet } from './http-get'
import { buildMachineImage, importImage } from './machine-image'
import { freePort } from './ports'
import { startRegistry, type Registry } from './registry'
import { linkOf, remainsOf } from './remains'
import { until } from './until'

const noAccount = Buffer.from('{}').toString('base64')

/** Pushes as the docker command does; answers the engine's stream. */
async function push(engine: Engine, registry: Registry, image: string): Promise<string> {
  const target = `${registry.host}/727524/${image}`
  await engineDemand(engine.host, 'POST', `/images/${image}:1/tag?repo=${encodeURIComponent(target)}&tag=1`)
  const { text } = await engineRequest(engine.host, 'POST', `/images/${target}/push?tag=1`, undefined, {
    'x-registry-auth': noAccount,
  })
  return text
}

describe('a Docker engine', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine()
    await importImage(engine.host, 'app:1', ['CMD ["httpd", "-f", "-p", "80", "-h", "/etc"]'])
  })
  afterAll(() => engine.stop())

  it('works beside another one', async () => {
    const other = await startEngine()
    expect(other.address).not.toBe(engine.address)
    expect(await engineDemand(other.host, 'GET', '/images/json')).not.toContain('app:1')
    await other.stop()
    expect(await engineDemand(engine.host, 'GET', '/images/json')).toContain('app:1')
  })

  it('runs a container whose port answers on 127.0.0.1', async () => {
    const port = await freePort()
    const body = {
      Image: 'app:1',
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] } },
    }
    const { Id: id } = JSON.parse(await engineDemand(engine.host, 'POST', '/containers/create', body)) as {
      Id: string
    }
    await engineDemand(engine.host, 'POST', `/containers/${id}/start`)
    const answer = await until('the container answering', () => httpGet(`http://127.0.0.1:${port}/image`))
    expect(answer.text).toBe('app:1')
    await engineDemand(engine.host, 'DELETE', `/containers/${id}?force=true`)
  })

  it('builds an image with a layer per part', async () => {
    await buildMachineImage(engine.host, 'layers:1', [100_000, 200_000])
    const image = JSON.parse(await engineDemand(engine.host, 'GET', '/images/layers:1/json')) as {
      RootFS: { Layers: string[] }
    }
    expect(image.RootFS.Layers).toHaveLength(3)
  })

  it('keeps its images over a restart and over a crash', async () => {
    await engine.restart()
    expect(await engineDemand(engine.host, 'GET', '/images/json')).toContain('app:1')
    await engine.kill()
    await expect(engineRequest(engine.host, 'GET', '/_ping')).rejects.toThrow()
    await engine.start()
    expect(await engineDemand(engine.host, 'GET', '/images/json')).toContain('app:1')
  })

  it('pushes to a registry on 127.0.0.1, but not to one whose authority it does not know', async () => {
    const near = await startRegistry({ tls: true })
    expect(await push(engine, near, 'app')).toContain('"Digest":"sha256:')
    const far = await startRegistry({ tls: true, listen: engine.address })
    expect(await push(engine, far, 'app')).toContain('x509: certificate signed by unknown authority')
    const informed = await startEngine({ certs: { [far.host]: far.authority?.path ?? '' } })
    await importImage(informed.host, 'app:1')
    expect(await push(informed, far, 'app')).toContain('"Digest":"sha256:')
    await informed.stop()
    expect(existsSync(`/etc/docker/certs.d/${far.host}`)).toBe(false)
    await Promise.all([near.stop(), far.stop()])
  })

  it('leaves nothing behind when it is stopped with containers and networks', async () => {
    const own = await startEngine()
    const folder = dirname(own.socket)
    const bridge = linkOf(own.address) ?? ''
    await importImage(own.host, 'app:1')
    await engineDemand(own.host, 'POST', '/networks/create', { Name: 'extra' })
    const { Id: id } = JSON.parse(
      await engineDemand(own.host, 'POST', '/containers/create', { Image: 'app:1' }),
    ) as { Id: string }
    await engineDemand(own.host, 'POST', `/containers/${id}/start`)
    expect(remainsOf(folder).length).toBeGreaterThan(2)
    expect(remainsOf(bridge)).not.toEqual([])
    await own.stop()
    expect(remainsOf(folder)).toEqual([])
    expect(remainsOf(bridge)).toEqual([])
    expect(remainsOf(id.slice(0, 12))).toEqual([])
    expect(existsSync(folder)).toBe(false)
  })
})
