import { join } from 'node:path'
import { AppError } from '@shared/error'
import { isDigest } from '@shared/reference'
import type { BlockPool } from './block-pool'
import { invalid } from './error'
import { ArchiveFile, statusOf } from './file'
import { checkSize, missing, type Members } from './members'

const ownNames = new Set(['oci-layout', 'index.json'])

/**
 * Only names that the OCI image layout itself has: its two files, and blobs by a digest of the grammar. Nothing that a
 * document inside spells out ever becomes a path.
 */
function isLayoutName(name: string): boolean {
  const [folder, algorithm = '', hex = '', ...rest] = name.split('/')
  return ownNames.has(name) || (folder === 'blobs' && rest.length === 0 && isDigest(`${algorithm}:${hex}`))
}

/** Members of an OCI layout that lies unpacked in a folder. Links in it are refused: they could lead anywhere. */
export class FolderMembers implements Members {
  constructor(private readonly folder: string) {}

  async sizeOf(name: string): Promise<number | null> {
    if (!isLayoutName(name)) return null
    try {
      // The file itself is looked at when it is opened; a folder on the way would be passed without a word.
      for (const folder of foldersOf(name)) {
        if ((await statusOf(join(this.folder, folder))).isSymbolicLink()) throw invalid('a link to elsewhere')
      }
      const status = await statusOf(join(this.folder, name))
      return Number(status.size)
    } catch (error) {
      if (error instanceof AppError && hasNoFile(error.cause)) return null
      throw error
    }
  }

  async read(name: string, limit: number): Promise<Buffer> {
    const file = await this.open(name)
    try {
      checkSize(name, file.size, limit)
      return await file.read(0, file.size)
    } finally {
      await file.close()
    }
  }

  async start(name: string, length: number): Promise<Buffer> {
    const file = await this.open(name)
    try {
      return await file.read(0, Math.min(length, file.size))
    } finally {
      await file.close()
    }
  }

  async *chunks(name: string, from: number, blocks?: BlockPool): AsyncGenerator<Buffer> {
    const file = await this.open(name)
    try {
      yield* file.chunks(Math.min(from, file.size), file.size, undefined, blocks)
    } finally {
      await file.close()
    }
  }

  async close(): Promise<void> {}

  private async open(name: string): Promise<ArchiveFile> {
    if ((await this.sizeOf(name)) === null) throw missing(name)
    return ArchiveFile.open(join(this.folder, name), { links: 'refuse' })
  }
}

/** `blobs` and `blobs/sha256` for a blob. */
const foldersOf = (name: string): string[] =>
  name
    .split('/')
    .slice(0, -1)
    .map((_part, at, parts) => parts.slice(0, at + 1).join('/'))

function hasNoFile(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null
  return code === 'ENOENT' || code === 'ENOTDIR'
}
