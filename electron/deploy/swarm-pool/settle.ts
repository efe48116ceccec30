/** Waiting for what a swarm does with a service, and seeing when it does not. */
import { AppError } from '@shared/error'
import type { DeploymentSpec } from '@shared/deployment'
import { pause } from '../../engine/deadline'
import { inspectContainer } from '../engine-pool/inspected'
import type { Job } from '../engine-pool/job'
import type { SwarmApi } from './api'
import { containerOf } from './containers'
import { errorOfTask, errorOfWaiting, hasFailed } from './error'
import { isCurrent } from './instances'
import { lastLines } from './last-lines'
import { replicasOf, type Service, type Task } from './objects'
import type { Times } from './times'

export interface Watched {
  api: SwarmApi
  job: Job
  times: Times
  spec: DeploymentSpec
  serviceId: string
  /** Tasks that were there before the change: what becomes of them says nothing about it. */
  before: ReadonlySet<string>
}

// What has been begun on the swarm is followed to its end, whatever the user wants by then.
const always = new AbortController().signal

export class Watcher {
  readonly #watched: Watched
  /** When a task was first seen as it is: the engine's clock may not be ours. */
  readonly #seen = new Map<string, number>()

  constructor(watched: Watched) {
    this.#watched = watched
  }

  /**
   * Resolves with the service once as many instances as it wants have run for a moment; with a health check, a swarm calls a task
   * running when it has passed. Rejects with why the first task failed, or found no node.
   */
  async running(): Promise<Service> {
    const { api, job, times, serviceId } = this.#watched
    for (;;) {
      const service = await api.service(serviceId, job.signal)
      const tasks = await api.tasks(serviceId, job.signal)
      const fault = await this.#fault(service, tasks, false)
      if (fault) throw fault
      this.#tell(tasks)
      const running = tasks.filter(
        (task) =>
          task.DesiredState === 'running' && task.Status.State === 'running' && isCurrent(task, service),
      )
      const steady = running.filter((task) => this.#lasted(task) >= times.steady)
      if (steady.length >= replicasOf(service.Spec)) return service
      await this.#wait(job.signal)
      job.check()
    }
  }

  /**
   * Resolves with the service once the update that was begun is complete. Where it fails, or is no longer wanted, it resolves
   * to that only after the swarm has put the former specification back: rejects with why.
   */
  async updated(): Promise<Service> {
    const { api, job, serviceId } = this.#watched
    let fault: AppError | null = null
    let asked = false
    for (;;) {
      const service = await api.service(serviceId, always)
      const state = service.UpdateStatus?.State ?? ''
      if (state === 'rollback_completed' || state === 'rollback_paused' || state === 'paused') {
        const detail = service.UpdateStatus?.Message ?? state
        throw fault ?? new AppError('NOT_HEALTHY', { side: 'pool' }, { detail })
      }
      const tasks = await api.tasks(serviceId, always)
      if (state !== 'rollback_started') {
        this.#tell(tasks)
        fault ??= await this.#fault(service, tasks, true)
        if (job.signal.aborted) fault ??= new AppError('CANCELLED', { side: 'pool' })
        if (state === 'completed' && fault === null) return service
        // Of a task that failed the swarm hears by itself; of what never fails, or is not part of the update, it does not.
        const isOurs =
          fault !== null && (state === 'completed' || fault.code === 'CANCELLED' || isEndless(tasks))
        if (isOurs && !asked) {
          asked = true
          job.log('the swarm is asked to put the former specification back')
          await this.rollBack(service)
        }
      } else {
        job.tell('switching')
        // The failed task is known only to the specification that was put aside.
        fault ??= await this.#faultBefore(tasks, service)
      }
      await this.#wait(always)
    }
  }

  /** Has the swarm put back what was before; a service that changed meanwhile is read again. */
  async rollBack(service: Service): Promise<void> {
    const { api, serviceId } = this.#watched
    try {
      await api.update(service, service.Spec, always, { rollback: true })
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'DEPLOYMENT_CHANGED') throw error
      const now = await api.service(serviceId, always)
      if (now.UpdateStatus?.State?.startsWith('rollback')) return
      await api.update(now, now.Spec, always, { rollback: true })
    }
  }

  /** Why a task of the service as it is now failed or is not placed; null: nothing of that. */
  async #fault(service: Service, tasks: readonly Task[], updating: boolean): Promise<AppError | null> {
    const { before, times } = this.#watched
    const mine = tasks.filter((task) => !before.has(task.ID) && isCurrent(task, service))
    const failed = mine
      .filter((task) => hasFailed(task) && (updating || task.DesiredState !== 'remove'))
      .at(-1)
    if (failed) return this.#told(failed)
    const waiting = mine.find((task) => isUnplaced(task) && this.#lasted(task) >= times.unplaced)
    return waiting ? errorOfWaiting(waiting) : null
  }

  async #faultBefore(tasks: readonly Task[], service: Service): Promise<AppError | null> {
    const { before } = this.#watched
    const failed = tasks
      .filter((task) => !before.has(task.ID) && hasFailed(task) && !isCurrent(task, service))
      .at(-1)
    return failed ? this.#told(failed) : null
  }

  async #told(task: Task): Promise<AppError> {
    const { api, job, spec } = this.#watched
    const [lines, nodes] = await Promise.all([
      lastLines(api, task, (text) => job.clean(text), always),
      api.nodes(always).catch(() => []),
    ])
    const node = nodes.find(({ ID }) => ID === task.NodeID)?.Description?.Hostname ?? null
    const said = await this.#healthSaid(task)
    const error = errorOfTask(task, { node, lines: [...said, ...lines], delivery: spec.image.delivery })
    const detail = job.clean(error.detail ?? '')
    for (const line of detail.split('\n')) job.log(line)
    return new AppError(error.code, { deployment: spec.name, ...error.context }, { detail })
  }

  /** What its health check said last, where its engine is within reach. */
  async #healthSaid(task: Task): Promise<string[]> {
    const found = /unhealthy/.test(task.Status.Err ?? '')
      ? containerOf(this.#watched.job.connection, task)
      : null
    if (!found) return []
    const container = await inspectContainer(found.docker, found.containerId).catch(() => null)
    // The last one may have been cut off by the stop, and then says nothing.
    const said = (container?.State.Health?.Log ?? [])
      .map(({ Output }) => Output?.trim())
      .filter(Boolean)
      .at(-1)
    return said ? [`Health check: ${this.#watched.job.clean(said).slice(0, 500)}`] : []
  }

  #tell(tasks: readonly Task[]): void {
    const { before, job } = this.#watched
    const states = new Set(tasks.filter(({ ID }) => !before.has(ID)).map(({ Status }) => Status.State))
    if (states.has('preparing')) job.tell('pulling')
    else if (states.has('starting')) job.tell('health')
    else job.tell('starting')
  }

  /** How long a task has been seen in the state that it is in; milliseconds. */
  #lasted(task: Task): number {
    const key = `${task.ID} ${task.Status.State} ${isUnplaced(task)}`
    const now = performance.now()
    const since = this.#seen.get(key) ?? now
    this.#seen.set(key, since)
    return now - since
  }

  #wait(signal: AbortSignal): Promise<void> {
    return pause(this.#watched.times.interval, signal)
  }
}

const isUnplaced = ({ Status, DesiredState }: Task): boolean =>
  Status.State === 'pending' && DesiredState === 'running' && Boolean(Status.Err)

/** Whether a task waits for a node that may never come. */
const isEndless = (tasks: readonly Task[]): boolean => tasks.some(isUnplaced)
