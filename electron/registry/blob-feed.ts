import type { ClientRequest } from 'node:http'
import type { Readable } from 'node:stream'
import { AppError, toAppError } from '@shared/error'

/** A blob whose bytes can be read again from any offset. */
export interface BlobSource {
  /** Null where the digest is only known at the end. */
  digest: string | null
  size: number | null
  open(from: number): Promise<Readable>
  /** Digest and size once a full pass was read; needed where `digest` is null. */
  finished?(): Promise<{ digest: string; size: number }>
}

type Piece = Buffer | null

/** Reads a source once, through as many requests as it takes, and anew only where one of them must go back. */
export class BlobFeed {
  /** Bytes that were handed to requests so far, those that were sent again included. */
  sent = 0
  /** What went wrong with the source. */
  failure: AppError | null = null
  private stream: Readable | null = null
  private pieces: AsyncIterator<Buffer> | null = null
  private rest: Piece = null
  /** The next byte that it gives. */
  position = 0
  /** A reading that was left alone: what it brings is lost, so the source is opened anew. */
  private reading = false
  private turn = 0
  private halted = false
  private wake: () => void = () => {}

  constructor(
    private readonly source: BlobSource,
    private readonly onSent: (position: number) => void,
  ) {}

  /** Whether there are bytes at `from`. */
  async hasMore(from: number): Promise<boolean> {
    await this.seek(from)
    this.rest ??= await this.read()
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
    this.stream?.destroy()
    this.wake()
  }

  private async write(to: ClientRequest, limit: number, over: () => boolean): Promise<void> {
    for (let left = limit; left > 0 && !over() && !this.halted;) {
      const piece = this.rest ?? (await this.read())
      if (over() || piece === null || this.halted) return
      const part = piece.length > left ? piece.subarray(0, left) : piece
      this.rest = piece.length > left ? piece.subarray(left) : null
      left -= part.length
      this.position += part.length
      this.sent += part.length
      const room = to.write(part)
      this.onSent(this.position)
      if (!room) await this.drained(to)
    }
  }

  private async seek(from: number): Promise<void> {
    if (this.stream !== null && this.position === from && !this.reading) return
    this.stream?.destroy()
    this.stream = null
    this.pieces = null
    this.rest = null
    this.failure = null
    this.reading = false
    const { turn } = this
    const opening = this.source.open(from)
    const stream = await this.unlessWoken(opening)
    if (stream === null || turn !== this.turn) {
      return void opening.then((late) => late.destroy()).catch(() => {})
    }
    // Failures come out of the reading; one that comes while nobody reads must not end the program.
    stream.on('error', () => {})
    this.stream = stream
    this.pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    this.position = from
  }

  private async read(): Promise<Piece> {
    const { pieces } = this
    if (pieces === null) {
      if (this.halted) return null
      throw new AppError('INTERNAL', { side: 'program' }, { detail: 'no source is open' })
    }
    const { turn } = this
    this.reading = true
    const outcome = await this.unlessWoken(pieces.next())
    if (outcome === null) return null
    if (turn === this.turn) this.reading = false
    return outcome.done === true ? null : outcome.value
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
