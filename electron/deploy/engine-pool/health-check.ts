import { toAppError } from '@shared/error'
import type { Inspected } from './inspected'
import type { Job } from './job'
import { run } from './run-inside'

/** A container's health check with the engine's own values where it says nothing; milliseconds. */
export interface HealthCheck {
  command: readonly string[]
  interval: number
  timeout: number
  /** After which an engine that counts has come to a verdict, at the earliest and at the latest. */
  verdictAfter: number
  longest: number
}

const standard = 30_000
const milliseconds = (nanoseconds: number | null | undefined): number => (nanoseconds ?? 0) / 1_000_000

/** The check of a container, its image's included; null where it has none. */
export function healthCheckOf(container: Pick<Inspected, 'Config'>): HealthCheck | null {
  const { Test, Interval, Timeout, StartPeriod, Retries } = container.Config.Healthcheck ?? {}
  const [kind, ...words] = Test ?? []
  if (kind !== 'CMD' && kind !== 'CMD-SHELL') return null
  const interval = milliseconds(Interval) || standard
  const timeout = milliseconds(Timeout) || standard
  const retries = Retries || 3
  const start = milliseconds(StartPeriod)
  return {
    ...{ interval, timeout },
    command: kind === 'CMD' ? words : ['/bin/sh', '-c', words[0] ?? ''],
    verdictAfter: start + retries * interval,
    longest: start + retries * (interval + timeout),
  }
}

/**
 * The health check's own command, run by us in the container: an engine asks for the first time only after a whole interval
 * (half a minute by default), and Podman without systemd never does. Only its success is taken at once.
 */
export class OwnProbe {
  private next = 0
  private wait = 100
  /** Whether the last time it was run it failed. */
  failed = false

  constructor(
    private readonly job: Job,
    private readonly id: string,
    private readonly check: HealthCheck,
  ) {}

  /** Whether the container is well; false also where it is not yet time to ask again. */
  async ask(signal: AbortSignal): Promise<boolean> {
    if (performance.now() < this.next) return false
    const { command, timeout, interval } = this.check
    try {
      this.failed = (await run(this.job.docker, this.id, command, timeout, signal)) !== 0
    } catch (thrown) {
      const error = toAppError(thrown)
      if (error.code === 'ENGINE_STOPPED' || error.code === 'ENGINE_LOST') throw error
      // It took too long, or the container has fallen: whoever watches the container sees that.
      this.failed = true
    }
    this.wait = Math.min(this.wait * 1.6, interval, 5000)
    this.next = performance.now() + this.wait
    return !this.failed
  }
}
