import { joinSignals } from './signal'

/**
 * Runs a task for each item, at most `limit` at once, and resolves with the outcomes in the items' order. After a failure no
 * other is begun; it rejects with the first one once all that run have settled.
 */
export async function inParallel<Item, Outcome>(
  items: readonly Item[],
  limit: number,
  task: (item: Item) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  let next = 0
  let failure: { thrown: unknown } | null = null
  const worker = async (): Promise<void> => {
    while (next < items.length && failure === null) {
      const place = next
      next += 1
      try {
        outcomes[place] = await task(items[place] as Item)
      } catch (thrown) {
        failure ??= { thrown }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  if (failure !== null) throw (failure as { thrown: unknown }).thrown
  return outcomes
}

/** Does works side by side; the first failure stops the others, and is thrown once they have ended. */
export async function together(
  outer: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failing = new AbortController()
  const { signal, release } = joinSignals(outer, failing.signal)
  const failures: unknown[] = []
  const settled = works.map((work) =>
    work(signal).catch((thrown: unknown) => {
      failures.push(thrown)
      failing.abort()
    }),
  )
  await Promise.all(settled)
  release()
  if (failures.length > 0) throw failures[0]
}
