import { copyFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PoolTestStep } from '@shared/pool'
import { makeAuthority } from '../../../lab/certificate'
import { startEngine, type Engine } from '../../../lab/engine'
import { importImage } from '../../../lab/machine-image'
import { startPodman, type Podman } from '../../../lab/podman'
import { startSshServer, type SshServer } from '../../../lab/ssh-server'
import { until } from '../../../lab/until'
import { draftOf, failure, openPools, poolNamed, states } from './lab-pools'

describe('an engine behind ssh', () => {
  let engine: Engine
  let podman: Podman
  let docker: SshServer
  let onlyPodman: SshServer
  let nothing: SshServer
  let stopped: SshServer
  beforeAll(async () => {
    ;[engine, podman] = await Promise.all([startEngine(), startPodman()])
    docker = await startSshServer({ environment: { DOCKER_HOST: engine.host } })
    onlyPodman = await startSshServer({ environment: { CONTAINER_HOST: podman.host }, programs: ['podman'] })
    nothing = await startSshServer({ environment: {}, programs: [] })
    stopped = await startSshServer({ environment: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' } })
  })
  afterAll(async () => {
    await Promise.all([docker, onlyPodman, nothing, stopped].map((server) => server?.stop()))
    await Promise.all([engine?.stop(), podman?.stop()])
  })

  it('is a pool as any other, over connections that are kept', async () => {
    const { pools } = openPools()
    const draft = draftOf('far', docker.host, { sshConfig: docker.configs.right })
    const tested = await pools.test(draft)
    expect(states(tested)).toBe('ok ok ok ok ok')
    const far = poolNamed(await pools.add(draft), 'far')
    expect(far).toMatchObject({ kind: 'docker', state: 'online', error: null })
    const { connection } = await pools.driver(far.id)
    expect(connection).toMatchObject({ addressHost: '127.0.0.1', local: true })
    const logins = (): number => docker.log().split('Accepted publickey').length - 1
    const before = logins()
    for (let count = 0; count < 20; count += 1) await connection.docker.info()
    expect(logins() - before).toBeLessThanOrEqual(1)
    await importImage(engine.host, 'app:1')
    await Promise.all(Array.from({ length: 12 }, () => connection.docker.listImages()))
    pools.stop()
    await until('no connection being left', async () => (await docker.connections()) === 0)
  })

  it('carries a stream that goes both ways, to its end', async () => {
    await importImage(engine.host, 'app:1')
    const { pools } = openPools()
    const far = poolNamed(
      await pools.add(draftOf('far', docker.host, { sshConfig: docker.configs.right })),
      'far',
    )
    const { connection } = await pools.driver(far.id)
    const container = await connection.docker.createContainer({
      ...{ Image: 'app:1', Cmd: ['cat'], OpenStdin: true, StdinOnce: true, Tty: false },
    })
    const stream = await container.attach({ ...{ stream: true, stdin: true, stdout: true, hijack: true } })
    await container.start()
    const heard: Buffer[] = []
    stream.on('data', (chunk: Buffer) => heard.push(chunk))
    stream.end('hello from here')
    await until('the far side having answered', () => Buffer.concat(heard).includes('hello from here'))
    await container.remove({ force: true })
  })

  it('may be Podman, where there is no docker program', async () => {
    const { pools } = openPools()
    const draft = draftOf('far', onlyPodman.host, { sshConfig: onlyPodman.configs.right })
    expect(poolNamed(await pools.add(draft), 'far')).toMatchObject({ kind: 'podman', state: 'online' })
  })

  it.each([
    ['unknownHost', 'SSH_HOST_UNKNOWN'],
    ['changedHost', 'SSH_HOST_CHANGED'],
    ['wrongKey', 'SSH_DENIED'],
  ] as const)('is not reached with %s: %s', async (config, code) => {
    const { pools } = openPools()
    const draft = draftOf('far', docker.host, { sshConfig: docker.configs[config] })
    const steps = await pools.test(draft)
    expect(states(steps)).toBe('ok failed skipped skipped skipped')
    expect(failure(steps)).toBe(code)
    const far = poolNamed(await pools.add(draft), 'far')
    expect(far).toMatchObject({ state: 'offline', error: { code } })
    expect(far.error?.context.pool).toBe('far')
  })

  it('says that neither program is there, or that the engine is not running', async () => {
    const { pools } = openPools()
    const steps = await pools.test(draftOf('x', nothing.host, { sshConfig: nothing.configs.right }))
    expect(failure(steps)).toBe('SSH_FAILED')
    expect(JSON.stringify(steps)).toContain('Neither docker nor podman')
    const other = await pools.test(draftOf('x', stopped.host, { sshConfig: stopped.configs.right }))
    expect(failure(other)).toBe('ENGINE_STOPPED')
    const refused = await pools.test(draftOf('x', 'ssh://127.0.0.1:1', { sshConfig: docker.configs.right }))
    expect(failure(refused)).toBe('SSH_FAILED')
    const lost = await pools.test(draftOf('x', docker.host, { sshConfig: '/nonexistent/config' }))
    expect(states(lost)).toBe('failed skipped skipped skipped skipped')
  })

  it('says that there is no ssh program here', async () => {
    const path = process.env.PATH
    process.env.PATH = '/nonexistent'
    try {
      const { pools } = openPools()
      const steps = await pools.test(draftOf('x', docker.host, { sshConfig: docker.configs.right }))
      expect(failure(steps)).toBe('SSH_MISSING')
    } finally {
      process.env.PATH = path
    }
  })
})

describe('an engine behind TLS', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine({ tls: true })
  })
  afterAll(() => engine?.stop())

  it('takes our certificate, and no other', async () => {
    const { tls } = engine
    if (!tls) throw new Error('no TLS')
    const { pools, folder } = openPools()
    const test = (certificates: string | null): Promise<PoolTestStep[]> =>
      pools.test(draftOf('safe', tls.host, { certificates }))
    expect(states(await test(tls.certificates))).toBe('ok ok ok ok ok')
    expect(failure(await test(tls.client(null)))).toBe('ENGINE_TLS_REFUSED')
    const stranger = makeAuthority(folder.path)
    expect(failure(await test(tls.client(stranger)))).toBe('ENGINE_TLS_REFUSED')
    expect(failure(await test(folder.join('nowhere')))).toBe('INPUT_INVALID')
    expect(states(await test(null))).toBe('ok failed skipped skipped skipped')
    const safe = poolNamed(
      await pools.add(draftOf('safe', tls.host, { certificates: tls.certificates })),
      'safe',
    )
    expect(safe).toMatchObject({ state: 'online', kind: 'docker' })
  })

  it('is refused where it is not the one whose authority we know', async () => {
    const { tls } = engine
    if (!tls) throw new Error('no TLS')
    const { pools, folder } = openPools()
    const stranger = makeAuthority(folder.path)
    const certificates = tls.client(tls.authority)
    copyFileSync(stranger.path, `${certificates}/ca.pem`)
    const steps = await pools.test(draftOf('x', tls.host, { certificates }))
    expect(failure(steps)).toBe('ENGINE_TLS_REFUSED')
  })
})
