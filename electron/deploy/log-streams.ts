import { randomUUID } from 'node:crypto'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import type { Emit } from '@shared/contract'
import { AppError, toAppError, type ErrorInfo } from '@shared/error'
import type { DeploymentKey, LogLine } from '@shared/running'
import type { Log } from '../log'
import type { PoolDriver } from './driver'

export interface LogRequest extends DeploymentKey {
  instanceId: string | null
  tail: number | null
  since: number | null
}

export interface LogStreamsOptions {
  driver: (poolId: string) => Promise<PoolDriver>
  emit: Emit
  log: Log
}

/** One batch: lines and UTF-16 units at most. */
const most = { lines: 2000, length: 1024 * 1024 }
/**
 * Batches a second that a log may fill for long; `ahead` may come at once, so that opening a long log does not wait. One of
 * long lines counts as several, of `length` each: what is under way to the window stays within some 25 MiB.
 */
const rate = { second: 20, ahead: 100, length: 256 * 1024 }
/** How long single lines wait for others; milliseconds. */
const gather = 40
const mostOpen = 50

/** Logs that the window follows: read only as fast as their lines are taken, so that a flood waits in the engine. */
export class LogStreams {
  readonly #options: LogStreamsOptions
  readonly #open = new Map<string, { stop: AbortController; ended: Promise<void> }>()

  constructor(options: LogStreamsOptions) {
    this.#options = options
  }

  /** Begins to read; the lines come as `log:lines`, after the caller has the answer. POOL_UNKNOWN, ENGINE_... */
  async open(request: LogRequest): Promise<{ streamId: string }> {
    if (this.#open.size >= mostOpen) {
      throw new AppError('INPUT_INVALID', { side: 'program' }, { detail: 'Too many logs are open.' })
    }
    const driver = await this.#options.driver(request.poolId)
    const streamId = randomUUID()
    const stop = new AbortController()
    const ended = this.#pump(streamId, driver, request, stop.signal).finally(() =>
      this.#open.delete(streamId),
    )
    this.#open.set(streamId, { stop, ended })
    return { streamId }
  }

  close(streamId: string): void {
    this.#open.get(streamId)?.stop.abort()
  }

  async closeAll(): Promise<void> {
    const all = [...this.#open.values()]
    for (const { stop } of all) stop.abort()
    await Promise.all(all.map(({ ended }) => ended))
  }

  async #pump(streamId: string, driver: PoolDriver, request: LogRequest, signal: AbortSignal): Promise<void> {
    const { emit, log } = this.#options
    const { id, instanceId, tail, since } = request
    const batches = new Batches(signal, (lines) =>
      emit('log:lines', { streamId, lines, ended: false, error: null }),
    )
    await turn()
    let error: ErrorInfo | null = null
    try {
      for await (const lines of driver.logs(id, { instanceId, tail, since, follow: true }, signal)) {
        await batches.add(lines)
        if (signal.aborted) return
      }
      await batches.end()
    } catch (thrown) {
      const known = toAppError(thrown)
      if (!signal.aborted) log.info('a log broke off', { poolId: request.poolId, id, code: known.code })
      error = known.toInfo()
      await batches.end()
    }
    if (!signal.aborted) emit('log:lines', { streamId, lines: [], ended: true, error })
  }
}

/** Gathers lines into batches and keeps to the rate; `add` resolves when more may come. */
class Batches {
  readonly #signal: AbortSignal
  readonly #tell: (lines: LogLine[]) => void
  #lines: LogLine[] = []
  #length = 0
  #tokens = rate.ahead
  #countedAt = performance.now()
  #timer: NodeJS.Timeout | undefined

  constructor(signal: AbortSignal, tell: (lines: LogLine[]) => void) {
    this.#signal = signal
    this.#tell = tell
    signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true })
  }

  async add(lines: readonly LogLine[]): Promise<void> {
    for (const line of lines) {
      this.#lines.push(line)
      this.#length += line.text.length
      if (this.#lines.length >= most.lines || this.#length >= most.length) await this.#flush()
      if (this.#signal.aborted) return
    }
    if (this.#lines.length > 0) this.#timer ??= setTimeout(() => this.#flushGathered(), gather)
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#lines.length > 0 && !this.#signal.aborted) await this.#flush()
  }

  #flushGathered(): void {
    this.#timer = undefined
    if (this.#signal.aborted || this.#lines.length === 0) return
    if (this.#take()) this.#send()
    else this.#timer = setTimeout(() => this.#flushGathered(), gather)
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (!this.#take()) {
      await pause(1000 / rate.second)
      if (this.#signal.aborted) return
    }
    this.#send()
    // Whatever else the program has to do comes in between.
    await turn()
  }

  #send(): void {
    const lines = this.#lines
    this.#lines = []
    this.#length = 0
    if (lines.length > 0) this.#tell(lines)
  }

  #take(): boolean {
    const now = performance.now()
    this.#tokens = Math.min(rate.ahead, this.#tokens + ((now - this.#countedAt) / 1000) * rate.second)
    this.#countedAt = now
    const cost = Math.max(1, this.#length / rate.length)
    if (this.#tokens < cost) return false
    this.#tokens -= cost
    return true
  }
}
