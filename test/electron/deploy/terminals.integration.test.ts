import { existsSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Emit } from '@shared/contract'
import { openTerminal } from '../../../electron/deploy/engine-pool/terminal'
import type { PoolDriver } from '../../../electron/deploy/driver'
import { Terminals } from '../../../electron/deploy/terminals'
import { silentLog } from '../../../electron/log'
import { startEngine } from '../../lab/engine'
import { engineDemand } from '../../lab/engine-api'
import { busyboxTar, importImage } from '../../lab/machine-image'
import { startPodman } from '../../lab/podman'
import { packTar } from '../../lab/tar'
import { until } from '../../lab/until'
import { connectionTo, image, make, removeAll, specOf, versionOf } from './engine-pool/lab-pool'

const hosts = { docker: '', podman: '' }
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync) ?? ''
let end: () => Promise<unknown>

beforeAll(async () => {
  const [docker, podman] = await Promise.all([startEngine(), startPodman()])
  end = () => Promise.all([docker.stop(), podman.stop()])
  Object.assign(hosts, { docker: docker.host, podman: podman.host })
  for (const host of Object.values(hosts)) {
    await importImage(host, image)
    const bare = packTar([{ path: 'busybox', data: readFileSync(busybox), mode: 0o755 }, { path: 'etc/' }])
    await importImage(host, 'localhost/lab/bare:1', ['CMD ["/busybox"]'], bare)
    const bash = busyboxTar([
      { path: 'bin/bash', data: Buffer.from('#!/bin/sh\nPS1="bash> " exec sh -i\n'), mode: 0o755 },
    ])
    await importImage(host, 'localhost/lab/bash:1', ['CMD ["sleep", "infinity"]'], bash)
  }
})
afterAll(() => end?.())
afterEach(async () => {
  await Promise.all(Object.values(hosts).map(removeAll))
})

describe.each(['docker', 'podman'] as const)('a terminal on %s', (kind) => {
  const instance = (rest: object = {}) =>
    make({ host: hosts[kind], id: 'a', versions: [versionOf(1, specOf())], instance: 1, ...rest })

  function terminals() {
    const output: string[] = []
    const codes: (number | null)[] = []
    const emit = ((name: string, payload: { data: string; exitCode: number | null }) => {
      if (name === 'terminal:output') output.push(payload.data)
      if (name === 'terminal:ended') codes.push(payload.exitCode)
    }) as unknown as Emit
    const connection = connectionTo(hosts[kind], kind)
    const driver = {
      terminal: (id: string, instanceId: string, size: { columns: number; rows: number }) =>
        openTerminal(connection, id, instanceId, size),
    } as unknown as PoolDriver
    const all = new Terminals({ driver: async () => driver, emit, log: silentLog })
    onTestFinished(() => all.closeAll())
    const open = (instanceId: string) =>
      all.open({ poolId: 'lab', id: 'a', instanceId, columns: 91, rows: 33 })
    const said = (text: string | RegExp) =>
      until(
        `it says ${text}`,
        () => (typeof text === 'string' ? output.join('').includes(text) : text.test(output.join(''))),
        {
          timeout: 10_000,
          explain: () => output.join(''),
        },
      )
    return { all, open, said, output, codes }
  }
  const processes = async (id: string): Promise<string> =>
    engineDemand(hosts[kind], 'GET', `/containers/${id}/top`)

  it('is a shell of the right size that is written to, resized, and ends with its code', async () => {
    const { all, open, said, codes } = terminals()
    const { terminalId } = await open(await instance())
    await all.write(terminalId, 'busybox stty size; echo $TERM "日本 🚢"\r')
    await said('33 91')
    await said('xterm-256color 日本 🚢\r\n')
    await all.resize(terminalId, { columns: 120, rows: 40 })
    await all.write(terminalId, 'busybox stty size\r')
    await said('40 120')
    await all.write(terminalId, 'exit 3\r')
    await until('it has ended', () => codes.length === 1)
    expect(codes).toEqual([3])
    await expect(all.write(terminalId, 'x')).rejects.toMatchObject({ code: 'TERMINAL_FAILED' })
  })

  it('takes bash where there is one', async () => {
    const { open, said } = terminals()
    await open(await instance({ body: { Image: 'localhost/lab/bash:1' } }))
    await said('bash> ')
  })

  it('leaves nothing in the container when it is closed, not what runs in it either', async () => {
    const { all, open, said, codes } = terminals()
    const id = await instance()
    const { terminalId } = await open(id)
    await all.write(terminalId, 'echo be""gun; sleep 4711\r')
    await said('begun')
    await until('it runs', async () => (await processes(id)).includes('4711'))
    all.close(terminalId)
    await until('it is gone', async () => !(await processes(id)).includes('4711'))
    await until('it has ended', () => codes.length === 1)
    let left = ''
    const gone = async (): Promise<boolean> => {
      left = await processes(id)
      // What has ended and is not reaped, as by a first process that does not care, stands in brackets.
      const { Processes } = JSON.parse(left) as { Processes: string[][] }
      return Processes.filter((one) => !/\[\w+\]|defunct/.test(one.join(' '))).length === 1
    }
    await until('its shell is gone too', gone, { timeout: 10_000, explain: () => left })
  })

  it('takes a flood in pulses, and ends in the midst of it', async () => {
    const { all, open, said, output } = terminals()
    const { terminalId } = await open(await instance())
    await all.write(terminalId, 'while :; do echo flood flood flood flood flood flood; done\r')
    await said('flood\r\nflood')
    expect(Math.max(...output.map((data) => data.length))).toBeLessThan(400_000)
    await all.closeAll()
  })

  it('ends when its container is removed', async () => {
    const { open, codes, output } = terminals()
    const id = await instance()
    await open(id)
    await until('it has a prompt', () => output.length > 0)
    await engineDemand(hosts[kind], 'DELETE', `/containers/${id}?force=true`)
    await until('it has ended', () => codes.length === 1)
  })

  it('says so where there is no shell, where nothing runs, and where there is no such instance', async () => {
    const { open } = terminals()
    const shell = await instance({
      body: { Image: 'localhost/lab/bare:1', Cmd: ['/busybox', 'sleep', '1000'] },
    })
    await expect(open(shell)).rejects.toMatchObject({
      code: 'TERMINAL_FAILED',
      detail: expect.stringContaining('shell'),
    })
    await removeAll(hosts[kind])
    const id = await instance({ command: ['true'] })
    await until('it has ended', async () =>
      (await engineDemand(hosts[kind], 'GET', `/containers/${id}/json`)).includes('"Running":false'),
    )
    await expect(open(id)).rejects.toMatchObject({ code: 'TERMINAL_FAILED' })
    await expect(open('f'.repeat(64))).rejects.toMatchObject({ code: 'DEPLOYMENT_UNKNOWN' })
  })
})
