import { toAppError, type ErrorInfo } from '@shared/error'
import type { Log } from '../log'
import { Pulse } from './pulse'
import { Recent } from './recent'

/** What a refresh is given: when to stop, and whom to tell that the registry has answered its main question. */
export interface Run {
  signal: AbortSignal
  answered(): void
}

interface Running {
  controller: AbortController
  done: Promise<void>
}

interface State {
  running: Running | null
  error: ErrorInfo | null
  fromRegistry: boolean
  pulse: Pulse
}

const shortestInterval = 250
const longestInterval = 2500

/** The refreshes behind one reader's snapshots: at most one for each key, its outcome, and coalesced notices of change. */
export class Refreshes {
  private readonly states = new Recent<State>({
    make: (key) => ({
      ...{ running: null, error: null, fromRegistry: false },
      pulse: new Pulse(() => this.show(key)),
    }),
    mayGo: ({ running, pulse }) => running === null && !pulse.isWaiting,
  })
  private revision = 0
  private stopped = false

  /** `show` sends the snapshot of a key to the window. */
  constructor(private readonly options: { show: (key: string) => void; log: Log }) {}

  isRunning(key: string): boolean {
    const running = this.states.find(key)?.running
    return Boolean(running && !running.controller.signal.aborted)
  }

  /** The part of a snapshot that tells how good it is; each call counts as a newer snapshot. */
  freshness(key: string): {
    source: 'cache' | 'registry'
    refreshing: boolean
    error: ErrorInfo | null
    revision: number
  } {
    const state = this.states.find(key)
    this.revision += 1
    return {
      source: state?.fromRegistry ? 'registry' : 'cache',
      refreshing: Boolean(state?.running),
      error: state?.error ?? null,
      revision: this.revision,
    }
  }

  /** Starts a refresh, or joins the one that runs. The promise never rejects: the outcome is in `freshness`. */
  start(key: string, work: (run: Run) => Promise<void>): Promise<void> {
    const state = this.states.of(key)
    if (this.stopped) return Promise.resolve()
    const { running: earlier } = state
    if (earlier?.controller.signal.aborted) return earlier.done.then(() => this.start(key, work))
    if (earlier) return earlier.done
    const running: Running = { controller: new AbortController(), done: Promise.resolve() }
    state.running = running
    running.done = this.run(key, state, running, work)
    return running.done
  }

  /** Tells that a key's snapshot changed; one of many rows is sent less often. */
  changed(key: string, rows = 0): void {
    if (this.stopped) return
    this.states.of(key).pulse.touch(Math.min(longestInterval, Math.max(shortestInterval, rows / 2)))
  }

  /** Ends a refresh that nobody waits for any more; that is no error. */
  async cancel(key: string): Promise<void> {
    const running = this.states.find(key)?.running
    running?.controller.abort()
    await running?.done
  }

  /** Ends the refreshes of all keys that begin so, and forgets how they went. */
  async forget(prefix: string): Promise<void> {
    const keys = this.states.keys().filter((key) => key.startsWith(prefix))
    await Promise.all(keys.map((key) => this.cancel(key)))
    for (const key of keys) {
      this.states.find(key)?.pulse.stop()
      this.states.delete(key)
    }
  }

  async stop(): Promise<void> {
    this.stopped = true
    await this.forget('')
  }

  private async run(
    key: string,
    state: State,
    running: Running,
    work: (run: Run) => Promise<void>,
  ): Promise<void> {
    const { signal } = running.controller
    const answered = (): void => {
      state.fromRegistry = true
      state.error = null
    }
    try {
      await work({ signal, answered })
      if (!signal.aborted) answered()
    } catch (thrown) {
      if (!signal.aborted) {
        const error = toAppError(thrown)
        state.error = error.toInfo()
        state.fromRegistry = false
        this.options.log.info('a refresh failed', {
          key,
          code: error.code,
          context: error.context,
          detail: error.detail,
        })
      }
    } finally {
      state.running = null
      this.changed(key)
    }
  }

  /** Runs from timers, where an error would end the program. */
  private show(key: string): void {
    try {
      this.options.show(key)
    } catch (thrown) {
      this.options.log.error('a snapshot could not be shown', { key, error: thrown })
    }
  }
}
