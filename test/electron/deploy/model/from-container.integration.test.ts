import Dockerode from 'dockerode'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptySpec, type DeploymentSpec } from '@shared/deployment'
import {
  furtherNetworks,
  endpointOf,
  toContainerBody,
} from '../../../../electron/deploy/model/container-body'
import { fromContainer } from '../../../../electron/deploy/model/from-container'
import { fromService } from '../../../../electron/deploy/model/from-service'
import { imageFactsOf, imageOf } from '../../../../electron/deploy/model/image'
import { decodeLabels, encodeLabels, encodeTaskLabels } from '../../../../electron/deploy/model/labels'
import { toServiceBody } from '../../../../electron/deploy/model/service-body'
import { tarOf } from '../../../../electron/deploy/model/tar-files'
import { startEngine, type Engine } from '../../../lab/engine'
import { importImage } from '../../../lab/machine-image'
import { freePort } from '../../../lab/ports'
import { until } from '../../../lab/until'
import { fullSpec } from './some-spec'

const reference = 'localhost:5000/team/shop:1.2'
const secret = randomBytes(12).toString('hex')
let engine: Engine
let docker: Dockerode
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-mount-'))
  engine = await startEngine()
  docker = new Dockerode({ socketPath: engine.socket })
  await importImage(engine.host, reference, [
    'ENV OWN=1',
    'LABEL image=yes',
    'ENTRYPOINT ["/bin/busybox"]',
    'CMD ["sleep", "1000"]',
    'WORKDIR /tmp',
    'USER root',
    'EXPOSE 80',
  ])
  for (const network of ['front', 'back']) await docker.createNetwork({ Name: network })
})
afterAll(async () => {
  await engine?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What of a spec an engine keeps, and in its words: the rest is in the model label. */
function kept(spec: DeploymentSpec): DeploymentSpec {
  return {
    ...spec,
    image: imageOf(spec.image.reference),
    platform: null,
    instances: 1,
    cpu: { ...spec.cpu, reservation: null },
    beforeStop: null,
    files: [],
    ports: [
      ...spec.ports,
      ...(spec.debugPort
        ? [{ ...spec.debugPort, protocol: 'tcp', scope: 'local', access: 'tcp' } as const]
        : []),
    ].sort((a, b) => a.container - b.container),
    debugPort: null,
  }
}

async function made(spec: DeploymentSpec, name: string): Promise<Dockerode.Container> {
  const facts = imageFactsOf(await docker.getImage(reference).inspect())
  const version = { version: 3, at: 1, reason: 'new', spec, digest: null } as const
  const labels = encodeLabels({ id: 'id-1', versions: [version], instance: 1 })
  const secrets = { TOKEN: secret }
  const container = await docker.createContainer(
    toContainerBody({ spec, image: reference, imageConfig: facts, labels, secrets, name }),
  )
  for (const network of furtherNetworks(spec)) {
    const EndpointConfig = endpointOf(spec, network)
    await docker.getNetwork(network).connect({ Container: container.id, EndpointConfig })
  }
  return container
}

async function read(container: Dockerode.Container): Promise<DeploymentSpec> {
  const inspected = await container.inspect()
  const image = imageFactsOf(await docker.getImage(inspected.Image).inspect())
  const spec = fromContainer(inspected, { image })
  return { ...spec, ports: spec.ports.sort((a, b) => a.container - b.container) }
}

describe('a real engine', () => {
  it('keeps a deployment that uses every field', async () => {
    const full = fullSpec()
    const [first, ...others] = full.ports
    const spec: DeploymentSpec = {
      ...full,
      image: { ...full.image, reference },
      // This machine's file system knows no size for a container.
      diskBytes: null,
      volumes: full.volumes.map((volume) =>
        volume.kind === 'folder' ? { ...volume, source: folder } : volume,
      ),
      ports: first ? [first, ...others.map((port) => ({ ...port, host: 19_000 }))] : [],
    }
    const container = await made(spec, 'shop-1')
    expect(await read(container)).toEqual(kept(spec))
    const inspected = await container.inspect()
    expect(decodeLabels(inspected.Config.Labels)?.versions[0]?.spec).toEqual(spec)
    expect(JSON.stringify(inspected.Config.Labels)).not.toContain(secret)
    expect(inspected.Config.Env).toContain(`TOKEN=${secret}`)
    await container.remove({ v: true })
  })

  it('keeps one that leaves everything to the image', async () => {
    const spec = emptySpec(imageOf(reference), 'plain')
    const container = await made(spec, 'plain-1')
    expect(await read(container)).toEqual(spec)
    await container.remove()
  })

  it('runs what is to run before the start, and then the image’s own command, with the files in place', async () => {
    const spec: DeploymentSpec = {
      ...emptySpec(imageOf(reference), 'before'),
      beforeStart: 'export READY=yes; cat /etc/deep/new/a.conf > /tmp/seen # a comment',
      files: [{ path: '/etc/deep/new/a.conf', content: 'grüße\n', mode: '0600' }],
      command: ['sh', '-c', 'echo "$READY $(cat /tmp/seen) $0"; ls -l /etc/deep/new', 'word'],
      restart: { policy: 'no', retries: null },
    }
    const container = await made(spec, 'before-1')
    await container.putArchive(tarOf(spec.files), { path: '/' })
    await container.start()
    await container.wait()
    const log = (await container.logs({ stdout: true, stderr: true })).toString()
    expect(log).toContain('yes grüße word')
    expect(log).toMatch(/-rw-------.* a\.conf/)
    await container.remove()
  })

  it.each([
    ['http', { kind: 'http', port: 8080, path: '/index.html' }, 'httpd -f -p 8080 -h /www'],
    ['tcp', { kind: 'tcp', port: 8080 }, 'httpd -f -p 8080 -h /www'],
  ] as const)('asks by %s with what the image has', async (name, probe, serve) => {
    const timing = { startSeconds: 0, intervalSeconds: 0.3, timeoutSeconds: 2, retries: 2 }
    const spec: DeploymentSpec = {
      ...emptySpec(imageOf(reference), name),
      entrypoint: ['/bin/sh', '-c'],
      command: [`echo well > /www/index.html; ${serve}`],
      health: { ...probe, ...timing },
    }
    const container = await made(spec, `${name}-1`)
    expect((await read(container)).health).toEqual(spec.health)
    await container.start()
    const health = async (): Promise<string> => (await container.inspect()).State.Health?.Status ?? ''
    await until('healthy', async () => (await health()) === 'healthy')
    await container.remove({ force: true })

    const wrong = await made(
      { ...spec, health: { ...spec.health, port: 8081 } as DeploymentSpec['health'] },
      `${name}-2`,
    )
    await wrong.start()
    await until('unhealthy', async () => (await wrong.inspect()).State.Health?.Status === 'unhealthy')
    await wrong.remove({ force: true })
  })

  it('publishes ports for everyone or for itself alone, on a fixed or on a free one', async () => {
    const fixed = await freePort()
    const spec: DeploymentSpec = {
      ...emptySpec(imageOf(reference), 'ports'),
      ports: [
        { container: 80, host: null, protocol: 'tcp', scope: 'all', access: 'http' },
        { container: 81, host: fixed, protocol: 'tcp', scope: 'local', access: 'tcp' },
      ],
    }
    const container = await made(spec, 'ports-1')
    await container.start()
    const { Ports } = (await container.inspect()).NetworkSettings
    expect(Ports['80/tcp']?.[0]?.HostIp).toBe('0.0.0.0')
    expect(Number(Ports['80/tcp']?.[0]?.HostPort)).toBeGreaterThan(0)
    expect(Ports['81/tcp']).toEqual([{ HostIp: '127.0.0.1', HostPort: String(fixed) }])
    expect(await read(container)).toEqual(spec)
    await container.remove({ force: true })
  })
})

describe('a real swarm', () => {
  it('keeps a service', async () => {
    await docker.swarmInit({ ListenAddr: `127.0.0.1:${await freePort()}`, AdvertiseAddr: '127.0.0.1' })
    const facts = imageFactsOf(await docker.getImage(reference).inspect())
    const full = fullSpec()
    const spec: DeploymentSpec = {
      ...full,
      image: { ...full.image, reference },
      instances: 0,
      networks: [],
      ports: full.ports.filter(({ scope }) => scope === 'all'),
    }
    const version = { version: 1, at: 1, reason: 'new', spec, digest: null } as const
    const service = await docker.createService(
      toServiceBody({
        ...{ spec, image: reference, imageConfig: facts, secrets: { TOKEN: secret }, name: 'shop' },
        labels: encodeLabels({ id: 'id-2', versions: [version] }),
        taskLabels: encodeTaskLabels({ id: 'id-2', name: spec.name }),
      }),
    )
    const inspected: unknown = await docker.getService(service.id).inspect()
    expect(fromService(inspected, { image: facts })).toEqual({
      ...spec,
      image: imageOf(reference),
      cpu: { ...spec.cpu, weight: null },
      ...{ beforeStop: null, diskBytes: null, debugPort: null, files: [] },
    })
    await docker.getService(service.id).remove()
  })
})
