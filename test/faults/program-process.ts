import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { CallInput, CallName, CallOutput, EventPayload, Result } from '@shared/contract'
import { AppError, type ErrorInfo } from '@shared/error'
import { isEnded, type Job } from '@shared/job'
import { undoLater } from '../lab/undo'
import { until } from '../lab/until'
import { bundleOfProgram } from './bundle'

/** What a process is told to be. */
export interface Order {
  /** Its data folder. */
  folder: string
  engineHost: string
  /** `file`: one that a kill leaves. */
  keychain: 'memory' | 'system' | 'file'
  /** Milliseconds by which its clock is off. */
  clock: number
  /** Added to its environment. */
  env?: Record<string, string>
}

interface Message {
  id?: number
  result?: Result<unknown>
  event?: string
  payload?: unknown
  uncaught?: string
  ready?: true
}

/** The program's services in a process of their own. */
export class ProgramProcess {
  /** Every snapshot of a job that its window would have got, the last of each. */
  readonly told = new Map<string, Job>()
  /** Logs that it followed and that have ended: why, by the stream's id. */
  readonly endedLogs = new Map<string, ErrorInfo | null>()
  /** Errors that nothing in the program took. */
  readonly uncaught: string[] = []
  private readonly waiting = new Map<number, (result: Result<unknown>) => void>()
  private readonly gone: Promise<number | null>
  private count = 0
  private isGone = false

  private constructor(
    private readonly child: ChildProcess,
    undo: { done(): void },
  ) {
    this.gone = new Promise((done) => child.once('exit', (code) => done(code)))
    void this.gone.then(() => {
      this.isGone = true
      for (const answer of this.waiting.values())
        answer({ ok: false, error: new AppError('INTERRUPTED').toInfo() })
      undo.done()
    })
  }

  /** Starts it, and waits until it takes calls. Fails where it ends instead. */
  static async start(order: Order): Promise<ProgramProcess> {
    const script = await bundleOfProgram()
    mkdirSync(order.folder, { recursive: true })
    const output = openSync(`${order.folder}.out`, 'a')
    const child = spawn(process.execPath, [script], {
      env: { ...process.env, ...order.env, FAULTS_ORDER: JSON.stringify(order) },
      stdio: ['ignore', output, output, 'ipc'],
    })
    closeSync(output)
    const made = new ProgramProcess(child, undoLater(['kill', '-KILL', String(child.pid)]))
    await new Promise<void>((done, fail) => {
      child.once('exit', (code, signal) => fail(new Error(`the program ended with ${code ?? signal}`)))
      child.on('message', (message: Message) => {
        if (message.ready) done()
        made.take(message)
      })
    })
    return made
  }

  /** Calls it as the window does; fails with the AppError of the answer, INTERRUPTED where it has ended. */
  async call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
    const id = (this.count += 1)
    if (this.isGone) throw new AppError('INTERRUPTED')
    const result = await new Promise<Result<unknown>>((done) => {
      this.waiting.set(id, done)
      this.child.send({ id, name, input }, (error) => {
        if (error) done({ ok: false, error: new AppError('INTERRUPTED').toInfo() })
      })
    })
    this.waiting.delete(id)
    if (!result.ok)
      throw new AppError(result.error.code, result.error.context, { detail: result.error.detail })
    return result.value as CallOutput<N>
  }

  /** Ends it as a power cut of its own would. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.gone
  }

  /** Stops it in the middle of whatever it does, and lets it go on: its clocks go on meanwhile. */
  suspend(): void {
    this.child.kill('SIGSTOP')
  }

  resume(): void {
    this.child.kill('SIGCONT')
  }

  /** Ends it as its window does. */
  async stop(): Promise<void> {
    if (!this.isGone) this.child.send({ name: 'stop' })
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 20_000)
    await this.gone
    clearTimeout(timer)
  }

  /** Every job, once none of them has anything left to do; those that do not end are as they are after `patience` ms. */
  async settled(patience = 60_000): Promise<Job[]> {
    return until('all jobs at their end', async () => (await this.jobs()).every(isOver) && this.jobs(), {
      ...{ timeout: patience, interval: 50 },
    }).catch(() => this.jobs())
  }

  jobs(): Promise<Job[]> {
    return this.call('job:list', undefined)
  }

  private take({ id, result, event, payload, uncaught }: Message): void {
    if (uncaught !== undefined) this.uncaught.push(uncaught)
    if (event === 'job:changed') this.told.set((payload as Job).id, payload as Job)
    if (event === 'log:lines') {
      const { streamId, ended, error } = payload as EventPayload<'log:lines'>
      if (ended) this.endedLogs.set(streamId, error)
    }
    if (id !== undefined && result) this.waiting.get(id)?.(result)
  }
}

const isOver = (job: Job): boolean => isEnded(job.state) || job.state === 'paused'

/** The log of a program on this data folder. */
export const logOf = (folder: string): string => join(folder, 'logs/slipway.log')
