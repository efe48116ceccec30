import type { IncomingMessage } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { AppError, type ErrorContext } from '@shared/error'
import { networkError } from './network-error'
import { cancelled, onAbort } from './signal'
import type { Timing } from './timing'
import type { WireResponse } from './transport'
import { hostOf } from './url'

/** Bounds after decompression. A listing's page may be the whole list where a registry ignores `n`. */
export const bodyLimits = { manifest: 4 * 1024 * 1024, token: 1024 * 1024, page: 32 * 1024 * 1024 } as const

export interface BodyRules {
  /** Bytes after decompression; more is RESPONSE_TOO_LARGE. */
  limit: number
  timing: Timing
  signal?: AbortSignal
}

function decoderFor(encoding: string): Transform | null | undefined {
  if (encoding === '' || encoding === 'identity') return null
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip()
  if (encoding === 'deflate') return createInflate()
  if (encoding === 'br') return createBrotliDecompress()
  return undefined
}

/**
 * Reads a body whole, decompressed and bounded. Rejects with RESPONSE_TOO_LARGE, TIMED_OUT (it stands still, or brings too
 * little), CONNECTION_LOST (it ends early), RESPONSE_INVALID (broken or unknown coding) or CANCELLED.
 */
export function readBytes(response: WireResponse, rules: BodyRules): Promise<Buffer> {
  const { stream, headers, url } = response
  const { limit, timing, signal } = rules
  const context: ErrorContext = { side: 'registry', host: hostOf(url), status: response.status }
  const fail = (code: 'RESPONSE_TOO_LARGE' | 'RESPONSE_INVALID' | 'TIMED_OUT', detail: string): AppError =>
    new AppError(code, context, { detail })

  if (signal?.aborted) {
    stream.destroy()
    return Promise.reject(cancelled())
  }
  // Nothing would be heard of it any more.
  if (stream.destroyed || stream.readableEnded)
    return Promise.reject(networkError(stream.errored ?? new Error('the body was let go'), url))
  const decoder = decoderFor((headers['content-encoding'] ?? '').trim().toLowerCase())
  const announced = Number(headers['content-length'] ?? 0)
  if (decoder === undefined || (decoder === null && announced > limit)) {
    stream.destroy()
    return Promise.reject(
      decoder === undefined
        ? fail('RESPONSE_INVALID', 'unknown Content-Encoding')
        : fail('RESPONSE_TOO_LARGE', `${announced} bytes, at most ${limit} are read`),
    )
  }
  return new Promise<Buffer>((done, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let finished = false
    const finish = (error: unknown): void => {
      if (finished) return
      finished = true
      watch.end()
      release()
      if (error === null) return done(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
      stream.destroy()
      decoder?.destroy()
      reject(error instanceof AppError ? error : bodyError(error, response, fail))
    }
    const watch = watchProgress(stream, timing, (why) => finish(fail('TIMED_OUT', why)))
    const release = onAbort(signal, () => finish(cancelled()))
    // Not by a pipeline: it makes and aborts a signal for each body, which takes longer than to read a small one.
    const body: Readable = decoder ?? stream
    body.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) return finish(fail('RESPONSE_TOO_LARGE', `more than ${limit} bytes`))
      if (!finished) chunks.push(chunk)
    })
    body.once('end', () => finish(null))
    for (const each of new Set([stream, body])) {
      each.on('error', finish)
      each.once('close', () => {
        if (!each.readableEnded) finish(new Error('the body ended early'))
      })
    }
    if (decoder) stream.pipe(decoder)
    else stream.resume()
  })
}

function bodyError(
  error: unknown,
  { url, stream }: WireResponse,
  fail: (code: 'RESPONSE_INVALID', detail: string) => AppError,
): AppError {
  const code = (error as { code?: unknown }).code
  // A body that was cut short also breaks its decompression: say what came first.
  const broken =
    typeof code === 'string' && /^(Z_|ERR_BROTLI|ERR__ERROR_FORMAT)/.test(code) && stream.complete
  return broken ? fail('RESPONSE_INVALID', `broken compression (${String(code)})`) : networkError(error, url)
}

function watchProgress(
  stream: IncomingMessage,
  timing: Timing,
  late: (why: string) => void,
): { end(): void } {
  let inWindow = 0
  const idle = setTimeout(() => late('no data'), timing.idle)
  const onData = (chunk: Buffer): void => {
    inWindow += chunk.length
    idle.refresh()
  }
  const window = setInterval(() => {
    if (inWindow < timing.windowBytes) late('too little data')
    inWindow = 0
  }, timing.window)
  ;(stream as Readable).on('data', onData)
  // Not flowing before all others listen.
  stream.pause()
  return {
    end() {
      clearTimeout(idle)
      clearInterval(window)
      stream.off('data', onData)
    },
  }
}

/** Takes what is left of a body whose content does not matter, so that its socket can be used again; a long one is cut. */
export async function drain(response: WireResponse, rules: Omit<BodyRules, 'limit'>): Promise<void> {
  try {
    await readBytes(response, { ...rules, limit: 65_536 })
  } catch {
    // The socket was closed instead: nothing is lost but time.
  }
}
