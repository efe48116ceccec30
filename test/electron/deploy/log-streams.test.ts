import { afterEach, beforeEach, expect, it } from 'vitest'
import { events } from '@shared/contract'
import { AppError } from '@shared/error'
import type { LogLine } from '@shared/running'
import type { PoolDriver } from '../../../electron/deploy/driver'
import { LogStreams } from '../../../electron/deploy/log-streams'
import { silentLog } from '../../../electron/log'
import { until } from '../../lab/until'
import { FakeDriver, recorder } from './fake-pools'

const line = (text: string): LogLine => ({ at: 1, from: 'web-1', channel: 'out', text })
const request = { poolId: 'p', id: 'web', instanceId: null, tail: null, since: null }

let driver: FakeDriver
let told: ReturnType<typeof recorder>
let streams: LogStreams

beforeEach(() => {
  driver = new FakeDriver()
  told = recorder()
  streams = new LogStreams({
    driver: async () => driver as unknown as PoolDriver,
    emit: told.emit,
    log: silentLog,
  })
})
afterEach(() => streams.closeAll())

const batches = () => told.of('log:lines')
const texts = (): string[] => batches().flatMap(({ lines }) => lines.map(({ text }) => text))

it('tells of every line in order, in batches, and of the end', async () => {
  driver.logs = async function* () {
    for (let index = 0; index < 50; index += 1) {
      yield Array.from({ length: 333 }, (_none, at) => line(String(index * 333 + at)))
    }
  }
  const { streamId } = await streams.open(request)
  expect(batches()).toEqual([])
  await until('it has ended', () => batches().at(-1)?.ended)
  expect(texts()).toEqual(Array.from({ length: 50 * 333 }, (_none, at) => String(at)))
  expect(batches().every(({ lines }) => lines.length <= 2000)).toBe(true)
  expect(batches().length).toBeLessThan(20)
  expect(events['log:lines'].parse(batches().at(-1))).toEqual({
    streamId,
    lines: [],
    ended: true,
    error: null,
  })
})

it('tells of a single line without waiting for others', async () => {
  driver.logs = async function* (_id, _options, signal) {
    yield [line('alone')]
    await new Promise((done) => signal.addEventListener('abort', done, { once: true }))
  }
  await streams.open(request)
  await until('it is told', () => texts().includes('alone'))
  expect(batches()).toHaveLength(1)
})

it('says why it broke off, after the lines that came before', async () => {
  driver.logs = async function* () {
    yield [line('last')]
    throw new AppError('ENGINE_LOST', { side: 'engine' })
  }
  await streams.open(request)
  await until('it has ended', () => batches().at(-1)?.ended)
  expect(texts()).toEqual(['last'])
  expect(batches().at(-1)?.error).toMatchObject({ code: 'ENGINE_LOST' })
})

it('holds back a flood: what is not told is not read, and long lines make smaller batches', async () => {
  let read = 0
  driver.logs = async function* () {
    for (;;) {
      read += 64
      yield Array.from({ length: 64 }, () => line('x'.repeat(16_384)))
    }
  }
  const since = performance.now()
  const { streamId } = await streams.open(request)
  // Of a mebibyte each: 25 come at once, then five a second.
  await until('all that may come at once has come', () => batches().length >= 25)
  expect(read - texts().length).toBeLessThanOrEqual(192)
  await until('more comes', () => batches().length >= 33)
  const { length } = batches()
  expect(length).toBeLessThanOrEqual(26 + (5 * (performance.now() - since)) / 1000)
  const most = Math.max(
    ...batches().map(({ lines }) => lines.reduce((sum, { text }) => sum + text.length, 0)),
  )
  expect(most).toBeLessThanOrEqual(1024 * 1024 + 16_384)
  streams.close(streamId)
})

it('is silent once it is closed, and ends its source', async () => {
  let ended = false
  driver.logs = async function* () {
    try {
      for (;;) {
        await new Promise((done) => setTimeout(done, 1))
        yield [line('again')]
      }
    } finally {
      ended = true
    }
  }
  const { streamId } = await streams.open(request)
  await until('it runs', () => texts().length > 0)
  streams.close(streamId)
  const before = batches().length
  await streams.closeAll()
  expect(ended).toBe(true)
  expect(batches().length).toBe(before)
})
