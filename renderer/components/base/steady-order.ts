import { computed, onScopeDispose, ref, type ComputedRef } from 'vue'

/** So long the pointer rests before rows may move under it; milliseconds. */
const rest = 1000

/**
 * The rows of a table in an order that stays while somebody is pointing at one of them: what is read about rows meanwhile
 * would otherwise put another row under the pointer, and a click would do to it what was meant for the first. Rows that go
 * go at once, new ones wait at the end. A `choice` of the user, that of a sort, counts at once.
 */
export function useSteadyOrder<T>(
  sorted: () => readonly T[],
  keyOf: (row: T) => string,
  choice: () => unknown,
): { rows: ComputedRef<readonly T[]>; point: () => void; leave: () => void } {
  const pointing = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let before: { order: readonly string[]; choice: unknown } = { order: [], choice: undefined }

  const rows = computed<readonly T[]>(() => {
    const wanted = sorted()
    const chosen = choice()
    const held = pointing.value && chosen === before.choice
    const now = held ? inOrder(wanted, before.order, keyOf) : wanted
    before = { order: now.map(keyOf), choice: chosen }
    return now
  })

  const leave = (): void => {
    clearTimeout(timer)
    pointing.value = false
  }
  const point = (): void => {
    clearTimeout(timer)
    pointing.value = true
    timer = setTimeout(leave, rest)
  }
  onScopeDispose(leave)
  return { rows, point, leave }
}

function inOrder<T>(rows: readonly T[], order: readonly string[], keyOf: (row: T) => string): readonly T[] {
  const left = new Map(rows.map((row) => [keyOf(row), row]))
  const known = order.flatMap((key) => {
    const row = left.get(key)
    left.delete(key)
    return row === undefined ? [] : [row]
  })
  return [...known, ...left.values()]
}
