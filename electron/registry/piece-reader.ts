import type { Readable } from 'node:stream'
import { toAppError, type AppError } from '@shared/error'

/** Pieces that are taken in before the stream is told to wait. */
const most = 4

/** The pieces of a stream as they come, none copied; who waits for one may turn away without losing it. */
export class PieceReader {
  ended = false
  private failure: AppError | null = null
  private readonly pieces: Buffer[] = []
  private wake: () => void = () => {}

  constructor(private readonly stream: Readable) {
    stream.on('data', (piece: Buffer) => {
      this.pieces.push(piece)
      if (this.pieces.length >= most) stream.pause()
      this.wake()
    })
    stream.on('end', () => {
      this.ended = true
      this.wake()
    })
    stream.on('error', (error) => this.fail(error))
    stream.on('close', () => {
      if (!this.ended) this.fail(new Error('the source was closed'))
    })
  }

  /** The next piece, or null where none is here now. Throws what the stream failed with once all before that is taken. */
  take(): Buffer | null {
    const piece = this.pieces.shift() ?? null
    if (piece === null && this.failure !== null) throw this.failure
    if (this.pieces.length === 0 && !this.ended && this.stream.isPaused()) this.stream.resume()
    return piece
  }

  /** Resolves when `take` has something to say. */
  ready(): Promise<void> {
    if (this.pieces.length > 0 || this.ended || this.failure !== null) return Promise.resolve()
    return new Promise((done) => (this.wake = done))
  }

  close(): void {
    this.stream.destroy()
  }

  private fail(error: Error): void {
    this.failure ??= toAppError(error)
    this.wake()
  }
}
