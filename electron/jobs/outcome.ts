import { AppError } from '@shared/error'
import { type Job, type JobResult, resumableKinds } from '@shared/job'
import type { Run } from './run'

/** The state in which a run leaves its job. `queued`: it goes on by itself at the next start. */
export type Outcome =
  | { state: 'succeeded'; result: JobResult; error: null }
  | {
      state: 'failed' | 'cancelled' | 'interrupted' | 'paused' | 'queued'
      result?: undefined
      error: AppError | null
    }

export const isResumable = (job: Job): boolean => resumableKinds.includes(job.request.kind)

/** What the end of the program, or its death, makes of a running job. */
export function outcomeOfStop(job: Job): Outcome {
  return isResumable(job)
    ? { state: 'queued', error: null }
    : { state: 'interrupted', error: new AppError('INTERRUPTED') }
}

/** What an error makes of the job that it ended. */
export function outcomeOfError(job: Job, error: AppError, run: Run): Outcome {
  if (run.abortedFor === 'cancel') return { state: 'cancelled', error: null }
  if (run.abortedFor === 'pause') return { state: 'paused', error: null }
  if (run.abortedFor === 'stop') return outcomeOfStop(job)
  // Nobody cancelled it: something that it stood on went away, say the registry's client when its address changed.
  if (error.code === 'CANCELLED')
    return { state: 'failed', error: new AppError('INTERRUPTED', error.context) }
  return { state: 'failed', error }
}
