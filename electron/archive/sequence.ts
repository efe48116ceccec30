/** Reads exact numbers of bytes off a stream of chunks of any size. Keeps no more than one chunk and what was asked for. */
export class SequenceReader {
  private readonly source: AsyncIterator<Buffer>
  private rest: Buffer = Buffer.alloc(0)
  /** Bytes taken so far. */
  position = 0

  constructor(source: AsyncIterable<Buffer>) {
    this.source = source[Symbol.asyncIterator]()
  }

  /** Up to `most` bytes, at least one; an empty buffer at the end. */
  async take(most: number): Promise<Buffer> {
    while (this.rest.length === 0) {
      const next = await this.source.next()
      if (next.done) return Buffer.alloc(0)
      this.rest = next.value
    }
    const taken = this.rest.subarray(0, most)
    this.rest = this.rest.subarray(taken.length)
    this.position += taken.length
    return taken
  }

  /** `length` bytes; fewer only at the end. */
  async read(length: number): Promise<Buffer> {
    const first = await this.take(length)
    if (first.length === length || first.length === 0) return first
    const parts = [first]
    for (let missing = length - first.length; missing > 0;) {
      const part = await this.take(missing)
      if (part.length === 0) break
      parts.push(part)
      missing -= part.length
    }
    return Buffer.concat(parts)
  }

  /** Passes over `length` bytes; false when the stream ends before. */
  async skip(length: number): Promise<boolean> {
    for (let missing = length; missing > 0;) {
      const part = await this.take(missing)
      if (part.length === 0) return false
      missing -= part.length
    }
    return true
  }

  /** Ends the stream without reading on. */
  async stop(): Promise<void> {
    await this.source.return?.()
  }
}
