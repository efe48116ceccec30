import { randomUUID } from 'node:crypto'
import { type Job, type JobRequest, noProgress } from '@shared/job'

/** The first attempt at a request, queued. `now` in milliseconds since 1970. */
export function firstAttempt(request: JobRequest, host: string, now: number): Job {
  return {
    id: randomUUID(),
    request,
    host,
    state: 'queued',
    progress: noProgress,
    bytesPerSecond: null,
    createdAt: now,
    startedAt: null,
    endedAt: null,
    attempt: 1,
    error: null,
    result: null,
    revision: 1,
  }
}

/** The next attempt of an ended job, queued; `replaces` where the user agreed by now to cover a digest. */
export function nextAttempt(job: Job, host: string, replaces?: string): Job {
  const { request } = job
  return {
    ...job,
    request: 'replaces' in request && replaces !== undefined ? { ...request, replaces } : request,
    host,
    state: 'queued',
    progress: noProgress,
    bytesPerSecond: null,
    startedAt: null,
    endedAt: null,
    attempt: job.attempt + 1,
    error: null,
    result: null,
    revision: job.revision + 1,
  }
}
