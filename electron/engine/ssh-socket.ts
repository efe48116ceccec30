import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { Duplex } from 'node:stream'
import { toSpawnError, toSshError, type SshEnd } from './ssh-error'

/** A connection to an engine through an ssh process: what is written goes to its stdin, what it prints is read. */
export class SshSocket extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<SshEnd>
  #idle: NodeJS.Timeout | null = null
  #patience = 0
  #spawnError: Error | null = null

  /** `host`: for errors. */
  constructor(child: ChildProcessWithoutNullStreams, host: string) {
    super({ allowHalfOpen: true })
    this.#child = child
    let text = ''
    child.stderr.on('data', (chunk: Buffer) => {
      // Enough for any reason; what comes last tells most.
      text = (text + chunk.toString()).slice(-16_000)
    })
    this.#ended = new Promise((done) => {
      child.once('error', (error) => {
        this.#spawnError = error
        done({ host, exitCode: null, text: error.message })
      })
      child.once('close', (exitCode) => done({ host, exitCode, text }))
    })
    // Between two requests nobody listens.
    this.on('error', () => {})
    child.stdin.on('error', () => {}) // It has ended: its exit code and stderr tell why.
    child.stdout.on('data', (chunk: Buffer) => {
      this.#wake()
      if (!this.push(chunk)) child.stdout.pause()
    })
    void this.#ended.then((end) => {
      if (end.exitCode === 0) this.push(null)
      else this.destroy(this.#spawnError ? toSpawnError(this.#spawnError, host) : toSshError(end))
    })
  }

  /** How the process ended; resolves when it has. */
  get ended(): Promise<SshEnd> {
    return this.#ended
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#wake()
    const { stdin } = this.#child
    // A failing write is told by the end of the process, with its reason.
    if (stdin.destroyed) void this.#ended.then(() => done())
    else stdin.write(chunk, () => done())
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#idle) clearTimeout(this.#idle)
    this.#child.stdin.destroy()
    this.#child.stdout.destroy()
    if (this.#child.exitCode === null) this.#child.kill()
    done(error)
  }

  // What http's Agent and its users ask of a socket besides.

  destroySoon(): void {
    if (this.writableFinished) this.destroy()
    else this.end(() => this.destroy())
  }

  /** Emits `timeout` after so many milliseconds in which nothing was read or written; 0: never. */
  setTimeout(milliseconds: number, listener?: () => void): this {
    this.#patience = milliseconds
    if (listener) {
      if (milliseconds > 0) this.once('timeout', listener)
      else this.removeListener('timeout', listener)
    }
    this.#wake()
    return this
  }

  setKeepAlive(): this {
    return this // ssh sees to it: ServerAliveInterval.
  }

  setNoDelay(): this {
    return this
  }

  ref(): this {
    this.#child.ref()
    return this
  }

  unref(): this {
    this.#child.unref()
    return this
  }

  #wake(): void {
    if (this.#idle) clearTimeout(this.#idle)
    this.#idle = null
    if (this.#patience <= 0 || this.destroyed) return
    this.#idle = setTimeout(() => this.emit('timeout'), this.#patience)
    this.#idle.unref()
  }
}
