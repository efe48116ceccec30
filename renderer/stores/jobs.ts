import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { ErrorInfo } from '@shared/error'
import { type Job, type JobRequest, isEnded } from '@shared/job'
import { call, on } from '@/api'
import { errorInfoOf } from '@/call-error'

const newestFirst = (a: Job, b: Job): number =>
  b.createdAt - a.createdAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)

/** Every job that main keeps, as last told; a snapshot older than the one at hand is dropped. */
export const useJobsStore = defineStore('jobs', () => {
  const known = shallowRef<ReadonlyMap<string, Job>>(new Map())
  const status = ref<'loading' | 'ready' | 'failed'>('loading')
  const error = ref<ErrorInfo | null>(null)
  // A snapshot that was under way when its job was forgotten must not bring it back.
  const forgotten = new Set<string>()

  const jobs = computed(() => [...known.value.values()].sort(newestFirst))
  /** Queued, running or paused. */
  const running = computed(() => jobs.value.filter((job) => !isEnded(job.state)))
  /** Of these, what is not paused. */
  const moving = computed(() => running.value.filter((job) => job.state !== 'paused'))
  const byId = (id: string): Job | undefined => known.value.get(id)

  function take(...snapshots: Job[]): void {
    const fresh = snapshots.filter(
      (job) => !forgotten.has(job.id) && job.revision >= (known.value.get(job.id)?.revision ?? -1),
    )
    if (fresh.length === 0) return
    const next = new Map(known.value)
    for (const job of fresh) next.set(job.id, job)
    known.value = next
  }

  function drop(ids: readonly string[]): void {
    for (const id of ids) forgotten.add(id)
    const next = new Map(known.value)
    for (const id of ids) next.delete(id)
    known.value = next
  }

  on('job:changed', (job) => take(job))
  on('job:forgotten', ({ ids }) => drop(ids))

  /** Asks main for all jobs again; a failure stays in `error`. */
  async function load(): Promise<void> {
    try {
      take(...(await call('job:list', undefined)))
      status.value = 'ready'
      error.value = null
    } catch (thrown) {
      status.value = 'failed'
      error.value = errorInfoOf(thrown)
    }
  }

  async function enqueue(request: JobRequest): Promise<Job> {
    const job = await call('job:enqueue', request)
    take(job)
    return job
  }

  async function cancel(id: string): Promise<void> {
    take(await call('job:cancel', { id }))
  }

  /** Stops a job of a resumable kind where it is. */
  async function pause(id: string): Promise<void> {
    take(await call('job:pause', { id }))
  }

  /** Lets a paused job go on from where the registry stands. */
  async function resume(id: string): Promise<void> {
    take(await call('job:resume', { id }))
  }

  /** The same request again; `replaces` is the digest that the user now agreed to cover. */
  async function retry(id: string, replaces?: string | null): Promise<void> {
    take(await call('job:retry', { id, replaces: replaces ?? null }))
  }

  async function forget(id: string): Promise<void> {
    await call('job:forget', { id })
    drop([id])
  }

  /** Main answers with `job:forgotten`, which says which ones went. */
  async function forgetEnded(): Promise<void> {
    await call('job:forget-ended', undefined)
  }

  /** What the far side printed for a job, newest line last. */
  function log(id: string): Promise<string[]> {
    return call('job:log', { id })
  }

  return {
    jobs,
    running,
    moving,
    status,
    error,
    byId,
    load,
    enqueue,
    cancel,
    pause,
    resume,
    retry,
    forget,
    forgetEnded,
    log,
  }
})
