import type Dockerode from 'dockerode'
import { AppError } from '@shared/error'
import { noProgress, type Phase, type Progress } from '@shared/job'
import { secretsOfAuth } from '../../engine/authorization'
import { Veil } from '../../veil'
import type { ChangeContext, PoolConnection } from '../driver'

/** How long this driver waits for what; milliseconds. */
export interface Patience {
  /** For a port to answer, and for a container without health check or port to have been up without a fall. */
  reach: number
  steady: number
  /** On top of what the health check's own numbers add up to. */
  health: number
  /** For the command before the stop. */
  beforeStop: number
}

export const usualPatience: Patience = { reach: 60_000, steady: 1500, health: 30_000, beforeStop: 60_000 }

/** One change or action while it runs: the pool, the user's cancellation, and what is told of it. */
export class Job {
  readonly docker: Dockerode
  readonly signal: AbortSignal
  private readonly veil: Veil
  private last: Progress = noProgress

  constructor(
    readonly connection: PoolConnection,
    private readonly context: Pick<ChangeContext, 'signal' | 'report' | 'log'>,
    readonly patience: Patience,
    /** Values that are never to be seen. */
    secrets: readonly string[] = [],
  ) {
    this.veil = new Veil(secrets)
    this.docker = connection.docker
    this.signal = context.signal
  }

  /** Goes to a phase; the bytes that were told last stay. Throws CANCELLED where the user no longer wants it. */
  to(phase: Phase): void {
    this.check()
    this.tell(phase)
  }

  /** As `to`, past the point of no return. */
  tell(phase: Phase): void {
    this.progress({ ...this.last, phase })
  }

  progress(progress: Progress): void {
    this.last = progress
    this.context.report(progress)
  }

  check(): void {
    if (this.signal.aborted) throw new AppError('CANCELLED', { side: 'pool' })
  }

  log(line: string): void {
    this.context.log(this.clean(line))
  }

  /** Values that are never to be seen from now on. */
  hide(secrets: readonly string[]): void {
    this.veil.hide(...secrets)
  }

  /** A text of the engine or of a container without any of the deployment's secrets. */
  clean(text: string): string {
    return this.veil.cover(text)
  }
}

/** What a change carries that no text may say back: the deployment's secrets, and the account for its image. */
export const secretsOf = ({ secrets, auth }: Pick<ChangeContext, 'secrets' | 'auth'>): string[] => [
  ...Object.values(secrets),
  ...secretsOfAuth(auth),
]
