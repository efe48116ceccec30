import type { BlockPool } from './block-pool'
import type { ArchiveFile } from './file'
import { invalid, quote } from './error'
import type { MemberTable } from './member-table'

/** The files in an archive by name, wherever they lie: in a tar, in a spool, in a folder. */
export interface Members {
  /** Bytes; null when there is none of this name. */
  sizeOf(name: string): Promise<number | null>
  /** The whole content, of at most `limit` bytes; ARCHIVE_INVALID when it is missing or larger. */
  read(name: string, limit: number): Promise<Buffer>
  /** The first bytes, at most `length`. */
  start(name: string, length: number): Promise<Buffer>
  /** The content from a byte on, in buffers of the pool where one is given. */
  chunks(name: string, from: number, blocks?: BlockPool): AsyncGenerator<Buffer>
  close(): Promise<void>
}

/** Members of one file: of a tar as it lies on disk, or of a spool. */
export class FileMembers implements Members {
  constructor(
    private readonly file: ArchiveFile,
    private readonly table: MemberTable,
  ) {}

  async sizeOf(name: string): Promise<number | null> {
    return this.table.find(name)?.size ?? null
  }

  async read(name: string, limit: number): Promise<Buffer> {
    const extent = this.table.find(name)
    if (extent === null) throw missing(name)
    checkSize(name, extent.size, limit)
    return this.file.read(extent.offset, extent.size)
  }

  async start(name: string, length: number): Promise<Buffer> {
    const extent = this.table.find(name)
    if (extent === null) throw missing(name)
    return this.file.read(extent.offset, Math.min(length, extent.size))
  }

  async *chunks(name: string, from: number, blocks?: BlockPool): AsyncGenerator<Buffer> {
    const extent = this.table.find(name)
    if (extent === null) throw missing(name)
    yield* this.file.chunks(
      extent.offset + Math.min(from, extent.size),
      extent.offset + extent.size,
      undefined,
      blocks,
    )
  }

  close(): Promise<void> {
    return this.file.close()
  }
}

export const missing = (name: string): Error => invalid(`${quote(name)} is missing`)

export function checkSize(name: string, size: number, limit: number): void {
  if (size > limit) throw invalid(`${quote(name)} has ${size} bytes, more than the ${limit} allowed`)
}
