import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Emit, EventPayload } from '@shared/contract'
import { EnginePoolDriver } from '../../../electron/deploy/engine-pool/driver'
import { LogStreams } from '../../../electron/deploy/log-streams'
import { silentLog } from '../../../electron/log'
import { startEngine, type Engine } from '../../lab/engine'
import { engineDemand } from '../../lab/engine-api'
import { importImage } from '../../lab/machine-image'
import { until } from '../../lab/until'
import { connectionTo, image, make, specOf, versionOf } from './engine-pool/lab-pool'

let docker: Engine
let container: string
const lines = 100_000

beforeAll(async () => {
  docker = await startEngine()
  await importImage(docker.host, image)
  const text = 'with some text that makes it as long as a usual line of a log, or so'
  const write = `i=0; while [ $i -lt ${lines} ]; do echo "line number $i ${text}"; i=$((i+1)); done`
  const versions: Parameters<typeof make>[0]['versions'] = [versionOf(1, specOf())]
  const command = ['sh', '-c', `${write}; sleep infinity`]
  container = await make({ host: docker.host, id: 'a', versions, instance: 1, command })
  const last = `/containers/${container}/logs?stdout=true&tail=1`
  await until(
    'all is written',
    async () => (await engineDemand(docker.host, 'GET', last)).includes(`number ${lines - 1} `),
    {
      timeout: 120_000,
      interval: 200,
    },
  )
})
afterAll(() => docker?.stop())

it('brings 100,000 lines whole and in order, at little cost, without holding up the program', async () => {
  const events: EventPayload<'log:lines'>[] = []
  let count = 0
  let whole: () => void = () => {}
  const emit = ((_name: string, payload: EventPayload<'log:lines'>) => {
    events.push(payload)
    count += payload.lines.length
    if (count >= lines) whole()
  }) as unknown as Emit
  const driver = new EnginePoolDriver(connectionTo(docker.host, 'docker'))
  const streams = new LogStreams({ driver: async () => driver, emit, log: silentLog })
  onTestFinished(() => streams.closeAll())

  const cpu: number[] = []
  const delay: number[] = []
  for (let turn = 0; turn < 4; turn += 1) {
    count = 0
    events.length = 0
    const monitor = monitorEventLoopDelay({ resolution: 5 })
    monitor.enable()
    const usage = process.cpuUsage()
    const { streamId } = await streams.open({
      poolId: 'p',
      id: 'a',
      instanceId: null,
      tail: null,
      since: null,
    })
    if (count < lines) await new Promise<void>((done) => (whole = done))
    const { user } = process.cpuUsage(usage)
    cpu.push(user / 1000)
    monitor.disable()
    delay.push(monitor.percentile(99) / 1e6)
    streams.close(streamId)
  }
  const all = events.flatMap((event) => event.lines)
  expect(all).toHaveLength(lines)
  expect(all.every(({ text }, index) => text.startsWith(`line number ${index} `))).toBe(true)
  expect(events.every((event) => event.lines.length <= 2000 && !event.ended)).toBe(true)
  // On a machine that is busy with other tests only what it costs us at best can be held to; how long it takes says the bench.
  expect(Math.min(...cpu)).toBeLessThan(1500)
  expect(Math.min(...delay)).toBeLessThan(100)
})
