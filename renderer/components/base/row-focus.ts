import { watch, type Ref } from 'vue'

interface ShownRow {
  index: number
  key: string
}

/**
 * A table's elements serve one row after the other. Whoever is at a button of a row does not find themselves at that of
 * another row: the focus goes to the table itself when the row leaves its place.
 */
export function useRowFocus(
  scroller: Readonly<Ref<HTMLElement | null>>,
  shown: Readonly<Ref<readonly ShownRow[]>>,
): void {
  watch(shown, (now, before) => {
    const table = scroller.value
    const row = table?.contains(document.activeElement) ? document.activeElement?.closest('.row') : null
    if (!row) return
    const index = Number(row.getAttribute('aria-rowindex')) - 2
    const keyIn = (rows: readonly ShownRow[]): string | undefined =>
      rows.find((one) => one.index === index)?.key
    if (keyIn(now) !== keyIn(before)) table?.focus({ preventScroll: true })
  })
}

/** Whether a key belongs to a menu that a row's button has opened. */
export const inMenu = ({ target }: Event): boolean =>
  target instanceof Element && target.closest('[aria-haspopup][aria-expanded=true]') !== null
