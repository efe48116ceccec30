import type { JobKind, JobRequest, JobResult, Phase, Progress } from '@shared/job'
import { noProgress } from '@shared/job'

/** What the queue gives to a runner. */
export interface RunContext {
  /** The job's id, under which a resumable kind keeps its journal. */
  id: string
  /** Whether the request may have been carried out unseen: the program ended within this attempt, or one failed before it. */
  isContinued?: boolean
  /** Aborted when the user cancels or pauses, or the program ends; the runner then cleans up and throws. */
  signal: AbortSignal
  report(progress: Progress): void
  /** A line that the far side said, for the job's raw log; never a secret. */
  log(line: string): void
}

/**
 * Does a request once; what it throws becomes the job's error. A resumable kind goes on from its journal where it has one,
 * any other begins at its beginning.
 */
export type Runner<R extends JobRequest> = (request: R, context: RunContext) => Promise<JobResult>

export type RequestOf<K extends JobKind> = Extract<JobRequest, { kind: K }>
export type Runners = { [K in JobKind]: Runner<RequestOf<K>> }

/** Hands a request to the runner of its kind. */
export function runRequest(runners: Runners, request: JobRequest, context: RunContext): Promise<JobResult> {
  // One kind at a time, which the compiler cannot see: request and runner are of the same one.
  const runner = runners[request.kind] as Runner<JobRequest>
  return runner(request, context)
}

/** Reports a job's phases and keeps the bytes that were told last, so that they stay on screen while it is checked. */
export class Steps {
  private last: Progress = noProgress

  constructor(private readonly report: (progress: Progress) => void) {}

  to(phase: Phase): void {
    this.progress({ ...this.last, phase })
  }

  progress(progress: Progress): void {
    this.last = progress
    this.report(progress)
  }
}
