import { randomUUID } from 'node:crypto'
import { createWriteStream, readdirSync } from 'node:fs'
import { mkdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError, toAppError } from '@shared/error'
import type { Log } from '../log'

const suffix = '.tar'

/** Large files that jobs need for a while: what engines export, and what compressed archives unpack to. */
export class Spool {
  constructor(
    readonly folder: string,
    private readonly log: Log,
  ) {}

  /**
   * At start: takes away what an earlier run left, but the whole exports of jobs that go on. What is there now is listed before
   * this returns, so that nothing of a job that starts afterwards is meant.
   */
  clean(keptJobs: readonly string[]): Promise<unknown> {
    const kept = new Set(keptJobs.map((id) => `${id}${suffix}`))
    const left = this.names().filter((name) => !kept.has(name))
    return Promise.all(left.map((name) => this.take(join(this.folder, name))))
  }

  /** The whole export of a job, or null. */
  async find(jobId: string): Promise<string | null> {
    const path = this.pathOf(jobId)
    return stat(path).then(
      (status) => (status.isFile() ? path : null),
      () => null,
    )
  }

  /**
   * Writes a job's export; it has its name only once it is whole. `expected` bytes must be free before. STORE_FAILED where
   * the disk does not take it; the source's own errors; CANCELLED by the signal.
   */
  async write(
    jobId: string,
    source: Readable,
    {
      expected,
      signal,
      onBytes,
    }: { expected: number; signal: AbortSignal; onBytes: (bytes: number) => void },
  ): Promise<string> {
    const path = this.pathOf(jobId)
    const part = join(this.folder, `${randomUUID()}.part`)
    let written = 0
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        written += chunk.length
        onBytes(written)
        next(null, chunk)
      },
    })
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 })
      const { bavail, bsize } = await statfs(this.folder)
      if (expected > bavail * bsize)
        throw new AppError('STORE_FAILED', { side: 'store' }, { detail: `no room for ${expected} bytes` })
      await pipeline(source, counted, createWriteStream(part, { mode: 0o600 }), { signal })
      await rename(part, path)
      return path
    } catch (thrown) {
      source.destroy()
      await this.take(part)
      if (signal.aborted) throw new AppError('CANCELLED', { side: 'program' })
      throw isSystem(thrown) ? new AppError('STORE_FAILED', { side: 'store' }, { cause: thrown }) : thrown
    }
  }

  async remove(jobId: string): Promise<void> {
    await this.take(this.pathOf(jobId))
  }

  private names(): string[] {
    try {
      return readdirSync(this.folder)
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!isMissing) this.log.warn('the spool cannot be read', { error: toAppError(error) })
      return []
    }
  }

  private pathOf(jobId: string): string {
    return join(this.folder, `${jobId}${suffix}`)
  }

  private async take(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
      this.log.warn('a file of the spool cannot be taken away', { error: toAppError(error) })
    })
  }
}

const isSystem = (thrown: unknown): boolean => thrown instanceof Error && 'syscall' in thrown
