// Long because sending, asking for the status and taking a session up again are one conversation with the registry.
import { AppError, type ErrorContext, toAppError } from '@shared/error'
import { hasBlob } from './blob'
import { BlobFeed, type BlobSource } from './blob-feed'
import { checkDigest, checkRepository } from './name'
import { backoff } from './retry'
import type { Caller } from './session'
import { cancelled, onAbort, pause } from './signal'
import type { Timing } from './timing'
import { mostFailures, remedyFor, type Step } from './upload-recovery'
import { abortUpload, moved, pushScopes, startUpload, uploadStatus, withDigest } from './upload-session'
import type { StreamedBlob, UploadStreamOptions } from './upload-options'
import type { StartedSession } from './upload-session'

const defaultChunk = 32 * 1024 * 1024
const leastChunk = 256 * 1024
/** Up to here a blob goes with the commit in one request (distribution-spec 1.1, "POST then PUT"). */
const onePiece = 1024 * 1024
const reportEvery = 256 * 1024

/** One upload of a blob in chunks (distribution-spec 1.1): asks, sends, commits, and gets over what comes between. */
export class UploadStream {
  private readonly feed: BlobFeed
  private readonly context: ErrorContext
  /** What the wire hears: later than the caller's signal, so that a chunk can be ended. */
  private readonly wire = new AbortController()
  private session: StartedSession | null = null
  /** The session may stand elsewhere than we think. */
  private unsure: boolean
  private step: Step = { kind: 'start', open: false }
  private failures = 0
  private best = 0
  private restarts = 0
  private chunk: number
  /** Chunks go without their length, so that they can end anywhere, until a registry minds. */
  private open = true
  private reported = 0

  constructor(
    private readonly caller: Caller,
    private readonly timing: Timing,
    private readonly repository: string,
    private readonly source: BlobSource,
    private readonly options: UploadStreamOptions,
  ) {
    checkRepository(repository)
    if (source.digest !== null) checkDigest(source.digest)
    this.context = { side: 'registry', repository, digest: source.digest ?? undefined }
    this.chunk = options.chunkBytes ?? defaultChunk
    this.session = options.session ? { minimum: 0, ...options.session } : null
    this.unsure = this.session !== null
    this.feed = new BlobFeed(source, (position) => this.report(position))
  }

  /** Runs it to its end. Rejects with CANCELLED, or with what could not be got over; the session is kept then. */
  async run(): Promise<StreamedBlob> {
    const { signal } = this.options
    let late: NodeJS.Timeout | undefined
    const release = onAbort(signal, () => {
      this.feed.halt()
      const canEnd = this.step.kind === 'chunk' && this.step.open
      if (canEnd) late = setTimeout(() => this.wire.abort(), this.timing.ending)
      else this.wire.abort()
    })
    try {
      for (;;) {
        try {
          return await this.advance()
        } catch (thrown) {
          if (signal?.aborted) throw cancelled()
          await this.recover(toAppError(thrown))
        }
      }
    } finally {
      clearTimeout(late)
      release()
      this.feed.close()
    }
  }

  private async advance(): Promise<StreamedBlob> {
    const { source } = this
    const { size, digest } = source
    const hadSession = this.session !== null || this.restarts > 0
    if (this.unsure) {
      // The answer to a commit got lost: it may be there.
      if (this.step.kind === 'commit' && (await this.isThere())) return this.done(await this.identity())
      await this.ask()
    }
    // Gone: given up by the registry, or become the blob.
    if (this.session === null && hadSession && (await this.isThere())) return this.done(await this.identity())
    if (this.session === null) await this.begin()
    for (;;) {
      this.stopIfAsked()
      const session = this.held()
      const { offset } = session
      if (size !== null && digest !== null && offset === 0 && size <= Math.min(onePiece, this.chunk)) {
        return this.commit({ digest, size }, true)
      }
      const ended = size === null ? !(await this.feed.hasMore(offset)) : offset >= size
      this.stopIfAsked()
      if (ended) return this.commit(await this.identity(), false)
      await this.sendChunk(session)
    }
  }

  private held(): StartedSession {
    if (this.session === null) throw this.wrong('INTERNAL', 'no session')
    return this.session
  }

  private async begin(): Promise<void> {
    this.step = { kind: 'start', open: false }
    this.keep(await startUpload(this.caller, this.repository, this.context, this.request()))
  }

  private async ask(): Promise<void> {
    if (this.session === null) return
    this.step = { kind: 'status', open: false }
    const { session, context } = this
    const status = await uploadStatus(this.caller, this.repository, session, context, this.request())
    this.unsure = false
    if (status === 'gone' || status.offset > (this.source.size ?? Infinity)) this.keep(null)
    else this.keep({ ...status, minimum: Math.max(status.minimum, session.minimum) })
  }

  private async sendChunk(session: StartedSession): Promise<void> {
    const { size } = this.source
    const from = session.offset
    const most = Math.max(this.chunk, session.minimum)
    const length = Math.min(most, (size ?? Infinity) - from)
    const open = this.open || size === null
    this.step = { kind: 'chunk', open }
    const headers: Record<string, string> = { 'content-type': 'application/octet-stream' }
    // The first one goes as docker's do, which every registry takes; an end that is not known is not told.
    if (size !== null && (from > 0 || !open)) headers['content-range'] = `${from}-${from + length - 1}`
    const before = this.feed.sent
    const body = {
      length: open ? null : length,
      send: (to: Parameters<BlobFeed['send']>[0]) => this.feed.send(to, from, length, open),
    }
    const url = new URL(session.location)
    const call = {
      ...this.call(),
      method: 'PATCH',
      url,
      headers,
      body,
      repeatable: false,
      streams: true,
    } as const
    const next = await this.caller.call(call, async (answer) => {
      if (answer.status < 200 || answer.status > 299) throw await answer.refusal('BLOB_UPLOAD_UNKNOWN')
      return moved(answer, session, this.context)
    })
    const taken = this.feed.position - from
    const offset = next.offset ?? from + taken
    if (offset < from || offset > from + taken) {
      throw this.wrong(
        'BLOB_UPLOAD_INVALID',
        `${offset} bytes are held, ${this.feed.sent - before} were sent from ${from}`,
      )
    }
    this.keep({ ...next, offset, minimum: Math.max(next.minimum, session.minimum) })
    if (this.feed.failure !== null) throw this.feed.failure
    if (taken < length && size !== null && !this.options.signal?.aborted) {
      throw this.wrong('SIZE_MISMATCH', `the source ends at ${this.feed.position} of ${size} bytes`)
    }
  }

  private async commit(blob: { digest: string; size: number }, whole: boolean): Promise<StreamedBlob> {
    const session = this.held()
    this.step = { kind: 'commit', open: false }
    const url = withDigest(new URL(session.location), blob.digest)
    const headers = { 'content-type': 'application/octet-stream' }
    const streamed = {
      length: blob.size,
      send: (to: Parameters<BlobFeed['send']>[0]) => this.feed.send(to, 0, blob.size, false),
    }
    const body = whole && blob.size > 0 ? streamed : Buffer.alloc(0)
    const answerWithin = this.timing.commit
    const call = {
      ...this.call(),
      method: 'PUT',
      url,
      headers,
      body,
      answerWithin,
      repeatable: false,
    } as const
    await this.caller.call({ ...call, streams: true }, async (answer) => {
      if (answer.status < 200 || answer.status > 299) throw await answer.refusal('BLOB_UPLOAD_UNKNOWN')
      await answer.skip()
    })
    return this.done(blob)
  }

  /** Decides what an error means for the upload, and waits where that helps; throws it where nothing does. */
  private async recover(error: AppError): Promise<void> {
    const ofSource = this.feed.failure
    const remedy = remedyFor(ofSource ?? error, this.step, ofSource !== null)
    this.feed.failure = null
    this.failures += 1
    if (remedy === 'anew') this.restarts += 1
    if (remedy === 'fail' || this.failures > mostFailures || this.restarts > mostFailures) {
      await this.leave(error)
      throw ofSource ?? error
    }
    this.unsure = true
    if (remedy === 'anew') this.keep(null)
    if (remedy === 'length') {
      // What is not known cannot be said.
      if (this.source.size === null) throw error
      this.open = false
    }
    if (remedy === 'smaller') {
      const least = Math.max(leastChunk, this.session?.minimum ?? 0)
      if (this.chunk <= least) throw error
      this.chunk = Math.max(least, Math.floor(Math.min(this.chunk, this.source.size ?? Infinity) / 4))
    }
    if (remedy === 'wait' || this.failures > 1) {
      const asked = Math.min((error.context.retryAfterSeconds ?? 0) * 1000, this.timing.patience)
      await pause(Math.max(backoff(this.failures, this.timing), asked), this.options.signal)
    }
  }

  /** Takes a session away that can never become the blob. */
  private async leave(error: AppError): Promise<void> {
    const { session } = this
    if (session === null || !['DIGEST_MISMATCH', 'SIZE_MISMATCH', 'DIGEST_INVALID'].includes(error.code))
      return
    this.keep(null)
    // The upload has failed already; what it left behind is purged by the registry sooner or later.
    await abortUpload(this.caller, session, this.request()).catch(() => {})
  }

  /** Whether the blob is there already: an answer to a commit got lost, or somebody else has sent it. */
  private async isThere(): Promise<boolean> {
    const digest = this.source.digest ?? this.known?.digest ?? null
    if (digest === null) return false
    return hasBlob(this.caller, this.repository, digest, this.request(), 'push')
  }

  private known: { digest: string; size: number } | null = null

  private async identity(): Promise<{ digest: string; size: number }> {
    const { digest, size, finished } = this.source
    if (digest !== null && size !== null) return { digest, size }
    if (this.known === null) {
      if (!finished) throw this.wrong('INTERNAL', 'a source without a digest')
      this.known = await finished.call(this.source)
      checkDigest(this.known.digest)
    }
    return this.known
  }

  private keep(session: StartedSession | null): void {
    this.session = session
    if (session === null) this.unsure = false
    else if (session.offset > this.best) {
      this.best = session.offset
      this.failures = 0
    }
    this.options.onSession?.(session && { location: session.location, offset: session.offset })
    this.report(session?.offset ?? 0, true)
  }

  private done(blob: { digest: string; size: number }): StreamedBlob {
    this.report(blob.size, true)
    this.options.onSession?.(null)
    return { ...blob, sent: this.feed.sent }
  }

  private report(position: number, always = false): void {
    if (!always && position < this.reported + reportEvery) return
    this.reported = position
    this.options.onBytes?.(position)
  }

  private stopIfAsked(): void {
    if (this.options.signal?.aborted) throw cancelled()
  }

  private call(): { scopes: string[]; context: ErrorContext; options: { signal: AbortSignal } } {
    return { scopes: pushScopes(this.repository), context: this.context, options: this.request() }
  }

  private request(): { signal: AbortSignal } {
    return { signal: this.wire.signal }
  }

  private wrong(code: 'BLOB_UPLOAD_INVALID' | 'SIZE_MISMATCH' | 'INTERNAL', detail: string): AppError {
    return new AppError(code, this.context, { detail })
  }
}
