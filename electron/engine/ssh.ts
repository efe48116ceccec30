import { execFile, spawn } from 'node:child_process'
import { Agent, type ClientRequestArgs } from 'node:http'
import type { Duplex } from 'node:stream'
import { AppError } from '@shared/error'
import { withDeadline } from './deadline'
import { isProgramMissing, toSpawnError, toSshError } from './ssh-error'
import { SshSocket } from './ssh-socket'
import type { SshAddress } from './target'

/** What joins its stdin and stdout to an engine on the far side, the first that is there. */
const programs = ['docker', 'podman'] as const

/** An unused connection is kept this long, milliseconds. */
const idleTime = 60_000
/** So many may be unused, and so many begun at a time: a server refuses many that have not signed in yet. */
const mostIdle = 4
const mostBeginning = 4
/** For signing in and the engine's first answer, milliseconds. */
const patience = 20_000

/**
 * Arguments for the system's ssh: it never asks for anything (BatchMode), checks the host key as its configuration says, and
 * forwards nothing. Every argument after `--` is a plain name; see `parseAddress`.
 */
export function sshArguments(address: SshAddress, config: string | null, command: string): string[] {
  return [
    ...(config === null ? [] : ['-F', config]),
    ...['-T', '-a', '-x'],
    ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10'],
    ...['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=3'],
    ...['-o', 'ClearAllForwardings=yes', '-o', 'PermitLocalCommand=no', '-o', 'RemoteCommand=none'],
    ...(address.port === null ? [] : ['-p', String(address.port)]),
    ...(address.user === null ? [] : ['-l', address.user]),
    ...['--', address.hostname, command],
  ]
}

type Created = (error: Error | null, socket: Duplex) => void
type Failed = (error: Error) => void
const toError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

/**
 * Connections to the engine of another machine through the system's ssh. A connection counts only when the engine has
 * answered over it, so what ssh refuses is the request's error, an AppError: SSH_MISSING, SSH_HOST_UNKNOWN,
 * SSH_HOST_CHANGED, SSH_DENIED, SSH_FAILED, or the engine's own. A new one takes some hundred milliseconds, so they are kept
 * for a while (sharing one through ssh's ControlMaster does not exist on Windows).
 */
export class SshAgent extends Agent {
  readonly #address: SshAddress
  readonly #config: string | null
  readonly #environment: NodeJS.ProcessEnv
  #program: (typeof programs)[number] | null = null
  #beginning = 0
  readonly #waiting: (() => void)[] = []
  readonly #open = new Set<SshSocket>()

  constructor(address: SshAddress, config: string | null, environment: NodeJS.ProcessEnv = process.env) {
    super({ keepAlive: true, maxFreeSockets: mostIdle, timeout: idleTime, scheduling: 'lifo' })
    this.#address = address
    this.#config = config
    this.#environment = environment
  }

  /** What http asks for a socket; answers by the callback. */
  override createConnection(_options: ClientRequestArgs, callback?: Created): undefined {
    this.#connect().then(
      (socket) => callback?.(null, socket),
      // With an error the socket is not looked at.
      (error: unknown) => (callback as Failed | undefined)?.(toError(error)),
    )
  }

  override destroy(): void {
    super.destroy()
    for (const socket of this.#open) socket.destroy()
  }

  async #connect(): Promise<SshSocket> {
    if (this.#beginning >= mostBeginning) await new Promise<void>((done) => this.#waiting.push(done))
    this.#beginning += 1
    try {
      return await this.#begin()
    } finally {
      this.#beginning -= 1
      this.#waiting.shift()?.()
    }
  }

  async #begin(): Promise<SshSocket> {
    const candidates = this.#program ? [this.#program] : programs
    for (const program of candidates) {
      const socket = this.#spawn(`${program} system dial-stdio`)
      const answered = await withDeadline(patience, null, () => answers(socket)).catch((error: unknown) => {
        socket.destroy()
        throw error
      })
      if (answered) {
        this.#program = program
        return socket
      }
      const end = await socket.ended
      if (!isProgramMissing(end)) throw toSshError(end)
    }
    const detail = `Neither ${programs.join(' nor ')} was found in the path there.`
    throw new AppError('SSH_FAILED', { side: 'engine', host: this.#address.hostname }, { detail })
  }

  #spawn(command: string): SshSocket {
    const { hostname } = this.#address
    // ssh asks nobody; the words of both sides are those that we know.
    const env = { ...this.#environment, LC_ALL: 'C', SSH_ASKPASS_REQUIRE: 'never' }
    const args = sshArguments(this.#address, this.#config, command)
    try {
      const child = spawn('ssh', args, { env, stdio: 'pipe', windowsHide: true })
      const socket = new SshSocket(child, hostname)
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
      return socket
    } catch (error) {
      throw toSpawnError(error, hostname)
    }
  }
}

const ask = 'HEAD /_ping HTTP/1.1\r\nHost: docker\r\n\r\n'

/**
 * Asks the engine for a sign of life, which has no body, so that the connection is clean afterwards. False: the process ended
 * before. Rejects where it could not be started, or where something else than an engine answers.
 */
function answers(socket: SshSocket): Promise<boolean> {
  return new Promise((done, fail) => {
    let head = Buffer.alloc(0)
    const settle = (): void => {
      socket.removeListener('readable', take)
      socket.removeListener('error', lost)
      socket.removeListener('end', ended)
    }
    const lost = (error: Error): void => {
      settle()
      if (error instanceof AppError && error.code === 'SSH_MISSING') fail(error)
      else done(false)
    }
    const ended = (): void => {
      settle()
      done(false)
    }
    const take = (): void => {
      const chunk: unknown = socket.read()
      if (!Buffer.isBuffer(chunk)) return
      head = Buffer.concat([head, chunk])
      const text = head.toString('latin1')
      if (!'HTTP/1.'.startsWith(text.slice(0, 7))) {
        settle()
        socket.destroy()
        const detail = `Something else than an engine answers there: ${text.slice(0, 300)}`
        return fail(new AppError('SSH_FAILED', { side: 'engine' }, { detail }))
      }
      const end = text.indexOf('\r\n\r\n')
      if (end === -1) return
      settle()
      const rest = head.subarray(end + 4)
      if (rest.length > 0) socket.unshift(rest)
      done(true)
    }
    // Not `data`: http could not make a stream flow that was paused after it.
    socket.on('readable', take)
    socket.once('error', lost)
    socket.once('end', ended)
    socket.write(ask)
  })
}

/** The host that ssh would go to, as its configuration says for an alias; the given name where ssh does not tell. */
export async function sshHostname(address: SshAddress, config: string | null): Promise<string> {
  const args = ['-G', ...sshArguments(address, config, 'true').slice(0, -1)]
  const told = await new Promise<string>((done) => {
    execFile('ssh', args, { timeout: 5000, windowsHide: true }, (error, stdout) => done(error ? '' : stdout))
  })
  return /^hostname (\S{1,255})$/m.exec(told)?.[1] ?? address.hostname
}
