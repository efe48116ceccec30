import type { Progress } from '@shared/job'
import { Speed } from './speed'

const emitEvery = 100
const persistEvery = 2000

export type AbortReason = 'cancel' | 'pause' | 'stop'

/** One attempt of a job while it runs: its cancellation, its newest progress, and when that is to be told and stored. */
export class Run {
  readonly controller = new AbortController()
  readonly speed = new Speed()
  progress: Progress
  /** Why it was aborted, if it was. */
  abortedFor: AbortReason | null = null
  /** Resolves when the runner has ended and the job has its last state. */
  done: Promise<void> = Promise.resolve()

  private toldAt = 0
  private timer: NodeJS.Timeout | null = null
  private persistedAt: number

  constructor(
    /** Where it begins to count; not `noProgress` when it goes on with what was begun. */
    begun: Progress,
    private readonly now: () => number,
    /** Tells the newest progress to the window, and stores it too where `persist` says so. */
    private readonly tell: (persist: boolean) => void,
  ) {
    this.progress = { ...begun, phase: 'preparing' }
    this.persistedAt = now()
  }

  /** The first reason holds, but for a cancellation. */
  abort(reason: AbortReason): void {
    if (this.abortedFor === null || reason === 'cancel') this.abortedFor = reason
    this.controller.abort()
  }

  /** Takes in a progress; it is told at once, or with those that follow within a tenth of a second. */
  report(progress: Progress): void {
    this.progress = progress
    this.speed.note(progress, this.now())
    this.touch()
  }

  /** Something that a snapshot shows has changed. */
  touch(): void {
    if (this.timer) return
    const wait = this.toldAt + emitEvery - this.now()
    if (wait <= 0) this.flush()
    else this.timer = setTimeout(() => this.flush(), wait)
  }

  /** What is not told yet is not told any more: a state change, which says it all, is on its way. */
  hush(): void {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
    this.toldAt = this.now()
  }

  private flush(): void {
    this.hush()
    const persist = this.now() - this.persistedAt >= persistEvery
    if (persist) this.persistedAt = this.now()
    this.tell(persist)
  }
}
