import { randomUUID } from 'node:crypto'
import { StringDecoder } from 'node:string_decoder'
import type { Duplex } from 'node:stream'
import type { Emit } from '@shared/contract'
import { AppError, toAppError } from '@shared/error'
import type { DeploymentKey } from '@shared/running'
import type { Log } from '../log'
import type { PoolDriver } from './driver'

type Driven = Awaited<ReturnType<PoolDriver['terminal']>>

export interface TerminalsOptions {
  driver: (poolId: string) => Promise<PoolDriver>
  emit: Emit
  log: Log
}

interface Open {
  driven: Driven
  ended: Promise<void>
}

/** Output goes out this often at most, and no more than this at a time; milliseconds and bytes. */
const pulse = { wait: 12, bytes: 128 * 1024 }
const mostOpen = 20
/** How long the end of the program waits for shells to be gone; milliseconds. */
const farewell = 4000

/** Shells in instances that the window has open. */
export class Terminals {
  readonly #options: TerminalsOptions
  readonly #open = new Map<string, Open>()
  #generation = 0

  constructor(options: TerminalsOptions) {
    this.#options = options
  }

  /** Starts a shell; its output comes as `terminal:output`, after the caller has the answer. TERMINAL_FAILED. */
  async open(
    request: DeploymentKey & { instanceId: string; columns: number; rows: number },
  ): Promise<{ terminalId: string }> {
    const { poolId, id, instanceId, columns, rows } = request
    if (this.#open.size >= mostOpen) {
      throw new AppError('TERMINAL_FAILED', { side: 'program' }, { detail: 'Too many terminals are open.' })
    }
    const generation = this.#generation
    const driver = await this.#options.driver(poolId)
    const driven = await driver.terminal(id, instanceId, { columns, rows })
    const terminalId = randomUUID()
    const ended = this.#run(terminalId, driven).finally(() => this.#open.delete(terminalId))
    this.#open.set(terminalId, { driven, ended })
    // The window that asked is not there any more.
    if (generation !== this.#generation) driven.stream.destroy()
    return { terminalId }
  }

  /** Resolves when the shell has taken it in; TERMINAL_FAILED where it has ended. */
  async write(terminalId: string, data: string): Promise<void> {
    const stream = this.#open.get(terminalId)?.driven.stream
    if (!stream?.writable) {
      throw new AppError('TERMINAL_FAILED', { side: 'pool' }, { detail: 'The terminal has ended.' })
    }
    if (stream.write(data, 'utf8')) return
    await new Promise<void>((done) => {
      const end = (): void => {
        stream.off('drain', end)
        stream.off('close', end)
        done()
      }
      stream.once('drain', end)
      stream.once('close', end)
    })
  }

  async resize(terminalId: string, size: { columns: number; rows: number }): Promise<void> {
    await this.#open.get(terminalId)?.driven.resize(size)
  }

  close(terminalId: string): void {
    this.#open.get(terminalId)?.driven.stream.destroy()
  }

  /** Ends every shell; resolves when they are gone, or after a few seconds. */
  async closeAll(): Promise<void> {
    this.#generation += 1
    const all = [...this.#open.values()]
    for (const { driven } of all) driven.stream.destroy()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((done) => (timer = setTimeout(done, farewell)))
    await Promise.race([late, Promise.all(all.map(({ ended }) => ended))])
    clearTimeout(timer)
  }

  async #run(terminalId: string, { stream, exitCode }: Driven): Promise<void> {
    const { emit, log } = this.#options
    await readOutput(
      stream,
      (data) => emit('terminal:output', { terminalId, data }),
      (error) => log.info('a terminal broke off', { code: toAppError(error).code }),
    )
    const code = await exitCode().catch((error: unknown) => {
      log.info('how a terminal ended is not known', { code: toAppError(error).code })
      return null
    })
    emit('terminal:ended', { terminalId, exitCode: code })
  }
}

/** Reads a terminal to its end: in pulses, with characters whole, and no faster than the pulses. */
function readOutput(
  stream: Duplex,
  tell: (data: string) => void,
  onError: (error: unknown) => void,
): Promise<void> {
  const decoder = new StringDecoder('utf8')
  let text = ''
  let bytes = 0
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    timer = undefined
    const data = text
    text = ''
    bytes = 0
    if (data !== '') tell(data)
    if (stream.isPaused()) stream.resume()
  }
  return new Promise((done) => {
    stream.on('error', onError)
    stream.once('close', () => {
      clearTimeout(timer)
      text += decoder.end()
      flush()
      done()
    })
    setImmediate(() => {
      stream.on('data', (chunk: Buffer) => {
        text += decoder.write(chunk)
        bytes += chunk.length
        timer ??= setTimeout(flush, pulse.wait)
        if (bytes >= pulse.bytes) stream.pause()
      })
    })
  })
}
