// Long because every way through a job’s states is told against one queue.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Emit } from '@shared/contract'
import { AppError } from '@shared/error'
import type { Job, JobRequest, JobResult, Progress } from '@shared/job'
import { JobQueue } from '../../../electron/jobs/queue'
import type { RunContext, Runners } from '../../../electron/jobs/runner'
import { silentLog } from '../../../electron/log'
import { archivePushOf, deleteOf, digestA, digestB, jobOf, pushOf } from './samples'

/** A runner's call, to be ended by the test. */
interface Call extends RunContext {
  tag: string
  succeed: (result: JobResult) => void
  fail: (error: unknown) => void
}

const result: JobResult = { digest: digestA, references: ['registry.example.com/727524/nginx:v1'] }
let rows: Map<string, Job>
let told: Job[]
let forgotten: string[]
let calls: Call[]
let left: string[]

const emit: Emit = (name, payload) => {
  if (name === 'job:changed') told.push(payload as Job)
  if (name === 'job:forgotten') forgotten.push(...(payload as { ids: string[] }).ids)
}

function makeQueue(): JobQueue {
  const run = (request: JobRequest, context: RunContext): Promise<JobResult> =>
    new Promise((succeed, fail) =>
      calls.push({ ...context, tag: 'tag' in request ? request.tag : '', succeed, fail }),
    )
  const runners: Runners = {
    push: run,
    pull: run,
    delete: run,
    'archive-push': run,
    'resumable-push': run,
    copy: run,
    'delete-tags': run,
    restore: run,
    deploy: run,
    'deployment-action': run,
  }
  const table = {
    all: () => [...rows.values()],
    save: (job: Job) => void rows.set(job.id, job),
    remove: (ids: readonly string[]) => ids.forEach((id) => rows.delete(id)),
  }
  const hostOf = (request: JobRequest): string => {
    if ('poolId' in request) return 'pool'
    if (request.registryId === 'r') return 'registry.example.com'
    throw new AppError('REGISTRY_UNKNOWN', { registryId: request.registryId })
  }
  return new JobQueue({
    table,
    runners,
    hostOf,
    emit,
    log: silentLog,
    onEnded: ({ state }) => left.push(state),
    onForgotten: ({ id }) => left.push(`forgotten ${id}`),
  })
}

const call = (index: number): Call => {
  const found = calls[index]
  if (!found) throw new Error(`no call ${index}`)
  return found
}
const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)
const states = (id: string): string[] => told.filter((job) => job.id === id).map((job) => job.state)
const pushing = (completed: number): Progress => ({ phase: 'pushing', completed, total: 1000, parts: [] })

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  rows = new Map()
  told = []
  forgotten = []
  calls = []
  left = []
})
afterEach(() => vi.useRealTimers())

describe('JobQueue', () => {
  it('answers a queued job at once, runs it, and tells each state after storing it', async () => {
    const queue = makeQueue()
    const job = queue.enqueue(pushOf())
    expect(job).toMatchObject({ state: 'queued', attempt: 1, host: 'registry.example.com' })
    expect(rows.get(job.id)?.state).toBe('running')
    call(0).report(pushing(1000))
    call(0).succeed(result)
    await settled()
    expect(states(job.id)).toEqual(['queued', 'running', 'running', 'succeeded'])
    expect(queue.list()).toEqual([rows.get(job.id)])
    expect(rows.get(job.id)).toMatchObject({
      state: 'succeeded',
      result,
      progress: { phase: 'done', completed: 1000 },
      bytesPerSecond: null,
    })
    const revisions = told.map((one) => one.revision)
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b))
    expect(new Set(revisions).size).toBe(revisions.length)
  })

  it('refuses a request for an unknown registry and stores nothing', () => {
    expect(() => makeQueue().enqueue(pushOf({ registryId: 'gone' }))).toThrow(
      expect.objectContaining({ code: 'REGISTRY_UNKNOWN' }),
    )
    expect(rows.size).toBe(0)
  })

  it('says why a job failed, and for which registry', async () => {
    const queue = makeQueue()
    const { id } = queue.enqueue(pushOf())
    call(0).fail(new AppError('DENIED', { side: 'engine' }, { detail: 'requested access is denied' }))
    await settled()
    expect(rows.get(id)).toMatchObject({
      state: 'failed',
      error: {
        code: 'DENIED',
        context: { side: 'engine', registryId: 'r', host: 'registry.example.com' },
        detail: 'requested access is denied',
      },
    })
  })

  it('tells at most ten snapshots a second, and always the last', async () => {
    const queue = makeQueue()
    const { id } = queue.enqueue(pushOf())
    told = []
    for (let bytes = 1; bytes <= 1000; bytes += 1) {
      call(0).report(pushing(bytes))
      await vi.advanceTimersByTimeAsync(1)
    }
    await vi.advanceTimersByTimeAsync(100)
    expect(told.length).toBeGreaterThanOrEqual(9)
    expect(told.length).toBeLessThanOrEqual(11)
    expect(told.at(-1)).toMatchObject({ id, progress: { completed: 1000 } })
    expect(told.at(-1)?.bytesPerSecond).toBeGreaterThan(800)
    expect(rows.get(id)?.progress.completed).toBe(0)
    await vi.advanceTimersByTimeAsync(1000)
    call(0).report(pushing(1000))
    await vi.advanceTimersByTimeAsync(100)
    expect(rows.get(id)?.progress.completed).toBe(1000)
  })

  it('lets the shown speed sink when nothing comes any more', async () => {
    makeQueue().enqueue(pushOf())
    call(0).report(pushing(0))
    await vi.advanceTimersByTimeAsync(1000)
    call(0).report(pushing(1000))
    await vi.advanceTimersByTimeAsync(8000)
    expect(told.at(-1)?.bytesPerSecond).toBe(0)
  })

  it('cancels what waits at once, and what runs when its runner has ended', async () => {
    const queue = makeQueue()
    const first = queue.enqueue(pushOf())
    const second = queue.enqueue(pushOf())
    expect(queue.cancel(second.id)).toMatchObject({ state: 'cancelled', error: null })
    expect(queue.cancel(first.id).state).toBe('running')
    expect(call(0).signal.aborted).toBe(true)
    call(0).fail(new AppError('CANCELLED'))
    await settled()
    expect(queue.list().map((job) => [job.state, job.error])).toEqual([
      ['cancelled', null],
      ['cancelled', null],
    ])
    expect(calls).toHaveLength(1)
  })

  it('runs two pushes to the same tag one after another', async () => {
    const queue = makeQueue()
    queue.enqueue(pushOf())
    const second = queue.enqueue(pushOf())
    expect(calls).toHaveLength(1)
    call(0).succeed(result)
    await settled()
    expect(calls).toHaveLength(2)
    expect(rows.get(second.id)?.state).toBe('running')
  })

  it('tries again as the same job, with the digest that the user agreed to cover', async () => {
    const queue = makeQueue()
    const { id } = queue.enqueue(pushOf())
    call(0).fail(new AppError('TAG_EXISTS', { digest: digestB }))
    await settled()
    const again = queue.retry(id, digestB)
    expect(again).toMatchObject({
      id,
      state: 'queued',
      attempt: 2,
      error: null,
      request: { replaces: digestB },
    })
    // What failed may have been carried out all the same.
    expect(calls.map(({ isContinued }) => isContinued)).toEqual([false, true])
    call(1).succeed(result)
    await settled()
    expect(rows.get(id)).toMatchObject({ state: 'succeeded', attempt: 2 })
    expect(() => queue.retry(id)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }))
    expect(() => queue.retry('unknown')).toThrow(expect.objectContaining({ code: 'JOB_UNKNOWN' }))
  })

  it('finds what a crash left: running jobs are interrupted and can be tried again, waiting ones run', async () => {
    rows.set('running', jobOf({ id: 'running', state: 'running', request: pushOf({ tag: 'a' }) }))
    rows.set('waiting', jobOf({ id: 'waiting', request: pushOf({ tag: 'b' }) }))
    const queue = makeQueue()
    queue.start()
    expect(rows.get('running')).toMatchObject({ state: 'interrupted', error: { code: 'INTERRUPTED' } })
    expect(calls.map((one) => one.tag)).toEqual(['b'])
    queue.retry('running')
    expect(calls.map((one) => one.tag)).toEqual(['b', 'a'])
    await settled()
  })

  it('ends with the program: what runs is interrupted, what waits stays', async () => {
    const queue = makeQueue()
    const first = queue.enqueue(pushOf())
    const second = queue.enqueue(pushOf())
    const stopped = queue.stop()
    expect(call(0).signal.aborted).toBe(true)
    call(0).fail(new AppError('CANCELLED'))
    await stopped
    expect(rows.get(first.id)).toMatchObject({ state: 'interrupted', error: { code: 'INTERRUPTED' } })
    expect(rows.get(second.id)?.state).toBe('queued')
  })

  it('does not wait for ever for a runner that does not end', async () => {
    const queue = makeQueue()
    const { id } = queue.enqueue(pushOf())
    const stopped = queue.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    await stopped
    expect(rows.get(id)?.state).toBe('interrupted')
    call(0).succeed(result)
    await settled()
    expect(rows.get(id)?.state).toBe('interrupted')
  })

  it('forgets only what has ended', async () => {
    const queue = makeQueue()
    const first = queue.enqueue(deleteOf({ tag: 'a' }))
    const second = queue.enqueue(deleteOf({ tag: 'b' }))
    expect(() => queue.forget(first.id)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }))
    call(0).succeed(result)
    await settled()
    queue.forgetEnded()
    expect(forgotten).toEqual([first.id])
    expect([...rows.keys()]).toEqual([second.id])
  })

  it('keeps the last 2,000 lines of the raw log, none of them endless', async () => {
    const queue = makeQueue()
    const { id } = queue.enqueue(pushOf())
    for (let line = 1; line <= 5000; line += 1) call(0).log(`line ${line}`)
    call(0).log('x'.repeat(100_000))
    const log = queue.log(id)
    expect(log).toHaveLength(2000)
    expect(log.at(-2)).toBe('line 5000')
    expect(log.at(-1)?.length).toBe(1000)
  })
})

describe('a resumable job', () => {
  it('is paused once its runner has ended, and goes on with the bytes that it had', async () => {
    const queue = makeQueue()
    const { id } = queue.enqueue(archivePushOf())
    call(0).report(pushing(500))
    expect(queue.pause(id).state).toBe('running')
    expect(call(0).signal.aborted).toBe(true)
    call(0).fail(new AppError('CANCELLED'))
    await settled()
    expect(rows.get(id)).toMatchObject({
      state: 'paused',
      error: null,
      endedAt: null,
      progress: { completed: 500 },
    })
    expect(left).toEqual([])
    expect(queue.resume(id).state).toBe('running')
    expect(call(1).id).toBe(id)
    expect(rows.get(id)?.progress).toMatchObject({ phase: 'preparing', completed: 500 })
    expect(rows.get(id)?.attempt).toBe(1)
    call(1).succeed(result)
    await settled()
    expect(rows.get(id)?.state).toBe('succeeded')
    expect(left).toEqual(['succeeded'])
  })

  it('is paused at once while it waits, and lets the next one run', () => {
    const queue = makeQueue()
    const first = queue.enqueue(archivePushOf())
    const second = queue.enqueue(archivePushOf())
    const third = queue.enqueue(archivePushOf())
    expect(queue.pause(second.id).state).toBe('paused')
    expect(
      queue
        .list()
        .map(({ state }) => state)
        .sort(),
    ).toEqual(['paused', 'queued', 'running'])
    expect(queue.cancel(second.id).state).toBe('cancelled')
    expect([first, third].map(({ id }) => rows.get(id)?.state)).toEqual(['running', 'queued'])
  })

  it('cannot be paused where its kind cannot go on, nor resumed where it is not paused', () => {
    const queue = makeQueue()
    const push = queue.enqueue(pushOf({ tag: 'a' }))
    const archive = queue.enqueue(archivePushOf())
    const refused = expect.objectContaining({ code: 'INPUT_INVALID' }) as Error
    expect(() => queue.pause(push.id)).toThrow(refused)
    expect(() => queue.resume(archive.id)).toThrow(refused)
    expect(call(0).signal.aborted).toBe(false)
  })

  it('goes on by itself after the program has died, unless it was paused', async () => {
    const begun = { ...pushing(700), phase: 'pushing' as const }
    const running = jobOf({ id: 'running', state: 'running', request: archivePushOf(), progress: begun })
    rows.set('running', running)
    const request = archivePushOf({ tag: 'v2' })
    rows.set('paused', jobOf({ id: 'paused', state: 'paused', request }))
    const queue = makeQueue()
    queue.start()
    expect(calls.map(({ id }) => id)).toEqual(['running'])
    expect(rows.get('running')).toMatchObject({ state: 'running', progress: { completed: 700 } })
    expect(rows.get('paused')?.state).toBe('paused')
    queue.resume('paused')
    expect(calls.map(({ id }) => id)).toEqual(['running', 'paused'])
    await settled()
  })

  it('waits for the next start when the program ends, and stays paused where it was being paused', async () => {
    const queue = makeQueue()
    const first = queue.enqueue(archivePushOf())
    const second = queue.enqueue(archivePushOf({ tag: 'v2' }))
    queue.pause(second.id)
    const stopped = queue.stop()
    for (const { fail } of calls) fail(new AppError('CANCELLED'))
    await stopped
    expect(rows.get(first.id)).toMatchObject({ state: 'queued', error: null, endedAt: null })
    expect(rows.get(second.id)?.state).toBe('paused')
  })

  it('may still be cancelled while it is being paused', async () => {
    const queue = makeQueue()
    const { id } = queue.enqueue(archivePushOf())
    queue.pause(id)
    queue.cancel(id)
    call(0).fail(new AppError('CANCELLED'))
    await settled()
    expect(rows.get(id)?.state).toBe('cancelled')
    queue.forget(id)
    expect(left).toEqual(['cancelled', `forgotten ${id}`])
  })

  it('takes the digest that the user agreed to cover with another attempt', async () => {
    const queue = makeQueue()
    const { id } = queue.enqueue(archivePushOf())
    call(0).fail(new AppError('TAG_EXISTS'))
    await settled()
    expect(queue.retry(id, digestB).request).toMatchObject({ kind: 'archive-push', replaces: digestB })
  })
})
