import type { Emit } from '@shared/contract'
import { AppError, type ErrorContext, toAppError } from '@shared/error'
import { isEnded, isPoolRequest, type Job, type JobRequest } from '@shared/job'
import { isDigest } from '@shared/reference'
import type { Log } from '../log'
import { firstAttempt, nextAttempt } from './attempt'
import type { JobTable } from './job-table'
import { LineRing } from './line-ring'
import { isResumable, type Outcome, outcomeOfError, outcomeOfStop } from './outcome'
import { Run } from './run'
import { runRequest, type Runners } from './runner'
import { defaultLimits, type Limits, startable } from './schedule'

export interface JobQueueParts {
  table: Pick<JobTable, 'all' | 'save' | 'remove'>
  runners: Runners
  /** What a request is done at: a registry's host as references write it, or a pool's name. REGISTRY_UNKNOWN, POOL_UNKNOWN. */
  hostOf: (request: JobRequest) => string
  emit: Emit
  log: Log
  /** Told of a job that has ended, and of one that is forgotten, to clear up what it left elsewhere. */
  onEnded?: (job: Job) => void
  onForgotten?: (job: Job) => void
  limits?: Limits
  now?: () => number
}

/** Ended jobs that are kept as history, and those of them whose raw log is kept. */
const historyLimit = 500
const logLimit = 50
/** Milliseconds that running jobs have to clean up when the program ends. */
const stopPatience = 10_000

/** Every job from its request to its end. Only the queue writes a job's state, and stores it before it tells it. */
export class JobQueue {
  private readonly now: () => number
  private readonly limits: Limits
  /** In the order in which they are to run. */
  private readonly jobs = new Map<string, Job>()
  private readonly runs = new Map<string, Run>()
  private readonly logs = new Map<string, LineRing>()
  private ticker: NodeJS.Timeout | null = null
  private stopping = false

  constructor(private readonly parts: JobQueueParts) {
    this.now = parts.now ?? Date.now
    this.limits = parts.limits ?? defaultLimits
  }

  /**
   * At start: what was running when the program ended goes on where it is of a resumable kind, and is interrupted otherwise;
   * what was waiting runs; what was paused stays so.
   */
  start(): void {
    for (const job of this.parts.table.all()) this.jobs.set(job.id, job)
    for (const job of [...this.jobs.values()]) {
      if (job.state === 'running') this.end(job, outcomeOfStop(job))
    }
    this.pump()
  }

  /** Stores a request and answers the queued job at once. REGISTRY_UNKNOWN, STORE_FAILED. */
  enqueue(request: JobRequest): Job {
    const job = firstAttempt(request, this.parts.hostOf(request), this.now())
    this.parts.table.save(job)
    this.jobs.set(job.id, job)
    this.parts.emit('job:changed', job)
    this.pump()
    return job
  }

  /** All jobs, newest first. */
  list(): Job[] {
    return [...this.jobs.values()].sort((a, b) => b.createdAt - a.createdAt)
  }

  /** Cancels what waits at once; what runs is asked to end, and is cancelled once it has. Of an ended job: nothing. */
  cancel(id: string): Job {
    const job = this.find(id)
    if (job.state === 'queued' || job.state === 'paused') this.end(job, { state: 'cancelled', error: null })
    this.runs.get(id)?.abort('cancel')
    this.pump()
    return this.find(id)
  }

  /**
   * Stops a job of a resumable kind where it is: at once where it waits, once its runner has ended where it runs.
   * INPUT_INVALID for other kinds and states.
   */
  pause(id: string): Job {
    const job = this.find(id)
    if (!isResumable(job)) throw invalid(job, 'kind')
    if (job.state === 'queued') this.end(job, { state: 'paused', error: null })
    else if (job.state === 'running') this.runs.get(id)?.abort('pause')
    else if (job.state !== 'paused') throw invalid(job, 'state')
    this.pump()
    return this.find(id)
  }

  /** Lets a paused job go on from where it stands. INPUT_INVALID where it is not paused. */
  resume(id: string): Job {
    const job = this.find(id)
    if (job.state !== 'paused') throw invalid(job, 'state')
    this.parts.hostOf(job.request)
    this.write(job, { state: 'queued' })
    this.pump()
    return this.find(id)
  }

  /**
   * The same request again, as the next attempt of the same job. `replaces` is the digest that the user agreed by now to
   * cover. INPUT_INVALID where the job neither failed nor was ended.
   */
  retry(id: string, replaces?: string): Job {
    const job = this.find(id)
    if (!isEnded(job.state) || job.state === 'succeeded') throw invalid(job, 'state')
    if (replaces !== undefined && !isDigest(replaces)) throw invalid(job, 'replaces')
    const again = nextAttempt(job, this.parts.hostOf(job.request), replaces)
    this.parts.table.save(again)
    this.jobs.delete(id) // To the end of the line.
    this.jobs.set(id, again)
    this.parts.emit('job:changed', again)
    this.pump()
    return again
  }

  /** Takes an ended job out of the history. INPUT_INVALID where it has not ended. */
  forget(id: string): void {
    const job = this.find(id)
    if (!isEnded(job.state)) throw invalid(job, 'state')
    this.drop([id])
  }

  forgetEnded(): void {
    this.drop(this.ended().map((job) => job.id))
  }

  /** What the far side said, newest last, at most 2,000 lines; only of jobs of this run of the program. */
  log(id: string): string[] {
    return this.logs.get(this.find(id).id)?.read() ?? []
  }

  /** Ends what runs, which is then interrupted and can be retried; what waits stays for the next start. */
  async stop(): Promise<void> {
    this.stopping = true
    const running = [...this.runs.values()]
    for (const run of running) run.abort('stop')
    let timer: NodeJS.Timeout | undefined
    const timeUp = new Promise<void>((done) => (timer = setTimeout(done, stopPatience)))
    await Promise.race([Promise.all(running.map((run) => run.done)), timeUp])
    clearTimeout(timer)
    for (const [id, run] of this.runs) {
      this.parts.log.warn('a job does not end in time', { id })
      run.hush()
      const job = this.find(id)
      this.end(job, outcomeOfStop(job), run)
    }
    this.runs.clear()
    this.tick()
  }

  private pump(): void {
    if (this.stopping) return
    const all = [...this.jobs.values()]
    const queued = all.filter((job) => job.state === 'queued')
    const running = all.filter((job) => job.state === 'running')
    for (const job of startable(queued, running, this.limits)) this.launch(job)
    this.tick()
  }

  private launch(job: Job): void {
    const run = new Run(job.progress, this.now, (persist) => this.tell(job.id, run, persist))
    this.runs.set(job.id, run)
    this.write(job, {
      state: 'running',
      startedAt: job.startedAt ?? this.now(),
      progress: run.progress,
    })
    run.done = this.execute(job, run)
  }

  private async execute(job: Job, run: Run): Promise<void> {
    const ring = this.logs.get(job.id) ?? new LineRing()
    this.logs.set(job.id, ring)
    const active = (): boolean => this.runs.get(job.id) === run
    let outcome: Outcome
    try {
      const result = await runRequest(this.parts.runners, job.request, {
        id: job.id,
        isContinued: job.startedAt !== null || job.attempt > 1,
        signal: run.controller.signal,
        report: (progress) => active() && run.report(progress),
        log: (line) => ring.add(line),
      })
      outcome = { state: 'succeeded', result, error: null }
    } catch (thrown) {
      outcome = outcomeOfError(job, toAppError(thrown), run)
      this.parts.log.info('a job did not succeed', { id: job.id, kind: job.request.kind, ...outcome })
    }
    if (!active()) return
    run.hush()
    this.runs.delete(job.id)
    this.end(this.find(job.id), outcome, run)
    this.pump()
  }

  private end(job: Job, outcome: Outcome, run?: Run): void {
    const { state, result = null } = outcome
    const context = contextOf(job)
    const error = outcome.error?.with(context).toInfo() ?? null
    const last = run?.progress ?? job.progress
    const phase = state === 'succeeded' ? 'done' : state === 'queued' ? 'waiting' : last.phase
    const ended = isEnded(state)
    const endedAt = ended ? this.now() : null
    this.write(job, { state, result, error, progress: { ...last, phase }, bytesPerSecond: null, endedAt })
    if (!ended) return
    this.parts.onEnded?.(this.find(job.id))
    this.prune()
  }

  private tell(id: string, run: Run, persist: boolean): void {
    const job = this.find(id)
    const bytesPerSecond = run.speed.at(this.now())
    const next = { ...job, progress: run.progress, bytesPerSecond, revision: job.revision + 1 }
    if (persist) this.store(next)
    this.jobs.set(id, next)
    this.parts.emit('job:changed', next)
  }

  private write(job: Job, change: Partial<Job>): void {
    const next = { ...job, ...change, revision: job.revision + 1 }
    this.store(next)
    this.jobs.set(job.id, next)
    this.parts.emit('job:changed', next)
  }

  /** A state that cannot be stored is still true: it is told, and the failure goes to the log. */
  private store(job: Job): void {
    try {
      this.parts.table.save(job)
    } catch (error) {
      this.parts.log.error('a job cannot be stored', { id: job.id, state: job.state, error })
    }
  }

  /** While jobs run, a speed that nothing feeds any more sinks before the user's eyes. */
  private tick(): void {
    if (this.runs.size > 0) {
      this.ticker ??= setInterval(() => {
        for (const [id, run] of this.runs) {
          if (run.speed.at(this.now()) !== this.find(id).bytesPerSecond) run.touch()
        }
      }, 1000).unref()
    } else if (this.ticker) {
      clearInterval(this.ticker)
      this.ticker = null
    }
  }

  private ended(): Job[] {
    return [...this.jobs.values()].filter((job) => isEnded(job.state))
  }

  private prune(): void {
    const ended = this.ended().sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))
    for (const job of ended.slice(logLimit)) this.logs.delete(job.id)
    if (ended.length > historyLimit) this.drop(ended.slice(historyLimit).map((job) => job.id))
  }

  private drop(ids: string[]): void {
    if (ids.length === 0) return
    this.parts.table.remove(ids)
    for (const id of ids) {
      this.parts.onForgotten?.(this.find(id))
      this.jobs.delete(id)
      this.logs.delete(id)
    }
    this.parts.emit('job:forgotten', { ids })
  }

  private find(id: string): Job {
    const job = this.jobs.get(id)
    if (!job) throw new AppError('JOB_UNKNOWN', { side: 'program' })
    return job
  }
}

const contextOf = ({ request, host }: Job): ErrorContext =>
  isPoolRequest(request)
    ? { pool: host, deployment: request.kind === 'deploy' ? request.spec.name : request.name }
    : { registryId: request.registryId, host }

const invalid = (job: Job, field: string): AppError =>
  new AppError('INPUT_INVALID', { side: 'program', host: job.host, field })
