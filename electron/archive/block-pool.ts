import { chunkBytes } from './file'

/** Room for a block as it is read, and for the same block where nothing of it could be compressed. */
const bytes = chunkBytes + 4096
const mostKept = 16

/**
 * Buffers that are used again and again while one layer is read, compressed and sent: a new one for each block would cost more
 * than the block's hash (pages of memory that the system has to clear, and a collection of garbage every 64 MB).
 */
export class BlockPool {
  private readonly free: ArrayBuffer[] = []
  private readonly lent = new WeakSet<ArrayBufferLike>()

  /** A buffer of `length` bytes, with anything in it. Longer than a block: a new one of its own. */
  take(length: number): Buffer {
    if (length > bytes) return Buffer.allocUnsafeSlow(length)
    const memory = this.free.pop() ?? Buffer.allocUnsafeSlow(bytes).buffer
    this.lent.add(memory)
    return Buffer.from(memory as ArrayBuffer, 0, length)
  }

  /** Gives back what `take` gave, or a part of it, once nobody reads it any more. Anything else is left alone. */
  give({ buffer }: Buffer): void {
    if (!this.lent.delete(buffer) || this.free.length >= mostKept) return
    this.free.push(buffer as ArrayBuffer)
  }
}
