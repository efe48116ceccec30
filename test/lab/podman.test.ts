import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engineDemand, engineRequest } from './engine-api'
import { importImage } from './machine-image'
import { startPodman, type Podman } from './podman'
import { startRegistry, type Registry } from './registry'
import { remainsOf } from './remains'

describe('a Podman engine', () => {
  let registry: Registry
  let podman: Podman
  beforeAll(async () => {
    registry = await startRegistry()
    podman = await startPodman({ insecureRegistries: [registry.host] })
  })
  afterAll(async () => {
    await podman.stop()
    await registry.stop()
    expect(remainsOf(dirname(podman.socket))).toEqual([])
    expect(existsSync(dirname(podman.socket))).toBe(false)
  })

  it('says that it is Podman', async () => {
    const version = JSON.parse(await engineDemand(podman.host, 'GET', '/version')) as {
      Components: { Name: string }[]
    }
    expect(version.Components.map(({ Name }) => Name)).toContain('Podman Engine')
  })

  it('imports an image, runs it and pushes it to the lab', async () => {
    await importImage(podman.host, `${registry.host}/727524/app:1`, ['CMD ["true"]'])
    const image = `${registry.host}/727524/app:1`
    const { Id: id } = JSON.parse(
      await engineDemand(podman.host, 'POST', '/containers/create', { Image: image }),
    ) as { Id: string }
    await engineDemand(podman.host, 'POST', `/containers/${id}/start`)
    const ended = await engineDemand(podman.host, 'POST', `/containers/${id}/wait`)
    expect(JSON.parse(ended)).toMatchObject({ StatusCode: 0 })
    const name = encodeURIComponent(`${registry.host}/727524/app`)
    const { text } = await engineRequest(podman.host, 'POST', `/images/${name}/push?tag=1`)
    expect(text).not.toContain('"error"')
    expect(registry.accessLog().join('\n')).toContain('"PUT /v2/727524/app/manifests/1')
  })
})
