import type { Endpoint, EngineState } from '@shared/engine'
import { AppError } from '@shared/error'
import type { Log } from '../log'
import { isLate, pause } from './deadline'
import { giveUp } from './dial'
import { followEvents } from './events'
import { look, type Found, type NotFound } from './look'
import type { Target } from './target'

export interface ConnectionOptions {
  /** Every place where an engine may be, asked anew at each look. */
  find: () => Target[]
  /** `auto`, or the id of an endpoint. */
  choice: string
  log: Log
  onState: (state: EngineState) => void
  onConnected: (found: Found) => void
  onDisconnected: (error: AppError) => void
  onImages: () => void
}

/** An engine that answers for this long after a loss starts the waiting times anew; milliseconds. */
const steady = 5000

/** Looks in a row that an engine leaves unanswered until what still waits for it is ended. */
export const mostSilent = 3

/** The wait before look number `attempt`, in milliseconds: at most a second, so that a started engine shows within two. */
export const waitBefore = (attempt: number): number =>
  attempt === 0 ? 0 : Math.min(1000, 100 * 2 ** (attempt - 1))

/** Looks for an engine, stays with it, and looks again when it is gone, until stopped. */
export class Connection {
  readonly #options: ConnectionOptions
  #state: EngineState = {
    status: 'connecting',
    endpoint: null,
    candidates: [],
    product: null,
    version: null,
    platform: null,
    error: null,
    revision: 0,
  }
  #choice: string
  #found: Found | null = null
  /** The engine that was lost without a word: it may be slow, so what it was asked waits on for a while. */
  #silent: { engine: Found; looks: number } | null = null
  #last: string | null = null
  #running: Promise<void> | null = null
  #stopped = false
  /** Ends what the loop is in: a look, a wait, or following an engine. */
  #cycle = new AbortController()
  #waiting: (() => void)[] = []

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#choice = options.choice
  }

  get state(): EngineState {
    return this.#state
  }

  start(): void {
    if (this.#stopped) return
    this.#running ??= this.#run().catch((error: unknown) => {
      this.#options.log.error('the search for the engine ended', { error })
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cycle.abort()
    await this.#running
    this.#settle()
  }

  /** Looks anew at once, forgetting where it was connected; resolves when it is known how that went. */
  async reconnect(choice = this.#choice): Promise<EngineState> {
    this.#choice = choice
    this.#last = null
    if (this.#running === null || this.#stopped) return this.#state
    this.#found = null
    this.#publish({
      status: 'connecting',
      endpoint: null,
      product: null,
      version: null,
      platform: null,
      error: null,
    })
    this.#cycle.abort()
    await this.#settled()
    return this.#state
  }

  /** The engine, once a look that is under way has ended; rejects with the reason why there is none. */
  async engine(): Promise<Found> {
    if (this.#running !== null && !this.#stopped && this.#state.status === 'connecting') await this.#settled()
    if (this.#found) return this.#found
    const { error } = this.#state
    if (error) throw new AppError(error.code, error.context, { detail: error.detail })
    throw new AppError('ENGINE_STOPPED', { side: 'engine' })
  }

  async #run(): Promise<void> {
    for (let attempt = 0; !this.#stopped;) {
      this.#cycle = new AbortController()
      const { signal } = this.#cycle
      await pause(waitBefore(attempt), signal)
      const targets = signal.aborted ? [] : this.#options.find()
      const found = signal.aborted ? null : await look(targets, this.#choice, this.#last, signal)
      attempt += 1
      if (found && !signal.aborted) {
        this.#take(found, targets)
        this.#countSilence(found)
        if ('docker' in found) {
          if ((await this.#follow(found, signal)) > steady) attempt = 0
          if (!signal.aborted) this.#silent = { engine: found, looks: 0 }
        }
      }
      if (signal.aborted) attempt = 0
    }
  }

  /** Nothing else would ever end what waits for an engine that hangs. */
  #countSilence(found: Found | NotFound): void {
    const silent = this.#silent
    if (!silent) return
    silent.looks += 1
    const isSilent = 'error' in found && isLate(found.error)
    if (isSilent && silent.looks < mostSilent) return
    this.#silent = null
    if (!isSilent) return
    this.#options.log.warn('the engine does not answer: what waits for it is ended')
    giveUp(silent.engine.docker)
  }

  /** Resolves with the milliseconds that the engine was there. */
  async #follow(found: Found, signal: AbortSignal): Promise<number> {
    const { log, onImages } = this.#options
    const since = performance.now()
    await followEvents(found.docker, { signal, log, onImages })
    return performance.now() - since
  }

  #take(found: Found | NotFound, targets: Target[]): void {
    const endpoint = found.target?.endpoint ?? null
    const candidates = candidatesOf(targets, endpoint)
    if ('docker' in found) {
      const { product, version, platform } = found
      this.#found = found
      this.#last = found.target.endpoint.id
      this.#publish({ status: 'connected', endpoint, candidates, product, version, platform, error: null })
      this.#options.onConnected(found)
    } else {
      this.#found = null
      const status = found.error.code === 'ENGINE_MISSING' ? 'missing' : 'stopped'
      const error = found.error.toInfo()
      this.#publish({ status, endpoint, candidates, product: null, version: null, platform: null, error })
      this.#options.onDisconnected(found.error)
    }
    this.#settle()
  }

  #publish(change: Partial<EngineState>): void {
    const next = { ...this.#state, ...change }
    if (JSON.stringify(next) === JSON.stringify(this.#state)) return
    this.#state = { ...next, revision: this.#state.revision + 1 }
    const { status, endpoint, error } = this.#state
    this.#options.log.info('engine', { status, endpoint: endpoint?.host, code: error?.code })
    this.#options.onState(this.#state)
  }

  #settled(): Promise<void> {
    return new Promise((done) => this.#waiting.push(done))
  }

  #settle(): void {
    for (const done of this.#waiting.splice(0)) done()
  }
}

/** What is offered for choosing: places where something is, each once, and the one that is in use. */
function candidatesOf(targets: Target[], used: Endpoint | null): Endpoint[] {
  const offered: Endpoint[] = []
  for (const { endpoint, present, explicit } of targets) {
    const twice = offered.some((other) => other.host === endpoint.host)
    if (endpoint.id === used?.id || ((present || explicit) && !twice)) offered.push(endpoint)
  }
  return offered
}
