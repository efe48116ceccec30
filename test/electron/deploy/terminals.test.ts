import { PassThrough, Duplex } from 'node:stream'
import { expect, it } from 'vitest'
import { AppError } from '@shared/error'
import type { PoolDriver } from '../../../electron/deploy/driver'
import { Terminals } from '../../../electron/deploy/terminals'
import { silentLog } from '../../../electron/log'
import { until } from '../../lab/until'
import { FakeDriver, recorder } from './fake-pools'

const request = { poolId: 'p', id: 'web', instanceId: 'c1', columns: 80, rows: 24 }

function opened(exitCode: () => Promise<number | null> = async () => 0) {
  const driver = new FakeDriver()
  const told = recorder()
  const written: string[] = []
  const output = new PassThrough()
  const stream = Duplex.from({
    readable: output,
    writable: new PassThrough().on('data', (chunk: Buffer) => written.push(chunk.toString())),
  })
  const sizes: { columns: number; rows: number }[] = []
  driver.terminal = async () => ({ stream, exitCode, resize: async (size) => void sizes.push(size) })
  const terminals = new Terminals({
    driver: async () => driver as unknown as PoolDriver,
    emit: told.emit,
    log: silentLog,
  })
  const text = (): string =>
    told
      .of('terminal:output')
      .map(({ data }) => data)
      .join('')
  return { terminals, told, output, stream, written, sizes, text, driver }
}

it('puts characters together that were cut, and gathers output', async () => {
  const { terminals, output, text, told } = opened()
  const { terminalId } = await terminals.open(request)
  const bytes = Buffer.from('日本 🚢\u001b[31mred')
  for (const byte of bytes) output.write(Buffer.from([byte]))
  await until('it is told', () => text() === '日本 🚢\u001b[31mred')
  expect(told.of('terminal:output').length).toBeLessThan(10)
  expect(told.of('terminal:output').every((one) => one.terminalId === terminalId)).toBe(true)
  await terminals.closeAll()
})

it('passes on keys and sizes, and tells of the end with its code after the last output', async () => {
  const { terminals, output, stream, written, sizes, told, text } = opened(async () => 130)
  const { terminalId } = await terminals.open(request)
  await terminals.write(terminalId, 'ls\r')
  await terminals.resize(terminalId, { columns: 100, rows: 30 })
  await until('it is written', () => written.join('') === 'ls\r')
  expect(sizes).toEqual([{ columns: 100, rows: 30 }])
  output.write('bye')
  await until('it is told', () => text() === 'bye')
  stream.destroy()
  await until('it has ended', () => told.of('terminal:ended').length === 1)
  expect(told.of('terminal:ended')).toEqual([{ terminalId, exitCode: 130 }])
  await expect(terminals.write(terminalId, 'x')).rejects.toMatchObject({ code: 'TERMINAL_FAILED' })
  await terminals.resize(terminalId, { columns: 1, rows: 1 })
  terminals.close(terminalId)
})

it('ends without a code where the engine is lost', async () => {
  const { terminals, stream, told } = opened(() => Promise.reject(new AppError('ENGINE_LOST')))
  await terminals.open(request)
  stream.destroy(new Error('read ECONNRESET'))
  await until('it has ended', () => told.of('terminal:ended').length === 1)
  expect(told.of('terminal:ended')[0]?.exitCode).toBeNull()
})

it('closes what was opened while the window went away', async () => {
  const { terminals, stream, driver } = opened()
  const open = driver.terminal
  let go: (() => void) | undefined
  driver.terminal = async (...all) => {
    await new Promise<void>((done) => (go = done))
    return open(...all)
  }
  const opening = terminals.open(request)
  await until('it is asked for', () => go)
  await terminals.closeAll()
  go?.()
  await opening
  await until('it is closed', () => stream.destroyed)
})
