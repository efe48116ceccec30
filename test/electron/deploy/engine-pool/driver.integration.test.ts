// Long because every way in which a deployment changes is tried here on both engines, in one setting.
/** Deployments on real engines: Docker, and Podman. */
import { randomBytes, randomUUID } from 'node:crypto'
import type Dockerode from 'dockerode'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DeploymentSpec } from '@shared/deployment'
import { AppError } from '@shared/error'
import type { PoolConnection } from '../../../../electron/deploy/driver'
import type { EnginePoolDriver } from '../../../../electron/deploy/engine-pool/driver'
import { type Engine, startEngine } from '../../../lab/engine'
import { httpGet } from '../../../lab/http-get'
import { type Podman, startPodman } from '../../../lab/podman'
import { freePort } from '../../../lab/ports'
import { until } from '../../../lab/until'
import {
  actionOf,
  changeOf,
  connectionTo,
  contextOf,
  driverOf,
  images,
  importImages,
  specOf,
} from './sample-pool'

let docker: Engine
let podman: Podman

beforeAll(async () => {
  ;[docker, podman] = await Promise.all([startEngine(), startPodman()])
  await Promise.all([importImages(docker.host), importImages(podman.host)])
})
afterAll(() => Promise.all([docker?.stop(), podman?.stop()]))

const failure = async (call: Promise<unknown>): Promise<AppError> => {
  const thrown: unknown = await call.then(
    () => null,
    (error: unknown) => error,
  )
  if (thrown instanceof AppError) return thrown
  throw new Error(`not an AppError: ${String(thrown)}`)
}

const neverCancelled = new AbortController().signal

describe.each([
  ['docker', () => docker.host],
  ['podman', () => podman.host],
] as const)('%s', (kind, host) => {
  let connection: PoolConnection
  let driver: EnginePoolDriver
  let engine: Dockerode

  beforeAll(async () => {
    connection = await connectionTo(host(), kind)
    driver = driverOf(connection)
    engine = connection.docker
  })
  afterEach(async () => {
    const left = await engine.listContainers({ all: true })
    await Promise.all(left.map(({ Id }) => engine.getContainer(Id).remove({ force: true, v: true })))
  })

  const names = async (): Promise<string[]> => {
    const list = await engine.listContainers({ all: true })
    return list.map((container) => (container.Names[0] ?? '').replace(/^\//, '')).sort()
  }
  const idOf = async (name: string): Promise<string> => (await engine.getContainer(name).inspect()).Id
  const says = async (url: string): Promise<string> => (await httpGet(url)).text.trim()
  /** Deploys a first version; answers its id and its address. */
  const deployed = async (spec: DeploymentSpec): Promise<{ id: string; url: string }> => {
    const change = changeOf(spec)
    const { addresses } = await driver.apply(change, contextOf())
    return { id: change.id, url: addresses[0]?.url ?? '' }
  }
  const read = (id: string) => driver.read(id, neverCancelled)

  it('deploys, and answers once the application does', async () => {
    const context = contextOf()
    const { addresses } = await driver.apply(changeOf(specOf(images.one, 'shop')), context)
    expect(addresses).toHaveLength(1)
    expect(await says(addresses[0]?.url ?? '')).toBe('one')
    expect(context.phases).toEqual(['preparing', 'creating', 'starting', 'health', 'reaching'])
    expect(await names()).toEqual(['shop-1'])
  })

  it('begins anew where an attempt at the same deployment was cut off', async () => {
    const change = changeOf(specOf(images.one, 'shop', { instances: 2 }))
    await driver.apply(change, contextOf())
    const before = await idOf('shop-2')
    await engine.getContainer('shop-2').rename({ name: 'shop-2.next' })
    await driver.apply(change, contextOf())
    expect(await names()).toEqual(['shop-1', 'shop-2'])
    expect(await idOf('shop-2')).not.toBe(before)
    expect((await read(change.id)).summary).toMatchObject({ version: 1, instances: { running: 2 } })
  })

  it('goes on with an upgrade that was cut off between the old ones and the new ones’ names', async () => {
    const { id } = await deployed(specOf(images.one, 'shop', { instances: 2 }))
    const upgrade = changeOf(specOf(images.two, 'shop', { instances: 2 }), id, 1)
    await driver.apply(upgrade, contextOf())
    const serving = [await idOf('shop-1'), await idOf('shop-2')]
    const cutOff = async (): Promise<void> => {
      for (const name of ['shop-1', 'shop-2'])
        await engine.getContainer(name).rename({ name: `${name}.next` })
    }
    await cutOff()
    const { addresses } = await driver.apply(upgrade, contextOf())
    expect(addresses).toHaveLength(2)
    expect([await idOf('shop-1'), await idOf('shop-2')]).toEqual(serving)
    const { summary, versions } = await read(id)
    expect(summary).toMatchObject({ version: 2, instances: { running: 2 } })
    expect(versions.map(({ version }) => version)).toEqual([2, 1])
    // Whatever else is done to it next: what serves is not taken for half made.
    await cutOff()
    await driver.act(actionOf(id, 'restart'), contextOf())
    expect(await names()).toEqual(['shop-1', 'shop-2'])
  })

  it('goes on with a scaling that was cut off behind its note, and refuses another', async () => {
    const { id } = await deployed(specOf(images.one, 'shop'))
    const up = changeOf(specOf(images.one, 'shop', { instances: 3 }), id, 1, 'scale')
    await driver.apply(up, contextOf())
    await engine.getContainer('shop-2').remove({ force: true })
    await driver.apply(up, contextOf())
    expect(await names()).toEqual(['shop-1', 'shop-2', 'shop-3'])
    const down = changeOf(specOf(images.one, 'shop'), id, 2, 'scale')
    await driver.apply(down, contextOf())
    await driver.apply(down, contextOf())
    const { summary, versions } = await read(id)
    expect(summary).toMatchObject({ version: 3, instances: { running: 1 } })
    expect(versions.map(({ version }) => version)).toEqual([3, 2, 1])
    const other = changeOf(specOf(images.one, 'shop', { instances: 2 }), id, 2, 'scale')
    expect((await failure(driver.apply(other, contextOf()))).code).toBe('DEPLOYMENT_CHANGED')
  })

  it('goes on with a removal that was cut off before its end', async () => {
    const spec = specOf(images.one, 'shop', { networks: ['shop-net'] })
    const { id } = await deployed(spec)
    const beforeGone = (): Promise<void> => Promise.reject(new AppError('KEYCHAIN_LOCKED'))
    const cutOff = driver.act(actionOf(id, 'remove'), { ...contextOf(), beforeGone })
    expect((await failure(cutOff)).code).toBe('KEYCHAIN_LOCKED')
    expect(await names()).toEqual(['shop.record'])
    let asked = 0
    await driver.act(actionOf(id, 'remove'), {
      ...contextOf(),
      beforeGone: () => Promise.resolve(void (asked += 1)),
    })
    expect(asked).toBe(1)
    expect(await names()).toEqual([])
    expect((await engine.listNetworks()).map(({ Name }) => Name)).not.toContain('shop-net')
  })

  it('tells the exit code and the last words of what falls, and leaves nothing', async () => {
    const spec = specOf(images.bad, 'shop', {
      volumes: [{ kind: 'volume', name: 'shop-data', path: '/data', readOnly: false }],
      networks: ['shop-net'],
    })
    const error = await failure(driver.apply(changeOf(spec), contextOf()))
    expect(error).toMatchObject({ code: 'CONTAINER_EXITED', context: { exitCode: 3, deployment: 'shop' } })
    expect(error.detail).toContain('going down')
    expect(await names()).toEqual([])
    expect((await engine.listVolumes()).Volumes ?? []).toEqual([])
    expect((await engine.listNetworks()).map(({ Name }) => Name)).not.toContain('shop-net')
  })

  it('tells a command that is not there', async () => {
    const spec = specOf(images.one, 'shop', { command: ['/bin/nothing-of-that-name'] })
    const error = await failure(driver.apply(changeOf(spec), contextOf()))
    expect(error.code).toBe('CONTAINER_EXITED')
    expect(error.detail).toContain('nothing-of-that-name')
    expect(await names()).toEqual([])
  })

  it('waits for the health check, and says what it said where it fails', async () => {
    const times = { startSeconds: 0, intervalSeconds: 0.5, timeoutSeconds: 2, retries: 2 }
    const health = { kind: 'command' as const, command: 'echo not well >&2; exit 1', ...times }
    const error = await failure(driver.apply(changeOf(specOf(images.one, 'shop', { health })), contextOf()))
    expect(error.code).toBe('NOT_HEALTHY')
    expect(error.detail).toContain('this is one')
    if (kind === 'docker') expect(error.detail).toContain('not well')
    expect(await names()).toEqual([])

    const probe = { kind: 'http' as const, port: 8080, path: '/', ...times, intervalSeconds: 60 }
    const context = contextOf()
    await driver.apply(changeOf(specOf(images.one, 'shop', { health: probe })), context)
    expect(context.lines).toContain('shop-1: healthy')
  })

  it('says that a port is not answered', async () => {
    const error = await failure(driver.apply(changeOf(specOf(images.deaf, 'shop')), contextOf()))
    expect(error).toMatchObject({ code: 'NOT_REACHABLE', context: { port: '8080/tcp' } })
    expect(await names()).toEqual([])
  })

  it('says which port is in use, and which name is taken', async () => {
    const port = await freePort()
    const fixed = specOf(images.one, 'shop', {
      ports: [{ container: 8080, host: port, protocol: 'tcp', scope: 'all', access: 'http' }],
    })
    const { url } = await deployed(fixed)
    expect(url).toBe(`http://127.0.0.1:${port}/`)
    expect(await failure(driver.apply(changeOf({ ...fixed, name: 'other' }), contextOf()))).toMatchObject({
      code: 'PORT_IN_USE',
      context: { port: String(port) },
    })
    expect(await failure(driver.apply(changeOf(specOf(images.one, 'shop')), contextOf()))).toMatchObject({
      code: 'NAME_TAKEN',
    })
    expect(await failure(driver.apply(changeOf({ ...fixed, instances: 2 }), contextOf()))).toMatchObject({
      code: 'DEPLOYMENT_INVALID',
    })
    expect(await names()).toEqual(['shop-1'])
  })

  it('upgrades with the new ones first, rolls back, and remembers', async () => {
    const { id, url } = await deployed(specOf(images.one, 'shop', { instances: 2 }))
    const before = await idOf('shop-1')
    const upgraded = await driver.apply(
      changeOf(specOf(images.two, 'shop', { instances: 2 }), id, 1),
      contextOf(),
    )
    expect(await Promise.all(upgraded.addresses.map((address) => says(address.url ?? '')))).toEqual([
      'two',
      'two',
    ])
    await expect(says(url)).rejects.toThrow()
    expect(await names()).toEqual(['shop-1', 'shop-2'])
    expect(await idOf('shop-1')).not.toBe(before)

    expect(
      await failure(driver.apply(changeOf(specOf(images.one, 'shop'), id, 1), contextOf())),
    ).toMatchObject({ code: 'DEPLOYMENT_CHANGED' })

    const back = changeOf(specOf(images.one, 'shop', { instances: 2 }), id, 2, 'rollback')
    const { addresses } = await driver.apply(back, contextOf())
    expect(await says(addresses[0]?.url ?? '')).toBe('one')
    const { versions, summary } = await read(id)
    expect(versions.map(({ version, reason }) => [version, reason])).toEqual([
      [3, 'rollback'],
      [2, 'upgrade'],
      [1, 'new'],
    ])
    expect(summary).toMatchObject({ state: 'running', version: 3, instances: { wanted: 2, running: 2 } })
  })

  it('keeps the old ones where the new ones fail', async () => {
    const { id, url } = await deployed(specOf(images.one, 'shop'))
    const before = await idOf('shop-1')
    const error = await failure(driver.apply(changeOf(specOf(images.bad, 'shop'), id, 1), contextOf()))
    expect(error).toMatchObject({ code: 'CONTAINER_EXITED', context: { exitCode: 3 } })
    expect(await says(url)).toBe('one')
    expect(await idOf('shop-1')).toBe(before)
    expect(await names()).toEqual(['shop-1'])
    expect((await read(id)).summary.version).toBe(1)
  })

  it('upgrades on a fixed port after a trial, and never stops the old one for a new one that fails', async () => {
    const port = await freePort()
    const fixed = (image: string): DeploymentSpec =>
      specOf(image, 'shop', {
        ports: [{ container: 8080, host: port, protocol: 'tcp', scope: 'all', access: 'http' }],
        beforeStop: 'echo bye > /data/bye',
        volumes: [{ kind: 'volume', name: `bye-${kind}`, path: '/data', readOnly: false }],
      })
    const { id, url } = await deployed(fixed(images.one))
    const before = await engine.getContainer('shop-1').inspect()
    const error = await failure(driver.apply(changeOf(fixed(images.bad), id, 1), contextOf()))
    expect(error.code).toBe('CONTAINER_EXITED')
    expect(await says(url)).toBe('one')
    const after = await engine.getContainer('shop-1').inspect()
    expect([after.Id, after.State.StartedAt]).toEqual([before.Id, before.State.StartedAt])

    const context = contextOf()
    const { addresses } = await driver.apply(changeOf(fixed(images.two), id, 1), context)
    expect(addresses[0]?.url).toBe(url)
    expect(await says(url)).toBe('two')
    expect(context.phases).toContain('switching')
    expect(context.lines).toContain('shop-1: the command before the stop ended with 0')
    expect(await names()).toEqual(['shop-1'])
    await driver.act(actionOf(id, 'remove', { volumes: true }), contextOf())
    expect((await engine.listVolumes()).Volumes ?? []).toEqual([])
  })

  it('starts the old one again where the new one fails only with the port', async () => {
    const port = await freePort()
    // Well in its trial, where the marker is not there yet; not on the second start.
    const once = 'if [ -e /data/marker ]; then echo twice is too much; exit 7; fi; echo x > /data/marker'
    const spec = (beforeStart: string | null): DeploymentSpec =>
      specOf(images.one, 'shop', {
        ports: [{ container: 8080, host: port, protocol: 'tcp', scope: 'local', access: 'http' }],
        volumes: [{ kind: 'volume', name: `marker-${kind}`, path: '/data', readOnly: false }],
        beforeStart,
      })
    const { id, url } = await deployed(spec(null))
    const error = await failure(driver.apply(changeOf(spec(once), id, 1, 'change'), contextOf()))
    expect(error).toMatchObject({ code: 'CONTAINER_EXITED', context: { exitCode: 7 } })
    expect(await until('the old one', () => says(url))).toBe('one')
    expect(await names()).toEqual(['shop-1'])
    await driver.act(actionOf(id, 'remove', { volumes: true }), contextOf())
  })

  it('scales without touching what runs, down to nothing and up again, and remembers', async () => {
    const spec = (instances: number): DeploymentSpec => specOf(images.one, 'shop', { instances })
    const { id, url } = await deployed(spec(1))
    const first = await engine.getContainer('shop-1').inspect()
    const up = await driver.apply(changeOf(spec(3), id, 1, 'scale'), contextOf())
    expect(up.addresses).toHaveLength(3)
    expect(await names()).toEqual(['shop-1', 'shop-2', 'shop-3'])
    expect((await read(id)).summary).toMatchObject({ version: 2, instances: { wanted: 3, running: 3 } })

    await driver.apply(changeOf(spec(1), id, 2, 'change'), contextOf())
    const still = await engine.getContainer('shop-1').inspect()
    expect([still.Id, still.State.StartedAt]).toEqual([first.Id, first.State.StartedAt])
    expect(await says(url)).toBe('one')
    const { summary, instances } = await read(id)
    expect(summary).toMatchObject({ version: 3, state: 'running', instances: { wanted: 1, running: 1 } })
    expect(instances.map(({ name }) => name)).toEqual(['shop-1'])

    await driver.apply(changeOf(spec(0), id, 3, 'scale'), contextOf())
    expect((await read(id)).summary).toMatchObject({ version: 4, state: 'stopped' })
    await driver.apply(changeOf(spec(2), id, 4, 'scale'), contextOf())
    expect(await names()).toEqual(['shop-1', 'shop-2'])
    expect((await read(id)).versions.map(({ version }) => version)).toEqual([5, 4, 3, 2, 1])

    const [one] = (await read(id)).instances
    await driver.act(actionOf(id, 'remove-instance', { instanceId: one?.id ?? '' }), contextOf())
    expect((await read(id)).summary).toMatchObject({ version: 6, instances: { wanted: 1, running: 1 } })
  })

  it('stops, starts, restarts with new instances first, restarts one, and removes', async () => {
    const secret = randomBytes(12).toString('hex')
    const environment = [{ name: 'TOKEN', value: '', secret: true }]
    const id = randomUUID()
    const first = specOf(images.one, 'shop', { instances: 2, environment })
    await driver.apply(changeOf(first, id), contextOf({ secrets: { TOKEN: secret } }))
    expect(await driver.secretsOf(id, ['TOKEN', 'OTHER'])).toEqual({ TOKEN: secret })

    await driver.act(actionOf(id, 'stop'), contextOf())
    expect((await read(id)).summary).toMatchObject({ state: 'stopped', instances: { running: 0 } })
    await driver.act(actionOf(id, 'start'), contextOf())
    expect((await read(id)).summary).toMatchObject({ state: 'running', instances: { running: 2 } })

    const before = await idOf('shop-2')
    await driver.act(actionOf(id, 'restart'), contextOf())
    expect(await idOf('shop-2')).not.toBe(before)
    expect(await driver.secretsOf(id, ['TOKEN'])).toEqual({ TOKEN: secret })
    expect((await read(id)).summary.version).toBe(1)

    const started = (await engine.getContainer('shop-1').inspect()).State.StartedAt
    await driver.act(actionOf(id, 'restart-instance', { instanceId: await idOf('shop-1') }), contextOf())
    expect((await engine.getContainer('shop-1').inspect()).State.StartedAt).not.toBe(started)

    await driver.act(actionOf(id, 'remove'), contextOf())
    expect(await names()).toEqual([])
    expect(await failure(driver.act(actionOf(id, 'stop'), contextOf()))).toMatchObject({
      code: 'DEPLOYMENT_UNKNOWN',
    })
  })

  it('keeps a secret out of labels, logs and errors', async () => {
    const secret = randomBytes(12).toString('hex')
    const environment = [{ name: 'TOKEN', value: '', secret: true }]
    const context = contextOf({ secrets: { TOKEN: secret } })
    await driver.apply(changeOf(specOf(images.one, 'shop', { environment })), context)
    const { Config } = await engine.getContainer('shop-1').inspect()
    expect(Config.Env).toContain(`TOKEN=${secret}`)
    expect(JSON.stringify(Config.Labels)).not.toContain(secret)

    const loud = specOf(images.one, 'loud', {
      environment,
      command: ['/bin/sh', '-c', 'echo my token is $TOKEN; exit 1'],
    })
    const failing = contextOf({ secrets: { TOKEN: secret } })
    const error = await failure(driver.apply(changeOf(loud), failing))
    expect(error.detail).toContain('my token is •••')
    expect(JSON.stringify([error.toInfo(), error.message, context.lines, failing.lines])).not.toContain(
      secret,
    )
  })

  it('takes everything back when it is cancelled', async () => {
    const times = { startSeconds: 60, intervalSeconds: 1, timeoutSeconds: 1, retries: 9 }
    const health = { kind: 'command' as const, command: 'exit 1', ...times }
    const context = contextOf()
    const applying = failure(driver.apply(changeOf(specOf(images.one, 'shop', { health })), context))
    await until('health', () => context.phases.includes('health'))
    context.cancel()
    expect((await applying).code).toBe('CANCELLED')
    expect(await names()).toEqual([])
  })

  it('puts files and networks in place', async () => {
    const spec = specOf(images.one, 'shop', {
      files: [{ path: '/www/deep/settings.txt', content: 'größer = ja\n', mode: '0644' }],
      networks: [`net-a-${kind}`, `net-b-${kind}`],
    })
    const { id, url } = await deployed(spec)
    expect((await httpGet(`${url}deep/settings.txt`)).text).toBe('größer = ja\n')
    const inspected = await engine.getContainer('shop-1').inspect()
    expect(Object.keys(inspected.NetworkSettings.Networks).sort()).toEqual([`net-a-${kind}`, `net-b-${kind}`])
    await driver.act(actionOf(id, 'remove'), contextOf())
    expect((await engine.listNetworks()).filter(({ Name }) => Name.startsWith('net-'))).toEqual([])
  })
})
