import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { followPool } from '../../../../electron/deploy/engine-pool/follow'
import { poolFacts } from '../../../../electron/deploy/engine-pool/facts'
import { listPool } from '../../../../electron/deploy/engine-pool/list'
import { measureDeployment } from '../../../../electron/deploy/engine-pool/measure'
import { readDeployment } from '../../../../electron/deploy/engine-pool/read'
import { startEngine } from '../../../lab/engine'
import { engineDemand } from '../../../lab/engine-api'
import { importImage } from '../../../lab/machine-image'
import { startPodman } from '../../../lab/podman'
import { until } from '../../../lab/until'
import { connectionTo, image, make, removeAll, specOf, versionOf } from './lab-pool'

const hosts = { docker: '', podman: '' }
let end: () => Promise<unknown>
const signal = new AbortController().signal

beforeAll(async () => {
  const [docker, podman] = await Promise.all([startEngine(), startPodman()])
  end = () => Promise.all([docker.stop(), podman.stop()])
  Object.assign(hosts, { docker: docker.host, podman: podman.host })
  await Promise.all([importImage(docker.host, image), importImage(podman.host, image)])
})
afterAll(() => end?.())
afterEach(async () => {
  await Promise.all(Object.values(hosts).map(removeAll))
})

describe.each(['docker', 'podman'] as const)('what runs on %s', (kind) => {
  const web = specOf({
    ports: [{ container: 8080, host: null, protocol: 'tcp', scope: 'local', access: 'http' }],
    instances: 2,
  })
  const bindings = { PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } }
  const exposed = { ExposedPorts: { '8080/tcp': {} } }
  const list = () => listPool(connectionTo(hosts[kind], kind), signal)
  const only = async () => (await list()).deployments[0]

  it('is found by labels alone, with its state, addresses and instances, apart from other containers', async () => {
    const host = hosts[kind]
    const versions: Parameters<typeof make>[0]['versions'] = [versionOf(2, web), versionOf(1, web)]
    for (const instance of [1, 2]) {
      await make({ host, id: 'web-id', versions, instance, body: exposed, hostConfig: bindings })
    }
    const other = await engineDemand(host, 'POST', '/containers/create?name=stranger', {
      ...{ Image: image, Cmd: ['sleep', 'infinity'], Labels: { 'io.slipway.deployment': '../etc' } },
    })
    const { deployments, others } = await list()
    expect(deployments).toHaveLength(1)
    expect(deployments[0]).toMatchObject({
      ...{ poolId: `lab-${kind}`, id: 'web-id', name: 'web', version: 2, state: 'running', health: 'none' },
      ...{ instances: { wanted: 2, running: 2, healthy: 2 }, error: null, drift: null },
      addresses: [
        { container: 8080, protocol: 'tcp', host: '127.0.0.1', scope: 'local', debug: false },
        { container: 8080 },
      ],
    })
    const [first] = deployments[0]?.addresses ?? []
    expect(first?.url).toBe(`http://127.0.0.1:${first?.port}/`)
    expect(others).toMatchObject([{ kind: 'container', name: 'stranger', image, state: 'created' }])
    expect(others[0]?.id).toBe((JSON.parse(other) as { Id: string }).Id)

    const detail = await readDeployment(connectionTo(host, kind), 'web-id', signal)
    expect(detail.versions.map(({ version }) => version)).toEqual([2, 1])
    expect(detail.spec).toEqual(web)
    expect(detail.instances).toMatchObject([
      {
        number: 1,
        name: 'web-1',
        version: 2,
        state: 'running',
        restarts: 0,
        exitCode: null,
        reachable: true,
      },
      { number: 2, name: 'web-2' },
    ])
    expect(detail.instances[0]?.startedAt).toBeGreaterThan(Date.now() - 60_000)
    expect(detail.events.map((event) => event.kind)).toContain('start')
    expect(detail.events.every(({ at }) => at > Date.now() - 120_000)).toBe(true)
    await expect(readDeployment(connectionTo(host, kind), 'nobody', signal)).rejects.toMatchObject({
      code: 'DEPLOYMENT_UNKNOWN',
    })
  })

  it('says failed, with the exit code, of one that crashed, and of one that crashes again and again', async () => {
    const host = hosts[kind]
    const one = specOf({ instances: 1 })
    await make({ host, id: 'a', versions: [versionOf(1, one)], instance: 1, command: ['sh', '-c', 'exit 7'] })
    await until('it has failed', async () => (await only())?.state === 'failed')
    expect(await only()).toMatchObject({
      instances: { wanted: 1, running: 0, healthy: 0 },
      error: { code: 'CONTAINER_EXITED', context: { deployment: 'web', exitCode: 7 } },
      addresses: [],
    })
    await removeAll(host)
    const loop = ['sh', '-c', 'sleep 0.2; exit 3']
    const hostConfig = { RestartPolicy: { Name: 'always' } }
    await make({ host, id: 'b', versions: [versionOf(1, one)], instance: 1, command: loop, hostConfig })
    await until('it restarts', async () => {
      const { instances } = await readDeployment(connectionTo(host, kind), 'b', signal)
      return instances[0]?.state === 'restarting' && instances[0].restarts > 0
    })
    expect(await only()).toMatchObject({ state: 'failed', error: { code: 'CONTAINER_EXITED' } })
  })

  it('says stopped of one that was stopped, and of one of no instances', async () => {
    const host = hosts[kind]
    const hostConfig = { RestartPolicy: { Name: 'unless-stopped' } }
    const container = await make({
      host,
      id: 'a',
      versions: [versionOf(1, specOf())],
      instance: 1,
      hostConfig,
    })
    await engineDemand(host, 'POST', `/containers/${container}/stop?t=0`)
    await until('it is stopped', async () => (await only())?.state === 'stopped')
    expect(await only()).toMatchObject({ error: null, instances: { wanted: 1, running: 0 } })
    await removeAll(host)
    const versions: Parameters<typeof make>[0]['versions'] = [
      versionOf(2, specOf({ instances: 0 })),
      versionOf(1, specOf()),
    ]
    await make({ host, id: 'a', versions, instance: null, name: 'web.record', start: false })
    expect(await only()).toMatchObject({ state: 'stopped', version: 2, instances: { wanted: 0, running: 0 } })
    const { instances } = await readDeployment(connectionTo(host, kind), 'a', signal)
    expect(instances).toEqual([])
  })

  it('says updating while a new version is on its way, and shows the one that serves', async () => {
    const host = hosts[kind]
    const old = versionOf(1, specOf())
    await make({ host, id: 'a', versions: [old], instance: 1 })
    const versions: Parameters<typeof make>[0]['versions'] = [versionOf(2, specOf()), old]
    await make({ host, id: 'a', versions, instance: 1, name: 'web-1.next' })
    expect(await only()).toMatchObject({
      state: 'updating',
      version: 1,
      instances: { wanted: 1, running: 1 },
    })
  })

  it('is degraded where an instance is missing, and rebuilt where the model label is lost', async () => {
    const host = hosts[kind]
    await make({ host, id: 'a', versions: [versionOf(3, web)], instance: 1 })
    expect(await only()).toMatchObject({ state: 'degraded', instances: { wanted: 2, running: 1 } })
    await removeAll(host)
    const labels = {
      'io.slipway.deployment': 'a',
      'io.slipway.name': 'web',
      'io.slipway.version': '4',
      'io.slipway.instance': '1',
      'io.slipway.model': 'broken',
    }
    const body = { Labels: labels, Env: ['COLOR=red'] }
    await make({ host, id: 'a', versions: [versionOf(1, web)], instance: 1, body, command: ['sleep', '999'] })
    const detail = await readDeployment(connectionTo(host, kind), 'a', signal)
    expect(detail.summary).toMatchObject({ name: 'web', version: 4, state: 'running' })
    expect(detail.spec).toMatchObject({ instances: 1, command: ['sleep', '999'] })
    expect(detail.spec.environment).toContainEqual({ name: 'COLOR', value: 'red', secret: false })
  })

  it('is measured: a busy instance, and none that has ended', async () => {
    const host = hosts[kind]
    const busy = ['sh', '-c', 'while :; do :; done']
    const spec = specOf({ instances: 2, memory: { limit: 64 * 1024 * 1024, reservation: null } })
    await make({ host, id: 'a', versions: [versionOf(1, spec)], instance: 1, command: busy })
    await make({ host, id: 'a', versions: [versionOf(1, spec)], instance: 2, command: ['true'] })
    const connection = connectionTo(host, kind)
    const measures = await until('only one runs, and has run for a while', async () => {
      const found = await measureDeployment(connection, 'a', signal)
      return found.length === 1 && (found[0]?.cpu ?? 0) > 0.01 && found
    })
    expect(measures[0]).toMatchObject({ name: 'web-1', memoryLimit: 64 * 1024 * 1024 })
    expect(measures[0]?.cpu).toBeLessThan(1.5)
    expect(measures[0]?.memory).toBeGreaterThan(0)
  })

  it('tells of changes as they happen, and ends when it is told to', async () => {
    const host = hosts[kind]
    const stop = new AbortController()
    let changes = 0
    const following = followPool(connectionTo(host, kind), () => (changes += 1), stop.signal)
    await until('it listens', () => changes > 0)
    const before = changes
    await make({ host, id: 'a', versions: [versionOf(1, specOf())], instance: 1 })
    await until('it is told', () => changes > before)
    stop.abort()
    await following
  })

  it('knows what a plan must know', async () => {
    const host = hosts[kind]
    const first = await make({
      host,
      id: 'a',
      versions: [versionOf(1, web)],
      instance: 1,
      body: exposed,
      hostConfig: bindings,
    })
    const { deployments } = await list()
    const port = deployments[0]?.addresses[0]?.port
    const connection = connectionTo(host, kind)
    const wanted = { ...web, ports: web.ports.map((one) => ({ ...one, host: port ?? null })) }
    const facts = await poolFacts(connection, wanted, null, signal)
    expect(facts.usedPorts.get(`${port}/tcp`)).toBe('web-1')
    expect(facts).toMatchObject({ imagePresent: true, nodes: 1, platform: 'linux/amd64' })
    expect(facts.cpus).toBeGreaterThan(0)
    expect(facts.names.has('web-1') && facts.names.has('web')).toBe(true)
    const own = await poolFacts(connection, wanted, 'a', signal)
    expect(own.usedPorts.has(`${port}/tcp`) || own.names.has('web-1')).toBe(false)
    await engineDemand(host, 'DELETE', `/containers/${first}?force=true`)
  })
})
