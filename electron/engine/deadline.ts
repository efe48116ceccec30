import { AppError } from '@shared/error'

const lateWords = 'The engine did not answer within'

/**
 * Runs a call with a signal that fires after `milliseconds` or with `outer`, and stops waiting then, whether the call heeds
 * the signal or not. Late means ENGINE_STOPPED; an `outer` that fired means CANCELLED.
 */
export async function withDeadline<T>(
  milliseconds: number,
  outer: AbortSignal | null,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const inner = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let cancel = (): void => {}
  const ended = new Promise<never>((_done, fail) => {
    const end = (error: AppError): void => {
      fail(error)
      inner.abort()
    }
    cancel = () => end(new AppError('CANCELLED', { side: 'engine' }))
    const late = `${lateWords} ${milliseconds / 1000} s.`
    timer = setTimeout(
      () => end(new AppError('ENGINE_STOPPED', { side: 'engine' }, { detail: late })),
      milliseconds,
    )
    if (outer?.aborted) cancel()
    outer?.addEventListener('abort', cancel, { once: true })
  })
  try {
    return await Promise.race([ended, call(inner.signal)])
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', cancel)
    ended.catch(() => {}) // When the call won the race nobody else listens here.
  }
}

/** Whether an error says that an engine took no notice, and not that it is gone. */
export const isLate = ({ code, detail }: AppError): boolean =>
  code === 'ENGINE_STOPPED' && detail?.startsWith(lateWords) === true

/** Waits; ends early, without an error, when the signal fires. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted || milliseconds <= 0) return done()
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      done()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end, { once: true })
  })
}
