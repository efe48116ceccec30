/** Opens what holds images without an engine: docker archives and OCI layouts, as tar (also .gz, .zst) or folder. */
import { basename } from 'node:path'
import { stat } from 'node:fs/promises'
import { AppError } from '@shared/error'
import type { Log } from '../log'
import { compressionOf, decompress } from './decompress'
import { dockerManifest, readDockerArchive } from './docker-archive'
import { checkSignal, unreadable, unsupported } from './error'
import { ArchiveFile } from './file'
import { FolderMembers } from './folder'
import type { Archive, ArchiveImage, ArchiveRoot } from './image'
import type { Members } from './members'
import { hasPlainLayers, layoutFile, layoutIndex, readOciLayout } from './oci-layout'
import { indexTar } from './plain-tar'
import { spoolTar } from './spool'
import { blockBytes, hasTarChecksum } from './tar-header'

export type * from './image'

export interface OpenOptions {
  signal?: AbortSignal
  log: Log
  /** Where the content of compressed archives is kept while they are open; made when it is not there. */
  spoolFolder: string
  /** Bytes of the file read so far, while a compressed archive is unpacked. */
  onProgress?: (completed: number, total: number) => void
}

/**
 * Opens an archive and reads what it says of itself, never a layer. ARCHIVE_UNREADABLE, ARCHIVE_UNSUPPORTED, ARCHIVE_INVALID
 * or DIGEST_MISMATCH otherwise; STORE_FAILED when a compressed one has no room beside it; CANCELLED by the signal.
 */
export async function openArchive(path: string, options: OpenOptions): Promise<Archive> {
  try {
    const { members, size } = await openMembers(path, options)
    try {
      checkSignal(options.signal)
      const content = await readImages(members)
      options.log.debug('archive opened', { kind: content.kind, images: content.images.length, size })
      return { ...content, size: size ?? sum(content.images), close: () => members.close() }
    } catch (error) {
      await members.close()
      throw error
    }
  } catch (error) {
    throw error instanceof AppError ? error.with({ side: 'archive', file: basename(path) }) : error
  }
}

const sum = (images: ArchiveImage[]): number => images.reduce((total, { bytes }) => total + bytes, 0)

async function openMembers(
  path: string,
  { signal, spoolFolder, onProgress }: OpenOptions,
): Promise<{ members: Members; size: number | null }> {
  const status = await stat(path).catch((error: unknown) => {
    throw unreadable(error instanceof Error ? error.message : String(error), {}, error)
  })
  if (status.isDirectory()) {
    return { members: new FolderMembers(path), size: null }
  }
  if (!status.isFile()) throw unsupported('neither a file nor a folder')
  const file = await ArchiveFile.open(path, { links: 'follow' })
  try {
    const start = await file.read(0, Math.min(file.size, blockBytes))
    const compression = compressionOf(start)
    if (compression === null) throw unsupported('compressed in a way that is not read here')
    if (compression === 'none') {
      if (!hasTarChecksum(start)) throw unsupported('not a tar')
      return { members: await indexTar(file, signal), size: file.size }
    }
    const content = decompress(reported(file, signal, onProgress), compression, signal)
    const members = await spoolTar(content, spoolFolder, signal)
    await file.close()
    return { members, size: file.size }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function* reported(
  file: ArchiveFile,
  signal: AbortSignal | undefined,
  onProgress: OpenOptions['onProgress'],
): AsyncGenerator<Buffer> {
  let completed = 0
  for await (const chunk of file.chunks(0, file.size, signal)) {
    completed += chunk.length
    onProgress?.(completed, file.size)
    yield chunk
  }
}

/**
 * Newer engines write both kinds at once. The layout counts, with its digests, unless its layers are plain tars: then they
 * are compressed on their way as those of any docker archive.
 */
async function readImages(members: Members): Promise<Pick<Archive, 'kind' | 'images'>> {
  const has = async (name: string): Promise<boolean> => (await members.sizeOf(name)) !== null
  const isDocker = await has(dockerManifest)
  if ((await has(layoutFile)) && (await has(layoutIndex))) {
    const images = await readOciLayout(members)
    const isPlain = images.some(
      ({ root }: { root: ArchiveRoot }) => root.kind !== 'docker-image' && hasPlainLayers(root),
    )
    if (!(isDocker && isPlain)) return { kind: 'oci-layout', images }
  }
  if (isDocker) return { kind: 'docker-archive', images: await readDockerArchive(members) }
  throw unsupported('neither manifest.json nor an OCI layout in it')
}
