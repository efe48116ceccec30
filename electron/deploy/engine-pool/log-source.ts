import type { Readable } from 'node:stream'
import type { LogLine } from '@shared/running'
import { AppError } from '@shared/error'
import type { PoolConnection } from '../driver'
import { openStream } from '../engine-stream'
import { asking, statusOf } from './error'
import { LogLines, type StampedLine } from './log-lines'

export interface LogOptions {
  /** Null: all. */
  tail: number | null
  /** Milliseconds since 1970. */
  since: number | null
  follow: boolean
}

interface Position {
  stamp: string
  at: number
  lines: number
}

/** One container's log; it can be opened again where it ended, and then goes on after the last line. */
export class LogSource {
  readonly containerId: string
  readonly #connection: PoolConnection
  readonly #name: string
  readonly #tty: boolean
  /** The last time stamp, and how many lines had it. */
  #last: Position | null = null

  constructor(
    connection: PoolConnection,
    { containerId, name, tty }: { containerId: string; name: string; tty: boolean },
  ) {
    this.#connection = connection
    this.containerId = containerId
    this.#name = name
    this.#tty = tty
  }

  /** The lines as they come, until the log ends. A container that is gone has none any more. */
  async *read(options: LogOptions, signal: AbortSignal): AsyncGenerator<LogLine[], void, undefined> {
    const again = this.#last
    const tail = again || options.tail === null ? 'all' : String(options.tail)
    const from = again ? again.at : options.since
    const query = {
      ...{ stdout: 'true', stderr: 'true', timestamps: 'true', tail },
      ...{ follow: String(options.follow) },
      ...(from !== null && { since: this.#seconds(from) }),
    }
    let stream: Readable
    try {
      const path = `/containers/${encodeURIComponent(this.containerId)}/logs`
      stream = await asking({}, () => openStream(this.#connection.docker, path, query, signal))
    } catch (error) {
      // Gone, or on its way to be.
      if ([404, 409].includes(statusOf(error) ?? 0)) return
      throw error
    }
    const lines = new LogLines({ from: this.#name, tty: this.#tty })
    const fresh = this.#freshOnly(again, options.since)
    try {
      for await (const chunk of stream) {
        const read = fresh(lines.push(chunk as Buffer))
        if (read.length > 0) yield read
      }
    } catch (error) {
      if (signal.aborted) return
      throw error instanceof AppError
        ? error
        : new AppError('ENGINE_LOST', { side: 'engine' }, { detail: 'The log broke off.', cause: error })
    } finally {
      stream.destroy()
    }
    const rest = fresh(lines.end())
    if (rest.length > 0) yield rest
  }

  /** Docker takes a fraction of a second there; Podman does not. */
  #seconds(at: number): string {
    return this.#connection.kind === 'podman' ? String(Math.floor(at / 1000)) : (at / 1000).toFixed(3)
  }

  /** Leaves out what was read before the log was opened again, and what is older than asked for. */
  #freshOnly(again: Position | null, since: number | null): (lines: StampedLine[]) => LogLine[] {
    let skip = again?.lines ?? 0
    let begun = again === null
    return (lines) => {
      const kept: LogLine[] = []
      for (const { stamp, ...line } of lines) {
        if (!begun && again && stamp !== '') {
          if (stamp === again.stamp ? skip-- > 0 : line.at !== null && isBefore(stamp, line.at, again))
            continue
          begun = stamp !== again.stamp
        }
        if (since !== null && line.at !== null && line.at < since) continue
        this.#note(stamp, line.at)
        kept.push(line)
      }
      return kept
    }
  }

  #note(stamp: string, at: number | null): void {
    if (stamp === '' || at === null) return
    if (this.#last?.stamp === stamp) this.#last.lines += 1
    else this.#last = { stamp, at, lines: 1 }
  }
}

/** Whether a line is older; within a millisecond the time stamps' own digits decide. */
const isBefore = (stamp: string, at: number, other: Position): boolean =>
  at === other.at ? stamp < other.stamp : at < other.at
