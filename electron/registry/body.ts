import type { IncomingMessage } from 'node:http'
import { pipeline, type Readable, Writable } from 'node:stream'
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

type Decoder = NodeJS.ReadWriteStream & { destroy(): unknown }

function decoderFor(encoding: string): Decoder | null | undefined {
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
  return new Promise<Buffer>((done, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const collect = new Writable({
      write(chunk: Buffer, _encoding, next) {
        size += chunk.length
        if (size > limit) return next(fail('RESPONSE_TOO_LARGE', `more than ${limit} bytes`))
        chunks.push(chunk)
        next()
      },
    })
    const watch = watchProgress(stream, timing, (why) => collect.destroy(fail('TIMED_OUT', why)))
    const release = onAbort(signal, () => collect.destroy(cancelled()))
    const finish = (error: unknown): void => {
      watch.end()
      release()
      if (!error) return done(Buffer.concat(chunks))
      stream.destroy()
      reject(error instanceof AppError ? error : bodyError(error, response, fail))
    }
    const decoder = decoderFor((headers['content-encoding'] ?? '').trim().toLowerCase())
    const announced = Number(headers['content-length'] ?? 0)
    if (decoder === undefined) finish(fail('RESPONSE_INVALID', 'unknown Content-Encoding'))
    else if (decoder === null && announced > limit) {
      finish(fail('RESPONSE_TOO_LARGE', `${announced} bytes, at most ${limit} are read`))
    } else if (decoder === null) pipeline(stream, collect, finish)
    else pipeline(stream, decoder, collect, finish)
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
  // Only the pipeline may set it flowing.
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
