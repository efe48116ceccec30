import type {
  DeleteRequest,
  JobRequest,
  JobResult,
  Phase,
  Progress,
  PullRequest,
  PushRequest,
} from '@shared/job'
import { noProgress } from '@shared/job'

/** What the queue gives to a runner. */
export interface RunContext {
  /** Aborted when the user cancels or the program ends; the runner then cleans up and throws. */
  signal: AbortSignal
  report(progress: Progress): void
  /** A line that the far side said, for the job's raw log; never a secret. */
  log(line: string): void
}

/** Does a request once, from its beginning; what it throws becomes the job's error. */
export type Runner<R extends JobRequest> = (request: R, context: RunContext) => Promise<JobResult>

export interface Runners {
  push: Runner<PushRequest>
  pull: Runner<PullRequest>
  delete: Runner<DeleteRequest>
}

/** Hands a request to the runner of its kind. */
export function runRequest(runners: Runners, request: JobRequest, context: RunContext): Promise<JobResult> {
  switch (request.kind) {
    case 'push':
      return runners.push(request, context)
    case 'pull':
      return runners.pull(request, context)
    case 'delete':
      return runners.delete(request, context)
  }
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
