import { createHash, type Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { AppError, type ErrorCode, type ErrorContext, toAppError } from '@shared/error'
import type { Descriptor } from '@shared/oci'
import type { RequestOptions } from './endpoint'
import { checkDigest, checkRepository } from './name'
import { networkError } from './network-error'
import { backoff } from './retry'
import { repositoryScope } from './scope'
import type { Answer, Call, Caller } from './session'
import { onAbort, pause } from './signal'
import type { Timing } from './timing'

export interface BlobStreamOptions extends RequestOptions {
  /** First byte that is wanted; 0 when not given. */
  from?: number
}

/** Cuts on end with hardly a byte between them. */
const mostFailures = 5
const passing = new Set<ErrorCode>(['CONNECTION_LOST', 'CONNECTION_REFUSED', 'TIMED_OUT', 'REGISTRY_FAILED'])

/**
 * Opens a blob as a stream with backpressure; resolves once the registry answers with it. A cut is got over by asking for the
 * rest (RFC 9110, 14.2). Read from byte 0 it is hashed while it passes, and fails instead of ending with DIGEST_MISMATCH or
 * SIZE_MISMATCH; BLOB_UNKNOWN where it is not there. The descriptor's `urls` are never fetched.
 */
export async function openBlob(
  caller: Caller,
  timing: Timing,
  repository: string,
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  options: BlobStreamOptions = {},
): Promise<Readable> {
  checkRepository(repository)
  checkDigest(descriptor.digest)
  const { from = 0 } = options
  if (from < 0 || from > descriptor.size) {
    throw new AppError('INPUT_INVALID', { side: 'registry', repository, field: 'from' })
  }
  const stream = new BlobStream(caller, timing, repository, descriptor, from, options)
  await stream.opened
  return stream
}

class BlobStream extends Readable {
  /** Resolves with the first answer. */
  readonly opened: Promise<void>
  private readonly context: ErrorContext
  private readonly hash: Hash | null
  private readonly leaving = new AbortController()
  private readonly release: () => void
  private settleOpened: { done: () => void; fail: (error: AppError) => void } | null = null
  /** The next byte that is wanted. */
  private position: number
  private incoming: IncomingMessage | null = null
  private idle: NodeJS.Timeout | null = null
  private window: NodeJS.Timeout | null = null
  /** Bytes that came since the window began. */
  private inWindow = 0
  private wanted = false

  constructor(
    private readonly caller: Caller,
    private readonly timing: Timing,
    private readonly repository: string,
    private readonly blob: Pick<Descriptor, 'digest' | 'size'>,
    from: number,
    options: BlobStreamOptions,
  ) {
    super({ highWaterMark: 256 * 1024 })
    this.position = from
    this.context = { side: 'registry', repository, digest: blob.digest }
    this.hash = from === 0 ? createHash(blob.digest.startsWith('sha512:') ? 'sha512' : 'sha256') : null
    this.release = onAbort(options.signal, () => this.leaving.abort())
    this.opened = new Promise((done, fail) => (this.settleOpened = { done, fail }))
    // Nobody listens before it is handed out; whoever reads it hears of the failure all the same.
    this.on('error', () => {})
    // Somebody who destroys it before it is open hears of that elsewhere.
    this.opened.catch(() => {})
    void this.fetch()
  }

  override _read(): void {
    this.wanted = true
    if (this.incoming === null) return
    this.awaitData()
    this.incoming.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.settleOpened?.fail(toAppError(error ?? new AppError('CANCELLED', this.context)))
    this.release()
    this.stopWaiting()
    this.leaving.abort()
    done(error)
  }

  private async fetch(): Promise<void> {
    for (let failures = 0; ;) {
      const before = this.position
      try {
        if (this.position < this.blob.size) await this.request()
        return this.finish()
      } catch (thrown) {
        const error = toAppError(thrown)
        // A few bytes are no progress: they could come one by one for ever.
        failures = this.position - before >= this.timing.windowBytes ? 1 : failures + 1
        if (this.destroyed) return
        if (!passing.has(error.code) || failures > mostFailures || this.leaving.signal.aborted) {
          return void this.destroy(error)
        }
        try {
          await pause(backoff(failures, this.timing), this.leaving.signal)
        } catch (cancelled) {
          return void this.destroy(toAppError(cancelled))
        }
      }
    }
  }

  private request(): Promise<void> {
    const { repository, blob, position, context } = this
    const headers: Record<string, string> = { accept: '*/*', 'accept-encoding': 'identity' }
    if (position > 0) headers.range = `bytes=${position}-`
    const call: Call = {
      ...{ method: 'GET', url: `/v2/${repository}/blobs/${blob.digest}`, headers, context },
      ...{ scopes: [repositoryScope(repository, 'pull')], repeatable: false, streams: true },
      options: { signal: this.leaving.signal },
    }
    return this.caller.call(call, async (answer) => {
      const skip = await this.accept(answer, position)
      this.settleOpened?.done()
      this.settleOpened = null
      await this.pass(answer, skip)
    })
  }

  /** Bytes of the answer that are known already: all of them where the registry pays no heed to Range. */
  private async accept(answer: Answer, position: number): Promise<number> {
    if (answer.status !== 200 && answer.status !== 206) throw await answer.refusal('BLOB_UNKNOWN')
    const coding = answer.header('content-encoding')?.trim().toLowerCase() ?? 'identity'
    if (coding !== 'identity' && coding !== '')
      throw this.wrong('RESPONSE_INVALID', `Content-Encoding ${coding}`)
    if (answer.status === 200) return position
    const start = /^bytes (\d{1,15})-/i.exec(answer.header('content-range') ?? '')?.[1]
    if (Number(start) !== position) throw this.wrong('RESPONSE_INVALID', `not the range from ${position}`)
    return 0
  }

  private pass({ response }: Answer, skip: number): Promise<void> {
    const { stream, url } = response
    let left = skip
    return new Promise<void>((done, fail) => {
      this.incoming = stream
      const end = (settle: () => void): void => {
        this.incoming = null
        this.stopWaiting()
        settle()
      }
      const onData = (piece: Buffer): void => {
        this.idle?.refresh()
        this.inWindow += piece.length
        const fresh = left === 0 ? piece : piece.subarray(Math.min(left, piece.length))
        left -= Math.min(left, piece.length)
        if (fresh.length === 0) return
        if (this.position + fresh.length > this.blob.size) {
          return void stream.destroy(this.wrong('SIZE_MISMATCH', `more than ${this.blob.size} bytes`))
        }
        this.hash?.update(fresh)
        this.position += fresh.length
        this.wanted = this.push(fresh)
        if (this.wanted) return
        this.stopWaiting()
        stream.pause()
      }
      const leave = onAbort(this.leaving.signal, () =>
        stream.destroy(new AppError('CANCELLED', this.context)),
      )
      stream.on('data', onData)
      stream.once('error', (error) => end(() => fail(networkError(error, url))))
      stream.once('close', () => {
        leave()
        end(() => (stream.complete ? done() : fail(networkError(new Error('cut'), url))))
      })
      if (this.wanted) this.awaitData()
      else stream.pause()
    })
  }

  private finish(): void {
    const { digest, size } = this.blob
    if (this.position !== size) {
      return void this.destroy(this.wrong('SIZE_MISMATCH', `${this.position} bytes instead of ${size}`))
    }
    const actual = this.hash && `${digest.split(':')[0]}:${this.hash.digest('hex')}`
    if (actual !== null && actual !== digest) {
      return void this.destroy(this.wrong('DIGEST_MISMATCH', `got ${actual}`))
    }
    this.settleOpened?.done()
    this.settleOpened = null
    this.release()
    this.push(null)
  }

  /** Only as long as somebody wants data: who reads slowly is no fault of the registry's. */
  private awaitData(): void {
    if (this.idle !== null) return
    const late = (why: string): void => {
      this.stopWaiting()
      this.incoming?.destroy(this.wrong('TIMED_OUT', why))
    }
    this.idle = setTimeout(() => late('no data'), this.timing.idle)
    this.inWindow = 0
    this.window = setInterval(() => {
      if (this.inWindow < this.timing.windowBytes) late('too little data')
      this.inWindow = 0
    }, this.timing.window)
  }

  private stopWaiting(): void {
    if (this.idle !== null) clearTimeout(this.idle)
    if (this.window !== null) clearInterval(this.window)
    this.idle = null
    this.window = null
  }

  private wrong(code: ErrorCode, detail: string): AppError {
    return new AppError(code, this.context, { detail })
  }
}
