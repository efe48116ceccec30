import { AppError } from '@shared/error'

export const cancelled = (): AppError => new AppError('CANCELLED', { side: 'registry' })

/** Who waits for each signal. One event listener serves them all: adding the n-th listener takes n steps in Node. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>()

function waitersOf(signal: AbortSignal): Set<() => void> {
  const known = waiting.get(signal)
  if (known) return known
  const waiters = new Set<() => void>()
  waiting.set(signal, waiters)
  signal.addEventListener('abort', () => {
    for (const stop of waiters) stop()
    waiters.clear()
  })
  return waiters
}

/** Runs `stop` when the signal is aborted (at once if it is already); call what is returned when it matters no more. */
export function onAbort(signal: AbortSignal | undefined, stop: () => void): () => void {
  if (signal === undefined) return () => {}
  if (signal.aborted) {
    stop()
    return () => {}
  }
  const waiters = waitersOf(signal)
  // A function of its own, so that the same `stop` may wait twice.
  const waiter = (): void => stop()
  waiters.add(waiter)
  return () => void waiters.delete(waiter)
}

interface Joined {
  controller: AbortController
  users: number
  leave(): void
}

/** By the first of two signals, then the second: requests come by the thousand with the same two. */
const joinedSignals = new WeakMap<AbortSignal, WeakMap<AbortSignal, Joined>>()

function sharedJoin(first: AbortSignal, second: AbortSignal): Joined {
  const ofFirst = joinedSignals.get(first) ?? new WeakMap<AbortSignal, Joined>()
  joinedSignals.set(first, ofFirst)
  const known = ofFirst.get(second)
  if (known) return known
  const controller = new AbortController()
  const releases = [first, second].map((signal) => onAbort(signal, () => controller.abort()))
  const leave = (): void => {
    ofFirst.delete(second)
    for (const release of releases) release()
  }
  const joined: Joined = { controller, users: 0, leave }
  ofFirst.set(second, joined)
  return joined
}

/** One signal that is aborted with any of the given ones (AbortSignal.any is newer than our Node). */
export function joinSignals(...signals: (AbortSignal | undefined)[]): {
  signal: AbortSignal
  release(): void
} {
  const given = signals.filter((signal): signal is AbortSignal => signal !== undefined)
  const [first, second, third] = given
  if (first && second && !third) return joinTwo(first, second)
  const joined = new AbortController()
  const releases = given.map((signal) => onAbort(signal, () => joined.abort()))
  return { signal: joined.signal, release: () => releases.forEach((release) => release()) }
}

function joinTwo(first: AbortSignal, second: AbortSignal): { signal: AbortSignal; release(): void } {
  const joined = sharedJoin(first, second)
  joined.users += 1
  let released = false
  const release = (): void => {
    if (!released) joined.users -= 1
    released = true
    if (joined.users === 0) joined.leave()
  }
  return { signal: joined.controller.signal, release }
}

/** Waits; rejects with CANCELLED when the signal is aborted. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => {
      release()
      done()
    }, milliseconds)
    const release = onAbort(signal, () => {
      clearTimeout(timer)
      fail(cancelled())
    })
  })
}

/** The promise's outcome, or CANCELLED as soon as the signal is aborted; what is shared with others goes on. */
export function untilAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise
  return new Promise<T>((done, fail) => {
    const release = onAbort(signal, () => fail(cancelled()))
    promise.then(done, fail).finally(release)
  })
}
