import { AppError } from '@shared/error'
import type { Engine } from '../engine/engine'

/** What jobs need of the engine. */
export type EngineAccess = Pick<
  Engine,
  | 'state'
  | 'on'
  | 'inspectImage'
  | 'tagImage'
  | 'imageIdOf'
  | 'removeReference'
  | 'push'
  | 'pull'
  | 'exportImage'
>

/**
 * Resolves once the engine is no longer being looked for, at most `patience` milliseconds later: a job that was waiting when
 * the program ended would otherwise fail while the engine is still being connected. CANCELLED when aborted.
 */
export async function engineSettled(
  engine: Pick<Engine, 'state' | 'on'>,
  signal: AbortSignal,
  patience = 15_000,
): Promise<void> {
  throwIfAborted(signal)
  if (engine.state.status !== 'connecting') return
  await new Promise<void>((done) => {
    const timer = setTimeout(finish, patience)
    const off = engine.on('state', (state) => state.status !== 'connecting' && finish())
    signal.addEventListener('abort', finish)
    function finish(): void {
      clearTimeout(timer)
      off()
      signal.removeEventListener('abort', finish)
      done()
    }
  })
  throwIfAborted(signal)
}

/**
 * What an engine answers to `asked`, or CANCELLED as soon as the signal fires: an engine that hangs holds up nobody who has
 * cancelled. What it answers afterwards goes to `late`.
 */
export async function orCancelled<T>(
  signal: AbortSignal,
  asked: Promise<T>,
  late: (value: T) => void = () => undefined,
): Promise<T> {
  let cancel = (): void => undefined
  let answered = false
  const cancelled = new Promise<never>((_done, fail) => {
    cancel = () => fail(new AppError('CANCELLED'))
    if (signal.aborted) cancel()
    signal.addEventListener('abort', cancel)
  })
  try {
    const value = await Promise.race([asked, cancelled])
    answered = true
    return value
  } finally {
    signal.removeEventListener('abort', cancel)
    // A failure was told already, or nobody waits for it any more.
    if (!answered) asked.then(late, () => undefined)
  }
}

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('CANCELLED')
}
