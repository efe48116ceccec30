import type { ErrorInfo } from '@shared/error'
import { toAppError } from '@shared/error'
import type { DeploymentSummary, OtherWorkload } from '@shared/running'
import type { Log } from '../log'
import type { PoolDriver } from './driver'

export interface PoolState {
  deployments: DeploymentSummary[]
  others: OtherWorkload[]
  /** When it last answered; null: never. */
  fetchedAt: number | null
  /** Why it could not be asked last; what is listed is then the older state. */
  error: ErrorInfo | null
}

export interface PoolSnapshotOptions {
  poolId: string
  driver: () => Promise<PoolDriver>
  /** After each look, whether it changed something or not. */
  onLook: (changed: boolean) => void
  log: Log
}

/** Events come in bursts: an upgrade of many instances is a few looks. Milliseconds. */
const burst = 250
/** Between looks at a pool that does not tell of its changes, or is away: the first and the longest. */
const retry = { least: 500, most: 15_000 }
/** Between looks while something is on its way: not all that changes with time has an event. */
const unsettled = { least: 3000, most: 60_000 }
const settledStates = new Set(['running', 'stopped'])

/** What runs in one pool: listed, followed by the pool's own events, and looked at now and then where there are none. */
export class PoolSnapshot {
  readonly #options: PoolSnapshotOptions
  readonly #stop = new AbortController()
  #state: PoolState = { deployments: [], others: [], fetchedAt: null, error: null }
  #timer: NodeJS.Timeout | undefined
  #later: NodeJS.Timeout | undefined
  #laterAfter = unsettled.least
  #running: Promise<void> | null = null
  #next: Promise<void> | null = null
  #loop: Promise<void> | null = null
  #wake: () => void = () => {}

  constructor(options: PoolSnapshotOptions) {
    this.#options = options
  }

  get state(): PoolState {
    return this.#state
  }

  start(): void {
    this.#loop ??= this.#follow()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    clearTimeout(this.#later)
    this.#wake()
    await Promise.all([this.#loop, this.#running])
  }

  /** Looks soon, however often this is called until then. */
  invalidate(): void {
    if (this.#stop.signal.aborted) return
    // Not started anew by each event: a long burst would put it off for ever.
    this.#timer ??= setTimeout(() => void this.refresh(), burst)
  }

  /** The pool may answer again: it is tried at once rather than at the next turn. */
  retry(): void {
    this.#wake()
  }

  /** Looks now, after a look that is under way; a failure is in the state. Never rejects. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (!this.#running) return this.#run()
    this.#next ??= this.#running.then(() => {
      this.#next = null
      return this.#run()
    })
    await this.#next
  }

  #run(): Promise<void> {
    this.#running ??= this.#look().finally(() => (this.#running = null))
    return this.#running
  }

  async #look(): Promise<void> {
    const { signal } = this.#stop
    if (signal.aborted) return
    const before = this.#state
    try {
      const driver = await this.#options.driver()
      const { deployments, others } = await driver.list(signal)
      this.#state = { deployments, others, fetchedAt: Date.now(), error: null }
    } catch (error) {
      if (signal.aborted) return
      this.#state = { ...before, error: toAppError(error).toInfo() }
    }
    if (signal.aborted) return
    const changed = !isSame(before, this.#state)
    this.#lookAgain(changed)
    this.#options.onLook(changed)
  }

  #lookAgain(changed: boolean): void {
    clearTimeout(this.#later)
    const { deployments, error } = this.#state
    if (error || deployments.every(({ state }) => settledStates.has(state))) return
    this.#laterAfter = changed ? unsettled.least : Math.min(this.#laterAfter * 2, unsettled.most)
    this.#later = setTimeout(() => this.invalidate(), this.#laterAfter)
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop
    const { poolId, log } = this.#options
    let wait = retry.least
    while (!signal.aborted) {
      const since = performance.now()
      const first = this.refresh()
      try {
        const driver = await this.#options.driver()
        await driver.follow(() => this.invalidate(), signal)
      } catch (error) {
        log.debug('a pool is not followed', { poolId, code: toAppError(error).code })
      }
      const followed = performance.now() - since
      await first
      if (signal.aborted) return
      if (followed > retry.most) wait = retry.least
      // A pool that was lost says why when it is asked; one that was never there has said so already.
      if (followed > retry.least) await this.refresh()
      if (await this.#pause(wait)) wait = retry.least
      else wait = Math.min(wait * 2, retry.most)
    }
  }

  /** Whether it was woken before its time. */
  #pause(milliseconds: number): Promise<boolean> {
    if (this.#stop.signal.aborted) return Promise.resolve(true)
    return new Promise((done) => {
      const timer = setTimeout(() => done(false), milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        done(true)
      }
    })
  }
}

function isSame(before: PoolState, after: PoolState): boolean {
  const plain = ({ fetchedAt, ...rest }: PoolState): string =>
    JSON.stringify({ ...rest, seen: fetchedAt !== null })
  return plain(before) === plain(after)
}
