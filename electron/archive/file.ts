import { constants } from 'node:fs'
import { lstat, open, type FileHandle } from 'node:fs/promises'
import type { BlockPool } from './block-pool'
import { checkSignal, invalid, unreadable, unsupported } from './error'

/** Bytes per read: the block of the compressor, so that whole reads go on without a copy. */
export const chunkBytes = 1024 * 1024

// Neither waits at a pipe that was put in a file's place, nor follows a link (where the system knows these flags).
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
const noFollow = constants.O_NOFOLLOW ?? 0

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A regular file that is read by offset; several streams may read from it side by side. */
export class ArchiveFile {
  private constructor(
    private readonly handle: FileHandle,
    /** Bytes, when it was opened. */
    readonly size: number,
  ) {}

  /**
   * Opens a file. ARCHIVE_UNREADABLE when it is not there or may not be read, ARCHIVE_UNSUPPORTED when it is no regular
   * file; with `links: 'refuse'` a symbolic link is ARCHIVE_INVALID.
   */
  static async open(path: string, { links }: { links: 'follow' | 'refuse' }): Promise<ArchiveFile> {
    if (links === 'refuse' && (await statusOf(path)).isSymbolicLink()) throw invalid('a link to elsewhere')
    const handle = await open(path, flags | (links === 'refuse' ? noFollow : 0)).catch((error: unknown) => {
      throw unreadable(words(error), {}, error)
    })
    return ArchiveFile.of(handle)
  }

  /** Takes a handle over: it is closed with this. */
  static async of(handle: FileHandle): Promise<ArchiveFile> {
    const status = await handle.stat()
    if (status.isFile()) return new ArchiveFile(handle, status.size)
    await handle.close()
    throw unsupported('not a regular file')
  }

  /** Exactly `length` bytes at `offset`; ARCHIVE_INVALID when the file ends before. */
  async read(offset: number, length: number, blocks?: BlockPool): Promise<Buffer> {
    if (offset + length > this.size) throw invalid('cut short')
    const bytes = blocks?.take(length) ?? Buffer.allocUnsafeSlow(length)
    for (let filled = 0; filled < length;) {
      const { bytesRead } = await this.handle
        .read(bytes, filled, length - filled, offset + filled)
        .catch((error: unknown) => {
          throw unreadable(words(error), {}, error)
        })
      if (bytesRead === 0) throw unreadable('the file became shorter while it was read')
      filled += bytesRead
    }
    return bytes
  }

  /** The bytes from `start` up to `end`, in chunks of at most 1 MiB, of the pool where one is given. */
  async *chunks(
    start: number,
    end: number,
    signal?: AbortSignal,
    blocks?: BlockPool,
  ): AsyncGenerator<Buffer> {
    for (let at = start; at < end;) {
      checkSignal(signal)
      const chunk = await this.read(at, Math.min(chunkBytes, end - at), blocks)
      at += chunk.length
      yield chunk
    }
  }

  close(): Promise<void> {
    return this.handle.close()
  }
}

/** What lies at a path, without following a link; ARCHIVE_UNREADABLE where there is nothing. */
export async function statusOf(path: string): ReturnType<typeof lstat> {
  try {
    return await lstat(path)
  } catch (error) {
    throw unreadable(words(error), {}, error)
  }
}
