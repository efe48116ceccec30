import { afterEach } from 'vitest'
import { silentLog } from '../../../electron/log'
import { RegistryClient, type RegistryClientOptions } from '../../../electron/registry/client'
import type { Timing } from '../../../electron/registry/timing'
import { AppError, type ErrorCode } from '@shared/error'

/** Time-outs that let a test see them, and pauses that do not slow it down. */
export const quickTiming: Partial<Timing> = { backoff: 5 }

const undo: (() => unknown)[] = []

/** Has something undone after the test that is running; newest first. */
export function later<T extends { stop(): unknown } | { close(): unknown }>(part: T): T {
  undo.unshift(() => ('stop' in part ? part.stop() : part.close()))
  return part
}

afterEach(async () => {
  for (const step of undo.splice(0)) await step()
})

/** A client that is closed after the test; anonymous and without a proxy unless told otherwise. */
export function clientOf(
  endpoint: RegistryClientOptions['endpoint'],
  options: Partial<RegistryClientOptions> = {},
): RegistryClient {
  return later(
    new RegistryClient({
      resolveCredential: () => Promise.resolve(null),
      confirmedRealms: () => [],
      log: silentLog,
      proxyFor: () => null,
      timing: quickTiming,
      ...options,
      endpoint,
    }),
  )
}

/** Resolves with the AppError that a promise rejects with; fails where it has another code, or none. */
export async function failure(promise: Promise<unknown>, code: ErrorCode): Promise<AppError> {
  const outcome = await promise.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  )
  if (!(outcome instanceof AppError)) throw new Error(`${code} was expected`, { cause: outcome })
  if (outcome.code !== code)
    throw new Error(`${code} was expected, not ${outcome.message}`, { cause: outcome })
  return outcome
}

/** Everything that a listing yields. */
export async function collect<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of list) items.push(item)
  return items
}
