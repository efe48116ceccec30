/** Cuts an engine's multiplexed log stream into pieces of lines. Bytes in, no copy but of what a chunk leaves over. */
import { AppError } from '@shared/error'

export type Channel = 'out' | 'err'

/** Takes `bytes[start, end)` of one channel; `last`: a frame ends there. */
export type Sink = (channel: Channel, bytes: Buffer, start: number, end: number, last: boolean) => void

/**
 * Frames of docker's attach protocol: one byte of channel (0 stdin, 1 stdout, 2 stderr, 3 the engine's own error), three of
 * zero, four of length (big-endian), payload. A frame may be cut anywhere, and its length is not believed: nothing is held.
 */
export class LogFrames {
  readonly #sink: Sink
  readonly #header = Buffer.alloc(8)
  #have = 0
  #left = 0
  #channel: Channel = 'out'

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /** Throws ENGINE_FAILED where the bytes are no frames. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#left === 0) {
        const taken = Math.min(8 - this.#have, chunk.length - at)
        chunk.copy(this.#header, this.#have, at, at + taken)
        this.#have += taken
        at += taken
        if (this.#have < 8) return
        this.#have = 0
        this.#begin()
        continue
      }
      const end = Math.min(chunk.length, at + this.#left)
      this.#left -= end - at
      this.#sink(this.#channel, chunk, at, end, this.#left === 0)
      at = end
    }
  }

  #begin(): void {
    const [kind = 0, ...zeros] = this.#header.subarray(0, 4)
    if (kind > 3 || zeros.some((byte) => byte !== 0)) {
      throw new AppError('ENGINE_FAILED', { side: 'engine' }, { detail: 'The log is not made of frames.' })
    }
    this.#channel = kind >= 2 ? 'err' : 'out'
    this.#left = this.#header.readUInt32BE(4)
  }
}
