import type { ErrorCode } from '@shared/error'
import type { Target } from '../../engine/target'
import type { Log } from '../../log'
import { placesOf } from './place'
import { PoolEngine } from './pool-engine'
import type { StoredPool } from './store'

export interface EngineSetOptions {
  /** The engines that were added. */
  stored: () => readonly StoredPool[]
  /** Every place where an engine may be. */
  find: () => Target[]
  /** Something of an engine, or which engines there are, has changed or may have. */
  onChange: () => void
  log: Log
  now: () => number
}

/** Files are read at most this often to see which engines there are; milliseconds. */
const placesEvery = 5000
/** How often an engine that answers is asked again; milliseconds. */
const steadyPause = 15_000
/** What only a person can put right: asking again and again would look like an attack. */
const lasting: readonly ErrorCode[] = [
  'SSH_DENIED',
  'SSH_HOST_UNKNOWN',
  'SSH_HOST_CHANGED',
  'ENGINE_TLS_REFUSED',
]

/** Until the next look: one that does not answer is asked after 5 s, then ever less often, at last once in a minute. */
function pauseAfter({ failures, facts: { error } }: Pick<PoolEngine, 'failures' | 'facts'>): number {
  if (error && lasting.includes(error.code)) return 15 * 60_000
  return failures === 0 ? steadyPause : Math.min(60_000, 5000 * 2 ** (failures - 1))
}

/** A context of another machine: nobody asked for it yet, so nothing is sent there until somebody does. */
const isUnasked = ({ place: { source, target }, facts }: PoolEngine): boolean =>
  source === 'found' &&
  !target.explicit &&
  facts.state === 'unknown' &&
  !/^(unix|npipe):/.test(target.endpoint.host)

/** Which engines there are, each asked at its own time: one that hangs keeps no other waiting. */
export class EngineSet {
  readonly #options: EngineSetOptions
  #engines: PoolEngine[] = []
  #placesAt = -Infinity
  readonly #due = new Map<string, number>()
  #timer: NodeJS.Timeout | null = null
  #stopped = false

  constructor(options: EngineSetOptions) {
    this.#options = options
  }

  get stopped(): boolean {
    return this.#stopped
  }

  start(): void {
    if (this.#timer || this.#stopped) return
    this.#timer = setInterval(() => this.#round(), 1000)
    this.#timer.unref()
    this.#round()
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer) clearInterval(this.#timer)
    for (const engine of this.#engines) engine.close()
    this.#engines = []
  }

  /** As far as it is known; `anew`: looks at the files in any case. */
  all(anew = false): readonly PoolEngine[] {
    const now = this.#options.now()
    if (this.#stopped || (!anew && now - this.#placesAt < placesEvery)) return this.#engines
    this.#placesAt = now
    const { log, onChange, stored, find } = this.#options
    const before = new Map(this.#engines.map((engine) => [engine.place.id, engine]))
    this.#engines = placesOf(stored(), find()).map((place) => {
      const known = before.get(place.id)
      if (known?.place.key === place.key) {
        before.delete(place.id)
        known.place = place
        return known
      }
      return new PoolEngine(place, { log, onChange, now: this.#options.now })
    })
    for (const [id, gone] of before) {
      gone.leave()
      this.#due.delete(id)
    }
    return this.#engines
  }

  find(id: string): PoolEngine | undefined {
    return this.all().find(({ place }) => place.id === id)
  }

  /** Looks at one engine; `measured`: waits for what is in use as well. */
  async ask(engine: PoolEngine, measured: boolean): Promise<void> {
    await engine.look()
    this.#due.set(engine.place.id, this.#options.now() + pauseAfter(engine))
    const measuring = engine.measure(measured)
    if (measured) await measuring
  }

  #round(): void {
    const now = this.#options.now()
    for (const engine of this.all()) {
      if ((this.#due.get(engine.place.id) ?? 0) > now || isUnasked(engine)) continue
      this.#due.set(engine.place.id, Infinity)
      void this.ask(engine, false)
    }
    this.#options.onChange()
  }
}
