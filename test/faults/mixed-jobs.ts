/** Jobs of every kind, one after the other, each held against the registry at its end; those that fail are tried again. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '@shared/error'
import { isEnded, type Job, type JobRequest, resumableKinds } from '@shared/job'
import { until } from '../lab/until'
import type { Accepted, Oracle } from './oracle'
import type { Random } from './random'
import { type Kind, type World } from './world'

const mixed: readonly Kind[] = [
  ...(['copy', 'archive-push', 'push', 'resumable-push'] as const),
  ...(['pull', 'delete', 'delete-tags', 'retag', 'rename'] as const),
]
const attempts = 8
/** Far longer than any of these jobs takes, milliseconds: behind it something hangs. */
const patience = 600_000

export class MixedJobs {
  /** Those that were accepted, with how they ended first. */
  readonly accepted: Accepted[] = []
  readonly ends = new Map<string, number>()
  /** Repositories whose job failed, and how often: a deletion that fails puts back what it had taken. */
  readonly failures = new Map<string, number>()
  private count = 0

  constructor(
    private readonly world: World,
    private readonly oracle: Oracle,
    private readonly random: Random,
    private readonly seed: number,
  ) {}

  /** One job from its request to an end that is held against the registry; a deletion is also undone. */
  async one(): Promise<void> {
    const { oracle, world } = this
    const number = (this.count += 1)
    const kind = mixed[number % mixed.length] ?? 'copy'
    const request = await world.request(kind, `m${this.seed}-${number}-${kind}`, 300_000)
    const job = await this.toItsEnd(request)
    if (kind === 'delete' && job?.state === 'succeeded') await this.restore(request)
    // An image that has lost its own name meanwhile keeps the push's: Slipway never takes the last one away.
    if (request.kind === 'push' && !(await oracle.withoutTemporaryNames(request.repository)))
      oracle.count('leaked', `${request.repository}: the name of the push stayed at the engine`)
    await world.tidy([request])
    if ('repository' in request)
      for (const { storage } of [world.source, world.target])
        rmSync(join(storage.root, 'docker/registry/v2/repositories', request.repository), {
          ...{ recursive: true, force: true },
        })
    if (job && this.random.next() < 0.2) await world.program.call('job:forget', { id: job.id })
  }

  private async restore(request: JobRequest): Promise<void> {
    if (request.kind !== 'delete') return
    const { registryId, repository, tag, digest } = request
    const kept = await this.world.program.call('deleted:list', { registryId, repository })
    if (!kept.some((one) => one.tag === tag && one.digest === digest))
      return this.oracle.count('lost', `${repository}: a deleted tag is not kept`)
    await this.toItsEnd({ kind: 'restore', registryId, repository, tag, digest, replaces: null })
  }

  private async toItsEnd(request: JobRequest): Promise<Job | null> {
    const { oracle, world } = this
    const { id } = await world.program.call('job:enqueue', request)
    this.accepted.push({ id, request })
    if (resumableKinds.includes(request.kind) && this.random.next() < 0.15) await this.interfere(id)
    for (let attempt = 1; ; attempt += 1) {
      const job = await this.ended(id, request)
      if (!job) return null
      await oracle.jobs([{ id, request }], [job])
      const end = job.error ? `${job.state} ${job.error.code}` : job.state
      this.ends.set(`${request.kind} ${end}`, (this.ends.get(`${request.kind} ${end}`) ?? 0) + 1)
      if (job.state === 'succeeded' || isGone(job)) return job
      if ('repository' in request)
        this.failures.set(request.repository, (this.failures.get(request.repository) ?? 0) + 1)
      if (attempt === attempts) {
        oracle.count('lost', `${request.kind}: not done after ${attempts} attempts: ${describe(job)}`)
        return job
      }
      await pause(200 + this.random.below(1500))
      await world.program.call('job:retry', { id, replaces: null })
    }
  }

  /** Pauses and goes on, or cancels: the job may be over before, which is no fault. */
  private async interfere(id: string): Promise<void> {
    const { program } = this.world
    await pause(this.random.below(800))
    const isPaused = this.random.next() < 0.7
    const said = program.call(isPaused ? 'job:pause' : 'job:cancel', { id })
    if ((await said.catch(tooLate)) === null || !isPaused) return
    await until('paused or over', () => {
      const state = program.told.get(id)?.state
      return state !== undefined && (state === 'paused' || isEnded(state))
    })
    await pause(this.random.below(500))
    await program.call('job:resume', { id }).catch(tooLate)
  }

  private async ended(id: string, { kind }: JobRequest): Promise<Job | null> {
    const { program } = this.world
    const end = async (): Promise<Job | null> => {
      const told = program.told.get(id)
      if (!told || !isEnded(told.state)) return null
      return (await program.jobs()).find((job) => job.id === id && isEnded(job.state)) ?? null
    }
    try {
      return await until('its end', end, { timeout: patience, interval: 60 })
    } catch {
      const job = (await program.jobs()).find((one) => one.id === id)
      this.oracle.count('lost', `${kind}: no end after ${patience / 1000} s: ${job ? describe(job) : 'gone'}`)
      return null
    }
  }
}

/** A deletion whose first attempt went through and was not answered finds nothing to delete. */
const isGone = ({ request, error }: Job): boolean =>
  request.kind.startsWith('delete') && error?.code === 'MANIFEST_UNKNOWN'

const describe = ({ state, progress, error }: Job): string =>
  `${state}, ${progress.phase}, ${JSON.stringify(error)}`

function tooLate(error: unknown): null {
  if (error instanceof AppError && error.code !== 'INTERNAL') return null
  throw error
}
