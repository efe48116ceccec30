import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { GiveUp, until } from './until'
import { undoLater } from './undo'

export interface Service {
  pid: number
  /** What it has written to stdout and stderr so far, or the last `bytes` of it. */
  log(bytes?: number): string
  running(): boolean
  /** Waits until `condition` answers; gives up at once when the process has ended. */
  ready<T>(condition: () => T | Promise<T>, timeout?: number): Promise<Exclude<T, undefined | null | false>>
  /** SIGTERM to its process group, SIGKILL after `patience` ms; resolves when it is gone. */
  stop(patience?: number): Promise<void>
  /** SIGKILL to its process group; resolves when it is gone. */
  kill(): Promise<void>
}

export interface ServiceOptions {
  command: string
  args: string[]
  /** File that takes its output. */
  logFile: string
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** Written to its stdin, which is then closed; without it stdin is empty. */
  input?: string
}

/** Starts a program in a process group of its own, which ends with us at the latest, and rejects if it cannot start. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { command, args, logFile, input } = options
  const log = openSync(logFile, 'a')
  const stdin = input === undefined ? 'ignore' : 'pipe'
  const { env, cwd } = options
  const child = spawn(command, args, { env, cwd, detached: true, stdio: [stdin, log, log] })
  closeSync(log)
  let ended = false
  const gone = new Promise<void>((done) => {
    child.once('exit', () => {
      ended = true
      done()
    })
  })
  await new Promise<void>((done, fail) => {
    child.once('spawn', done)
    child.once('error', (error) => fail(new Error(`${command} does not start: ${error.message}`)))
  })
  child.unref()
  writeAndClose(child.stdin, input)
  const pid = child.pid ?? 0
  const undo = undoLater(['kill', '-KILL', '--', `-${pid}`])

  const signalGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal)
    } catch {
      // The group is empty: that is what we want.
    }
  }
  const service: Service = {
    pid,
    log: (bytes = Infinity) => tail(logFile, bytes),
    running: () => !ended,
    ready: (condition, timeout) =>
      until(`${command} ${args[0] ?? ''} being ready`, () => (ended ? giveUp() : condition()), {
        timeout,
        explain: () => tail(logFile, 2000),
      }),
    async stop(patience = 10_000) {
      child.ref()
      if (!ended) signalGroup('SIGTERM')
      const timer = setTimeout(() => signalGroup('SIGKILL'), patience)
      await gone
      clearTimeout(timer)
      // Whatever it started and left in its group goes too.
      signalGroup('SIGKILL')
      undo.done()
    },
    async kill() {
      child.ref()
      signalGroup('SIGKILL')
      await gone
      undo.done()
    },
  }
  const giveUp = (): never => {
    throw new GiveUp(`${command} has ended:\n${tail(logFile, 2000)}`)
  }
  return service
}

function writeAndClose(stdin: Writable | null, input: string | undefined): void {
  if (stdin === null || input === undefined) return
  stdin.on('error', () => {}) // It ended before it read: `ready` tells.
  stdin.end(input)
}

function tail(file: string, bytes: number): string {
  const text = readFileSync(file, 'utf8')
  return text.length > bytes ? text.slice(-bytes) : text
}
