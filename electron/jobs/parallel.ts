import { throwIfAborted } from './engine-access'

/**
 * Works through items, so many at once. At the first failure the others are aborted and waited for, and it is thrown; so are
 * they when the given signal is aborted, which is CANCELLED.
 */
export async function inParallel<T>(
  items: Iterable<T>,
  limit: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const inner = new AbortController()
  const stop = (): void => inner.abort()
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  const waiting = [...items].reverse()
  const failures: unknown[] = []
  const lane = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined && !inner.signal.aborted; item = waiting.pop()) {
      try {
        await work(item, inner.signal)
      } catch (thrown) {
        failures.push(thrown)
        stop()
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: limit }, lane))
  } finally {
    signal.removeEventListener('abort', stop)
  }
  if (failures.length > 0) throw failures[0]
  throwIfAborted(signal)
}
