import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError } from '@shared/error'
import type { z } from 'zod'
import type { Log } from '../log'

export interface JsonFileOptions<T> {
  file: string
  schema: z.ZodType<T>
  /** What counts where there is no file, or none that can be read. */
  fallback: T
  log: Log
  now?: () => number
}

/**
 * One small JSON file and its value in memory. A file that cannot be understood is put aside as `NAME.broken-TIME`, and
 * its copy `NAME.bak` is used, else the fallback. Writes are atomic and go one after another, the copy's last.
 */
export class JsonFile<T> {
  private value: T
  private last: Promise<unknown> = Promise.resolve()

  constructor(private readonly options: JsonFileOptions<T>) {
    mkdirSync(dirname(options.file), { recursive: true })
    this.clearLeft()
    this.value = this.load()
  }

  read(): T {
    return this.value
  }

  /**
   * Computes the next value from the newest one, writes it, and only then lets it count. What `next` throws is passed on;
   * a failing disk is STORE_FAILED. Either leaves everything as it was.
   */
  change(next: (current: T) => T): Promise<T> {
    const turn = this.last.then(async () => {
      const value = this.options.schema.parse(next(this.value))
      await this.write(`${JSON.stringify(value, null, 2)}\n`)
      this.value = value
      return value
    })
    this.last = turn.catch(() => undefined) // The caller is told; the next change only waits for the end.
    return turn
  }

  private load(): T {
    const { file, fallback, log } = this.options
    const own = this.parse(file)
    if (own.state === 'good') return own.value
    if (own.state === 'broken') this.putAside(own.reason)
    const copy = this.parse(`${file}.bak`)
    if (copy.state === 'broken') log.error('its copy cannot be understood either', { reason: copy.reason })
    if (copy.state !== 'good') return fallback
    log.warn('the copy of a file is used', { file: `${basename(file)}.bak` })
    return copy.value
  }

  private parse(
    file: string,
  ): { state: 'good'; value: T } | { state: 'absent' } | { state: 'broken'; reason: string } {
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (thrown) {
      if (isCode(thrown, 'ENOENT')) return { state: 'absent' }
      throw storeFailed(file, thrown)
    }
    try {
      return { state: 'good', value: this.options.schema.parse(JSON.parse(text)) }
    } catch (thrown) {
      return { state: 'broken', reason: thrown instanceof Error ? thrown.message : String(thrown) }
    }
  }

  private putAside(reason: string): void {
    const { file, log, now = Date.now } = this.options
    const aside = `${file}.broken-${now()}`
    log.error('a file cannot be understood and is put aside', {
      file: basename(file),
      reason,
      aside: basename(aside),
    })
    try {
      renameSync(file, aside)
    } catch (thrown) {
      throw storeFailed(file, thrown)
    }
  }

  private async write(text: string): Promise<void> {
    const { file, log } = this.options
    try {
      await writeAtomically(file, text)
    } catch (thrown) {
      throw storeFailed(file, thrown)
    }
    // It counts by now; a copy of the text before it is still a copy.
    await writeAtomically(`${file}.bak`, text).catch((error: unknown) => {
      log.warn('a file has no copy of its newest text', { file: basename(file), error })
    })
  }

  /** Takes away what a program left that died while it wrote; only one at a time runs on a folder. */
  private clearLeft(): void {
    const folder = dirname(this.options.file)
    const name = basename(this.options.file)
    for (const other of readdirSync(folder)) {
      const rest = other.startsWith(name) ? other.slice(name.length) : ''
      if (/^(\.bak)?\.[0-9a-f]{8}\.tmp$/.test(rest)) rmSync(join(folder, other), { force: true })
    }
  }
}

/** Writes a file so that after a power cut it holds either the old text or the new. Only its owner may read it. */
async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`
  let handle: FileHandle | null = null
  try {
    handle = await open(temporary, 'wx', 0o600)
    await handle.writeFile(text)
    await handle.sync()
    await handle.close()
    await rename(temporary, file)
  } catch (thrown) {
    await handle?.close().catch(() => undefined) // Closed already, or failing for the reason that is thrown below.
    await rm(temporary, { force: true })
    throw thrown
  }
}

const isCode = (thrown: unknown, code: string): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === code

function storeFailed(file: string, cause: unknown): AppError {
  return new AppError('STORE_FAILED', { side: 'store', field: basename(file) }, { cause })
}
