import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { AppError } from '@shared/error'
import type { ArchiveListing } from '@shared/archive'
import { type Archive, type ArchiveImage, openArchive } from '../archive/archive'
import type { Log } from '../log'
import { untilAborted } from '../registry/signal'
import { listingOf, digestOfImage } from './archive-listing'

export interface BorrowedImage {
  archive: Archive
  image: ArchiveImage
  /** Gives it back; streams of it must have ended. */
  release(): void
}

/** Bytes of a compressed archive that were unpacked so far. */
export type OnReading = (completed: number, total: number) => void

interface Entry {
  key: string
  users: number
  opening: Promise<Archive>
  controller: AbortController
  listeners: Set<OnReading>
  timer: NodeJS.Timeout | null
}

/** Milliseconds for which an archive stays open that nobody uses: opening a compressed one means to unpack it. */
const idle = 5 * 60_000
/** So many at most: each holds a file, a compressed one its unpacked content on the disk. */
const mostIdle = 20

/** Archives that are open, each once, for all who list, plan and send them. */
export class ArchiveShelf {
  private readonly entries = new Map<string, Entry>()

  constructor(private readonly parts: { spoolFolder: string; log: Log }) {}

  /** What an archive holds. ARCHIVE_INVALID, ARCHIVE_UNSUPPORTED, ARCHIVE_UNREADABLE. */
  async list(path: string): Promise<ArchiveListing> {
    const { entry, archive } = await this.take(path)
    try {
      return listingOf(path, archive)
    } finally {
      this.release(entry)
    }
  }

  /**
   * An image of an archive, by its number from 0. ARCHIVE_CHANGED where it is not the one of `digest` (of its root, or of its
   * config where it has no manifest yet); CANCELLED by the signal. `keep: false`: its file is taken away soon, and is not to be
   * held open any longer than it is read.
   */
  async borrow(
    path: string,
    index: number,
    options: { digest?: string; keep?: boolean; signal?: AbortSignal; onReading?: OnReading } = {},
  ): Promise<BorrowedImage> {
    const { entry, archive } = await this.take(path, options)
    const image = archive.images[index]
    if (!image || (options.digest !== undefined && digestOfImage(image) !== options.digest)) {
      this.release(entry, options.keep)
      throw new AppError('ARCHIVE_CHANGED', { side: 'archive', file: basename(path), digest: options.digest })
    }
    let released = false
    const release = (): void => {
      if (!released) this.release(entry, options.keep)
      released = true
    }
    return { archive, image, release }
  }

  /** Closes all; what is still read of them fails. */
  async close(): Promise<void> {
    await Promise.all([...this.entries.values()].map((entry) => this.drop(entry)))
  }

  private async take(
    path: string,
    { keep, signal, onReading }: { keep?: boolean; signal?: AbortSignal; onReading?: OnReading } = {},
  ): Promise<{ entry: Entry; archive: Archive }> {
    const key = await keyOf(resolve(path))
    const entry = this.entries.get(key) ?? this.open(path, key)
    entry.users += 1
    if (entry.timer) clearTimeout(entry.timer)
    entry.timer = null
    if (onReading) entry.listeners.add(onReading)
    try {
      return { entry, archive: await untilAborted(entry.opening, signal) }
    } catch (error) {
      this.release(entry, keep)
      throw error
    } finally {
      if (onReading) entry.listeners.delete(onReading)
    }
  }

  private open(path: string, key: string): Entry {
    const controller = new AbortController()
    const listeners = new Set<OnReading>()
    const opening = openArchive(path, {
      ...this.parts,
      signal: controller.signal,
      onProgress: (completed, total) => {
        for (const listener of listeners) listener(completed, total)
      },
    })
    const entry: Entry = { key, users: 0, opening, controller, listeners, timer: null }
    this.entries.set(key, entry)
    opening.catch(() => this.forget(entry))
    return entry
  }

  private release(entry: Entry, keep = true): void {
    entry.users -= 1
    if (entry.users > 0 || this.entries.get(entry.key) !== entry) return
    if (!keep) return void this.drop(entry)
    entry.timer = setTimeout(() => void this.drop(entry), idle).unref()
    // The last to be used are the last in the map.
    this.entries.delete(entry.key)
    this.entries.set(entry.key, entry)
    const unused = [...this.entries.values()].filter(({ timer }) => timer !== null)
    for (const oldest of unused.slice(0, -mostIdle)) void this.drop(oldest)
    let open = false
    void entry.opening.then(
      () => (open = true),
      () => undefined,
    )
    // Nobody waits for it any more: what is not open yet need not be.
    setImmediate(() => {
      if (!open && entry.users === 0) void this.drop(entry)
    })
  }

  private forget(entry: Entry): void {
    if (this.entries.get(entry.key) === entry) this.entries.delete(entry.key)
  }

  private async drop(entry: Entry): Promise<void> {
    if (entry.timer) clearTimeout(entry.timer)
    this.forget(entry)
    entry.controller.abort()
    await entry.opening.then(
      (archive) => archive.close(),
      (error: unknown) => this.parts.log.debug('an archive did not open', { error }),
    )
  }
}

/** Another file at the same path is another archive: told by time and size, of a folder by those of its index. */
async function keyOf(path: string): Promise<string> {
  const parts: (string | number)[] = [path]
  for (const file of [path, join(path, 'index.json'), join(path, 'manifest.json')]) {
    // What is not there, or may not be read, is told when it is opened.
    const status = await stat(file).catch(() => null)
    if (status) parts.push(status.ino, status.size, status.mtimeMs)
  }
  return parts.join(' ')
}
