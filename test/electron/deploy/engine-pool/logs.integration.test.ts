import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { LogLine } from '@shared/running'
import { deploymentLogs } from '../../../../electron/deploy/engine-pool/logs'
import { startEngine } from '../../../lab/engine'
import { engineDemand } from '../../../lab/engine-api'
import { importImage } from '../../../lab/machine-image'
import { startPodman } from '../../../lab/podman'
import { until } from '../../../lab/until'
import { connectionTo, image, make, removeAll, specOf, versionOf } from './lab-pool'

const hosts = { docker: '', podman: '' }
let end: () => Promise<unknown>

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

describe.each(['docker', 'podman'] as const)('a log on %s', (kind) => {
  const one = (instance: number, command: string, rest: object = {}) =>
    make({
      ...{ host: hosts[kind], id: 'a', versions: [versionOf(1, specOf({ instances: 2 }))], instance },
      ...{ command: ['sh', '-c', command], ...rest },
    })
  const usual: Parameters<typeof deploymentLogs>[2] = {
    ...{ instanceId: null, tail: null, since: null, follow: false },
  }
  const read = async (options: Partial<typeof usual> = {}): Promise<LogLine[]> => {
    const all: LogLine[] = []
    const signal = new AbortController().signal
    for await (const lines of deploymentLogs(
      connectionTo(hosts[kind], kind),
      'a',
      { ...usual, ...options },
      signal,
    )) {
      all.push(...lines)
    }
    return all
  }
  const ended = (id: string) => engineDemand(hosts[kind], 'POST', `/containers/${id}/wait`)
  const follow = (options: Partial<typeof usual> = {}) => {
    const all: LogLine[] = []
    const stop = new AbortController()
    const done = (async () => {
      const logs = deploymentLogs(
        connectionTo(hosts[kind], kind),
        'a',
        { ...usual, ...options, follow: true },
        stop.signal,
      )
      for await (const lines of logs) all.push(...lines)
    })()
    onTestFinished(async () => {
      stop.abort()
      await done.catch(() => {})
    })
    return { all, done, stop }
  }

  it('has both channels, whole characters, and all of a long line', async () => {
    const double = 'while [ ${#L} -lt 40000 ]; do L=$L$L; done; echo $L'
    await ended(await one(1, `echo "日本 🚢"; echo bad >&2; L=0123456789; ${double}; printf rest`))
    const lines = await read()
    expect(lines.find(({ text }) => text === '日本 🚢')).toMatchObject({ from: 'web-1', channel: 'out' })
    expect(lines.find(({ text }) => text === 'bad')).toMatchObject({ channel: 'err' })
    expect(lines.at(-1)?.text).toBe('rest')
    const long = lines.filter(({ text }) => /^\d+$/.test(text)).map(({ text }) => text)
    expect(long.join('')).toBe('0123456789'.repeat(4096))
    expect(Math.max(...long.map((text) => text.length))).toBe(16_384)
    expect(lines.every(({ at }) => at !== null && Math.abs(Date.now() - at) < 60_000)).toBe(true)
  })

  it('of a terminal has its lines, and its last ones where only they are wanted', async () => {
    await ended(await one(1, 'echo hé; echo b; echo c', { body: { Tty: true } }))
    // Podman's monitor may still be writing when the container has ended.
    await until('the last line is written', async () => (await read()).at(-1)?.text === 'c')
    expect((await read()).map(({ text }) => text)).toEqual(['hé', 'b', 'c'])
    expect((await read({ tail: 1 })).map(({ text }) => text)).toEqual(['c'])
    expect(await read({ since: Date.now() + 60_000 })).toEqual([])
  })

  it('of several instances comes in order of time, or of one alone', async () => {
    const every = (name: string, offset: string) =>
      `sleep ${offset}; for i in 1 2 3; do echo ${name}$i; sleep 1.2; done`
    const ids = await Promise.all([one(1, every('a', '0')), one(2, every('b', '0.6'))])
    await Promise.all(ids.map(ended))
    const lines = await read()
    const times = lines.map(({ at }) => at ?? 0)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(lines.map(({ text }) => text).sort()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3'])
    expect(new Set(lines.map(({ from }) => from))).toEqual(new Set(['web-1', 'web-2']))
    const [, second = ''] = ids
    expect((await read({ instanceId: second })).map(({ text }) => text)).toEqual(['b1', 'b2', 'b3'])
  })

  it('is followed through a restart and to an instance that is new, each line once', async () => {
    const id = await one(1, 'echo begun; sleep infinity')
    const { all, done } = follow()
    await until('it is read', () => all.length === 1)
    await engineDemand(hosts[kind], 'POST', `/containers/${id}/restart?t=0`)
    await until('it goes on', () => all.length === 2)
    const next = await one(2, 'echo second; sleep infinity')
    await until('the new one is read', () => all.some(({ text }) => text === 'second'))
    expect(all.map(({ text }) => text)).toEqual(['begun', 'begun', 'second'])
    for (const gone of [id, next]) await engineDemand(hosts[kind], 'DELETE', `/containers/${gone}?force=true`)
    await done
  })

  it('ends at once when it is told to, in the midst of a flood, and holds the engine back until then', async () => {
    await one(1, 'while :; do echo flood flood flood flood; done')
    const stop = new AbortController()
    const logs = deploymentLogs(connectionTo(hosts[kind], kind), 'a', { ...usual, follow: true }, stop.signal)
    const first = await logs.next()
    expect(first.value).toBeTruthy()
    const rest = logs.next()
    stop.abort()
    await rest
    expect((await logs.next()).done).toBe(true)
  })

  it('of a deployment that is not there is DEPLOYMENT_UNKNOWN', async () => {
    await expect(read()).rejects.toMatchObject({ code: 'DEPLOYMENT_UNKNOWN' })
  })
})
