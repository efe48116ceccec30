/** What a fuzzed surface is: properties that hold for any input, each with the kind of fault that its breach is. */
import fc from 'fast-check'
import { AppError } from '@shared/error'

/** `lost`: a crash, a hang or an error without a type; `falseSuccess`: taken, though it must be refused; `leaked`: past a bound. */
export type Breach = 'lost' | 'falseSuccess' | 'leaked'

export class BreachError extends Error {
  constructor(
    readonly breach: Breach,
    words: string,
    options?: ErrorOptions,
  ) {
    super(words, options)
  }
}

export interface Finding {
  property: string
  breach: Breach
  /** The shrunk input and what it did, at most some thousand characters. */
  words: string
}

export interface Property {
  name: string
  /** Runs it so often, from this seed on; null where it held. */
  check(runs: number, seed: number): Promise<Finding | null>
}

export interface Surface {
  name: string
  properties: readonly Property[]
  close?(): Promise<void>
}

/** A property of all inputs: what the predicate throws is its breach, by `BreachError` or else `lost`. */
export function property<T>(
  name: string,
  inputs: fc.Arbitrary<T>,
  predicate: (input: T) => void | Promise<void>,
): Property {
  return {
    name,
    async check(numRuns, seed) {
      const held = fc.asyncProperty(inputs, async (input) => predicate(input))
      const { failed, counterexample, errorInstance, counterexamplePath } = await fc.check(held, {
        numRuns,
        seed,
      })
      if (!failed) return null
      const error: unknown = errorInstance
      const breach = error instanceof BreachError ? error.breach : 'lost'
      const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return {
        property: name,
        breach,
        words: `seed ${seed}, path ${counterexamplePath}\n${fc.stringify(counterexample).slice(0, 1500)}\n${words.slice(0, 3000)}`,
      }
    },
  }
}

/** Runs every property of a surface in equal shares; `onBegin` is told each one's name before it runs. */
export async function fuzz(
  surface: Surface,
  { runs, seed, onBegin = () => {} }: { runs: number; seed: number; onBegin?: (property: string) => void },
): Promise<{ runs: number; findings: Finding[] }> {
  const share = Math.ceil(runs / surface.properties.length)
  const findings: Finding[] = []
  try {
    for (const one of surface.properties) {
      onBegin(one.name)
      const found = await one.check(share, seed)
      if (found) findings.push(found)
    }
  } finally {
    await surface.close?.()
  }
  return { runs: share * surface.properties.length, findings }
}

export const lost = (words: string, cause?: unknown): never => {
  throw new BreachError('lost', words, { cause })
}
export const taken = (words: string): never => {
  throw new BreachError('falseSuccess', words)
}
export const leaked = (words: string): never => {
  throw new BreachError('leaked', words)
}

/** The AppError that was thrown; anything else, and INTERNAL, is `lost`. */
function typed(thrown: unknown): AppError {
  if (thrown instanceof AppError && thrown.code !== 'INTERNAL') {
    const { detail } = thrown.toInfo()
    if (detail !== null && detail.length > 4000) return leaked('a detail without end')
    return thrown
  }
  const words = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return lost(`an error without a type: ${words.slice(0, 2000)}`, thrown)
}

/** What the work answers, or the AppError that it throws. */
export function outcome<T>(work: () => T): { value: T } | { error: AppError } {
  try {
    return { value: work() }
  } catch (thrown) {
    return { error: typed(thrown) }
  }
}

/** As `outcome`, for work that takes its time. */
export async function later<T>(work: () => Promise<T>): Promise<{ value: T } | { error: AppError }> {
  try {
    return { value: await work() }
  } catch (thrown) {
    return { error: typed(thrown) }
  }
}
