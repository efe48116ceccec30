import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registryAuth } from '../../../../electron/engine/authorization'
import { startEngine, type Engine } from '../../../lab/engine'
import { engineDemand } from '../../../lab/engine-api'
import { importImage } from '../../../lab/machine-image'
import { startPodman, type Podman } from '../../../lab/podman'
import { startSwarm, type Swarm } from '../../../lab/swarm'
import { temporaryFolder } from '../../../lab/temporary'
import { until } from '../../../lab/until'
import { draftOf, openPools, poolNamed, states, writeContext } from './lab-pools'

describe('engines on this computer', () => {
  let engine: Engine
  let podman: Podman
  beforeAll(async () => {
    ;[engine, podman] = await Promise.all([startEngine(), startPodman()])
    await importImage(engine.host, 'app:1')
    const { Id: id } = JSON.parse(
      await engineDemand(engine.host, 'POST', '/containers/create', { Image: 'app:1' }),
    ) as { Id: string }
    await engineDemand(engine.host, 'POST', `/containers/${id}/start`)
  })
  afterAll(() => Promise.all([engine?.stop(), podman?.stop()]))

  it('are found by DOCKER_HOST and as contexts, and tell what they have and what is in use', async () => {
    const folder = temporaryFolder('pools')
    writeContext(folder.path, 'by-context', podman.host)
    writeContext(folder.path, 'the-same-engine', engine.host)
    const { pools, told } = openPools({ DOCKER_HOST: engine.host, DOCKER_CONFIG: folder.path }, folder)
    expect(pools.list().pools.map(({ state }) => state)).toEqual(['unknown', 'unknown'])
    const { pools: found, currentId } = await pools.refresh(null)
    expect(found.map(({ kind, state, error }) => [kind, state, error])).toEqual([
      ['docker', 'online', null],
      ['podman', 'online', null],
    ])
    const [docker, other] = found
    expect(other?.name).toBe('by-context')
    expect(currentId).toBe(docker?.id)
    expect(docker).toMatchObject({ platform: 'linux/amd64', canBeginSwarm: true, source: 'found' })
    expect(docker?.nodes).toHaveLength(1)
    expect(docker?.usage).toMatchObject({ containers: 1, containersRunning: 1 })
    for (const pool of found) {
      expect(pool.usage?.cpus).toBeGreaterThan(0)
      expect(pool.usage?.memoryBytes).toBeGreaterThan(1e8)
      expect(pool.usage?.diskBytes).toBeGreaterThan(pool.usage?.diskUsed ?? Infinity)
    }
    expect(docker?.usage?.cpusUsed).toBeGreaterThanOrEqual(0)
    expect(docker?.usage?.memoryUsed).toBeGreaterThan(1000)
    expect(told.some(({ pools }) => pools.some(({ state }) => state === 'connecting'))).toBe(true)
    expect(other?.canBeginSwarm).toBe(false)
  })

  it('lead to a driver, the same one as long as nothing changes', async () => {
    const { pools } = openPools({ DOCKER_HOST: engine.host })
    const [pool] = pools.list().pools
    const id = pool?.id ?? ''
    const driver = await pools.driver(id)
    expect(driver.connection).toMatchObject({
      poolId: id,
      kind: 'docker',
      addressHost: '127.0.0.1',
      local: true,
    })
    await pools.refresh(null)
    expect(await pools.driver(id)).toBe(driver)
    await expect(pools.driver(`${id}.swarm`)).rejects.toMatchObject({ code: 'SWARM_NEEDED' })
    await expect(pools.driver('nobody')).rejects.toMatchObject({ code: 'POOL_UNKNOWN' })
    expect(() => pools.name('nobody')).toThrow(expect.objectContaining({ code: 'POOL_UNKNOWN' }))
  })

  it('go offline and come back, and say so by themselves', async () => {
    const own = await startPodman()
    try {
      const { pools } = openPools({ DOCKER_HOST: own.host })
      pools.start()
      const state = (): string | undefined => pools.list().pools[0]?.state
      await until('online', () => state() === 'online')
      const id = pools.list().pools[0]?.id ?? ''
      await own.halt()
      await pools.refresh(id)
      expect(pools.list().pools[0]).toMatchObject({ state: 'offline', usage: null, nodes: [] })
      expect(pools.list().pools[0]?.error?.code).toBe('ENGINE_STOPPED')
      await expect(pools.driver(id)).rejects.toMatchObject({ code: 'ENGINE_STOPPED' })
      await own.start()
      await until('online again', () => state() === 'online')
    } finally {
      await own.stop()
    }
  })

  it('are added once, named, chosen, edited and removed, and remembered', async () => {
    const { pools, folder } = openPools({ DOCKER_HOST: engine.host })
    const found = pools.list().pools[0]
    const named = await pools.add(draftOf('workshop', engine.host))
    expect(named.pools).toHaveLength(1)
    expect(named.pools[0]).toMatchObject({ id: found?.id, name: 'workshop', source: 'added' })
    await expect(pools.add(draftOf('again', engine.host))).rejects.toMatchObject({ code: 'POOL_DUPLICATE' })
    const two = await pools.add(draftOf('second', podman.host))
    const second = poolNamed(two, 'second')
    expect(second.state).toBe('online')
    expect((await pools.choose(second.id)).currentId).toBe(second.id)
    const edited = await pools.change(second.id, draftOf('the second', podman.host))
    expect(poolNamed(edited, 'the second').id).toBe(second.id)
    expect(readFileSync(folder.join('data/pools.json'), 'utf8')).toContain('the second')
    const left = await pools.remove(second.id)
    expect(left.pools.map(({ name }) => name)).toEqual(['workshop'])
    expect(left.currentId).toBe(found?.id)
    const back = await pools.remove(found?.id ?? '')
    expect(back.pools[0]).toMatchObject({ id: found?.id, source: 'found' })
    await expect(pools.remove(found?.id ?? '')).rejects.toMatchObject({ code: 'POOL_UNSUPPORTED' })
  })

  it('are given no registry account over a connection that anybody could read, and that is said before', async () => {
    const open = createServer((near) => {
      const far = connect(engine.socket)
      for (const side of [near, far]) side.on('error', () => {})
      near.pipe(far).pipe(near)
    })
    await new Promise<void>((done) => open.listen(0, engine.address, done))
    const { port } = open.address() as AddressInfo
    const { pools } = openPools()
    const draft = draftOf('open', `tcp://${engine.address}:${port}`)
    const steps = await pools.test(draft)
    expect(states(steps)).toBe('ok warning ok ok ok')
    expect(steps[1]?.error?.code).toBe('ENGINE_INSECURE')
    const { target } = await pools.connection(poolNamed(await pools.add(draft), 'open').id)
    const auth = { username: 'dev', password: randomBytes(8).toString('hex'), serverAddress: 'r.example' }
    expect(() => registryAuth(auth, target)).toThrow(expect.objectContaining({ code: 'ENGINE_INSECURE' }))
    open.close()
  })
})

describe('a swarm', () => {
  let swarm: Swarm
  beforeAll(async () => {
    swarm = await startSwarm()
  })
  afterAll(() => swarm?.stop())

  const tlsDraft = (name: string, { tls }: Engine) =>
    draftOf(name, tls?.host ?? '', { certificates: tls?.certificates ?? null })

  it('shows its nodes, what they have together, and a way to every engine that is known', async () => {
    const { pools } = openPools()
    const [worker] = swarm.workers
    if (!worker) throw new Error('no worker')
    await pools.add(tlsDraft('first', swarm.manager.engine))
    await pools.add(tlsDraft('second', worker.engine))
    const list = await pools.refresh(null)
    expect(list.pools.map(({ name, kind }) => [name, kind])).toEqual([
      ['first', 'docker'],
      ['first · Swarm', 'swarm'],
      ['second', 'docker'],
    ])
    const pool = poolNamed(list, 'first · Swarm')
    expect(pool.nodes).toMatchObject([
      { role: 'manager', leader: true, state: 'ready' },
      { role: 'worker', state: 'ready', availability: 'active' },
    ])
    const one = poolNamed(list, 'first').usage
    expect(pool.usage?.cpus).toBe((one?.cpus ?? 0) * 2)
    expect(pool.usage?.memoryUsed).not.toBe(null)
    const { connection } = await pools.driver(pool.id)
    expect(connection).toMatchObject({
      kind: 'swarm',
      addressHost: swarm.manager.engine.address,
      local: false,
      nodeId: swarm.manager.nodeId,
    })
    expect([...connection.peers().keys()].sort()).toEqual([swarm.manager.nodeId, worker.nodeId].sort())
    await expect(pools.driver(`${poolNamed(list, 'second').id}.swarm`)).rejects.toMatchObject({
      code: 'SWARM_NEEDED',
    })
    const paused = await pools.changeNode(pool.id, worker.nodeId, 'pause')
    expect(paused.pools[1]?.nodes[1]?.availability).toBe('pause')
  })

  it('is begun on an engine that is in none', async () => {
    const single = await startSwarm({ nodes: 1, joined: false })
    try {
      const { pools, clipboard } = openPools()
      const { engine } = single.manager
      const before = poolNamed(await pools.add(tlsDraft('alone', engine)), 'alone')
      expect(before.canBeginSwarm).toBe(true)
      await expect(pools.beginSwarm(before.id, 'no such address')).rejects.toMatchObject({
        code: 'INPUT_INVALID',
        context: { field: 'address' },
      })
      const begun = await pools.beginSwarm(before.id, engine.address)
      const pool = poolNamed(begun, 'alone · Swarm')
      expect(pool).toMatchObject({
        id: `${before.id}.swarm`,
        kind: 'swarm',
        state: 'online',
        canBeginSwarm: false,
      })
      expect(poolNamed(begun, 'alone').canBeginSwarm).toBe(false)
      expect(pool.nodes).toMatchObject([{ role: 'manager', leader: true, state: 'ready' }])
      await pools.copyJoinCommand(pool.id, 'worker')
      expect(clipboard).toEqual([expect.stringMatching(/^docker swarm join --token SWMTKN-\S+ [\d.]+:2377$/)])
      expect(JSON.stringify(pools.list())).not.toContain('SWMTKN')
      const nodeId = pool.nodes[0]?.id ?? ''
      const drained = await pools.changeNode(pool.id, nodeId, 'drain')
      expect(poolNamed(drained, 'alone · Swarm').nodes[0]?.availability).toBe('drain')
      await expect(pools.changeNode(pool.id, nodeId, 'demote')).rejects.toMatchObject({
        code: 'ENGINE_FAILED',
      })
    } finally {
      await single.stop()
    }
  })

  it('loses a node, and it is said', async () => {
    const { pools } = openPools()
    const [worker] = swarm.workers
    const id = `${poolNamed(await pools.add(tlsDraft('first', swarm.manager.engine)), 'first').id}.swarm`
    await worker?.namespace.plug(false)
    try {
      await until('the node being down', async () => {
        const list = await pools.refresh(id)
        return list.pools.find((pool) => pool.id === id)?.nodes.some(({ state }) => state === 'down')
      })
    } finally {
      await worker?.namespace.plug(true)
    }
    await until('the node being back', async () => {
      const list = await pools.refresh(id)
      return list.pools.find((pool) => pool.id === id)?.nodes.every(({ state }) => state === 'ready')
    })
  })
})

describe('an engine that hangs', () => {
  it('keeps no other pool waiting', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
    const { port } = silent.address() as AddressInfo
    const engine = await startPodman()
    const { pools } = openPools({ DOCKER_HOST: `tcp://127.0.0.1:${port}` })
    pools.start()
    void pools.add(draftOf('first', engine.host))
    await until('the other one being known', () =>
      pools.list().pools.some(({ name, state }) => name === 'first' && state === 'online'),
    )
    expect(pools.list().pools.find(({ source }) => source === 'found')?.state).not.toBe('online')
    await engine.stop()
    silent.close()
  })
})
