import type { ClientRequest } from 'node:http'
import type { Readable } from 'node:stream'
import { AppError, toAppError } from '@shared/error'
import { PieceReader } from './piece-reader'

/** A blob whose bytes can be read again from any offset. */
export interface BlobSource {
  /** Null where the digest is only known at the end. */
  digest: string | null
  size: number | null
  open(from: number): Promise<Readable>
  /** Digest and size once a full pass was read; needed where `digest` is null. */
  finished?(): Promise<{ digest: string; size: number }>
  /** Told of a piece of the stream that was sent, the last part of it too: its memory may be used again. */
  release?(piece: Buffer): void
}

type Piece = Buffer | null

/** Reads a source once, through as many requests as it takes, and anew only where one of them must go back. */
export class BlobFeed {
  /** Bytes that were handed to requests so far, those that were sent again included. */
  sent = 0
  /** What went wrong with the source. */
  failure: AppError | null = null
  /** The next byte that it gives. */
  position = 0
  private reader: PieceReader | null = null
  private rest: Piece = null
  private turn = 0
  private halted = false
  private wake: () => void = () => {}

  constructor(
    private readonly source: BlobSource,
    private readonly onSent: (position: number) => void,
  ) {}

  /** Whether there are bytes at `from`. */
  async hasMore(from: number): Promise<boolean> {
    try {
      await this.seek(from)
      this.rest ??= await this.read(() => false)
    } catch (thrown) {
      this.failure = toAppError(thrown)
      throw this.failure
    }
    return this.rest !== null
  }

  /**
   * Writes at most `limit` bytes from `from` on and ends the request; less at the end of the source or after `halt()`. Where
   * the source fails, that is kept in `failure`; `mayEnd`: the request is then ended with what it has, otherwise it rejects.
   */
  async send(to: ClientRequest, from: number, limit: number, mayEnd: boolean): Promise<void> {
    this.turn += 1
    const { turn } = this
    this.wake()
    const over = (): boolean => turn !== this.turn
    const stop = (): void => {
      if (over()) return
      this.turn += 1
      this.wake()
    }
    to.once('response', stop).once('close', stop)
    try {
      await this.seek(from)
      await this.write(to, limit, over)
      if (this.position === this.source.size) await this.checkEnd(over)
    } catch (thrown) {
      if (over()) return
      this.failure = toAppError(thrown)
      if (!mayEnd) throw this.failure
    }
    if (!over()) to.end()
  }

  /** Ends what is being sent at the byte where it stands. */
  halt(): void {
    this.halted = true
    this.wake()
  }

  close(): void {
    this.turn += 1
    this.reader?.close()
    this.wake()
  }

  private async write(to: ClientRequest, limit: number, over: () => boolean): Promise<void> {
    for (let left = limit; left > 0 && !over() && !this.halted;) {
      const piece = this.rest ?? this.reader?.take() ?? (await this.read(over))
      if (over() || piece === null || this.halted) return
      const part = piece.length > left ? piece.subarray(0, left) : piece
      this.rest = piece.length > left ? piece.subarray(left) : null
      left -= part.length
      this.position += part.length
      this.sent += part.length
      const isSent = (error?: Error | null): void => {
        if (!error) this.source.release?.(part)
      }
      const room = this.rest === null && this.source.release ? to.write(part, isSent) : to.write(part)
      this.onSent(this.position)
      if (!room) await this.drained(to)
    }
  }

  /** Its last byte is not yet its end: there a source says whether its bytes were the right ones. */
  private async checkEnd(over: () => boolean): Promise<void> {
    if (this.rest === null && (await this.read(over)) === null) return
    throw new AppError('SIZE_MISMATCH', {}, { detail: `the source has more than ${this.source.size} bytes` })
  }

  private async seek(from: number): Promise<void> {
    if (this.reader !== null && this.position === from) return
    this.reader?.close()
    this.reader = null
    this.rest = null
    this.failure = null
    const { turn } = this
    const opening = this.source.open(from)
    const stream = await this.unlessWoken(opening)
    if (stream === null || turn !== this.turn) {
      return void opening.then((late) => late.destroy()).catch(() => {})
    }
    this.reader = new PieceReader(stream)
    this.position = from
  }

  /** The next piece; null at the end, and where somebody else goes on with the feed or it is halted. */
  private async read(over: () => boolean): Promise<Piece> {
    for (;;) {
      const { reader } = this
      if (reader === null || over() || this.halted) return null
      const piece = reader.take()
      if (piece !== null || reader.ended) return piece
      await this.unlessWoken(reader.ready())
    }
  }

  /** The promise's outcome, or null when somebody else goes on with the feed first. */
  private unlessWoken<T>(promise: Promise<T>): Promise<T | null> {
    return new Promise<T | null>((done, fail) => {
      this.wake = () => done(null)
      promise.then(done, fail)
    })
  }

  private drained(to: ClientRequest): Promise<void> {
    return new Promise((done) => {
      to.once('drain', done)
      this.wake = () => {
        to.off('drain', done)
        done()
      }
    })
  }
}
