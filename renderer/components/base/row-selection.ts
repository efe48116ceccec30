import { ref, type Ref } from 'vue'

/** Which rows are picked and which one is active, by key: single, toggled, ranges from an anchor, and all. */
export function useRowSelection(
  keys: Readonly<Ref<readonly string[]>>,
  selected: Ref<ReadonlySet<string>>,
  selectable: () => boolean,
) {
  const active = ref<string | null>(null)
  const anchor = ref<string | null>(null)

  const activeIndex = (): number => (active.value === null ? -1 : keys.value.indexOf(active.value))

  const toggle = (key: string): void => {
    if (!selectable()) return
    const next = new Set(selected.value)
    if (!next.delete(key)) next.add(key)
    selected.value = next
    anchor.value = key
    active.value = key
  }

  /** Everything from the anchor to this row, in the order shown. */
  const extendTo = (key: string): void => {
    if (!selectable()) return
    const from = keys.value.indexOf(anchor.value ?? active.value ?? key)
    const to = keys.value.indexOf(key)
    if (to < 0) return
    const [low, high] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)]
    anchor.value ??= keys.value[low] ?? key
    selected.value = new Set([...selected.value, ...keys.value.slice(low, high + 1)])
    active.value = key
  }

  const all = (): void => {
    if (selectable()) selected.value = new Set(keys.value)
  }
  const clear = (): void => {
    if (selected.value.size > 0) selected.value = new Set()
  }

  /** Moves the active row to an index, within bounds; `extend` picks on the way. Answers the new index. */
  const moveTo = (index: number, extend: boolean): number => {
    const bounded = Math.max(0, Math.min(keys.value.length - 1, index))
    const key = keys.value[bounded]
    if (key === undefined) return -1
    if (extend) extendTo(key)
    else anchor.value = null
    active.value = key
    return bounded
  }

  return { active, activeIndex, toggle, extendTo, all, clear, moveTo }
}
