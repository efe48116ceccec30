/** Types and pure steps of DataTable.vue. */

export interface Column<T> {
  key: string
  title: string
  /** Pixels; without it the column shares what is left, and never gets below `minWidth`. */
  width?: number
  minWidth?: number
  align?: 'start' | 'end'
  /** Ascending order. */
  sortable?: (a: T, b: T) => number
  /** The first click on the header sorts this way; times and sizes read best from the largest. */
  firstOrder?: SortOrder
  hideable?: boolean
  defaultHidden?: boolean
}

export type SortOrder = 'ascending' | 'descending'
export interface Sort {
  key: string
  order: SortOrder
}

/** What a table or a grid of cards lets its page do. */
export interface ListHandle {
  focus: () => void
  toTop: () => void
}

/** How a row is known and what may be done with it besides a click. */
export interface RowLook<T> {
  testId: ((row: T) => string) | undefined
  draggable: (row: T) => boolean
  attributes: (row: T) => Record<string, string>
}

/** What a table does when something happens to one of its rows. */
export interface RowActs<T> {
  click: (row: T, event: MouseEvent) => void
  pick: (row: T, event: MouseEvent) => void
  dragstart: (row: T, event: DragEvent) => void
  dragend: (row: T, event: DragEvent) => void
  drop: (row: T, event: DragEvent) => void
}

export const rowHeight = 36
export const headHeight = 34

/** The rows in the order of a sort; the given order where there is none. The input is left as it is. */
export function sortRows<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  sort: Sort | null,
): readonly T[] {
  const compare = columns.find((column) => column.key === sort?.key)?.sortable
  if (!compare) return rows
  const sign = sort?.order === 'descending' ? -1 : 1
  return [...rows].sort((a, b) => sign * compare(a, b))
}

/** Orders nulls last when ascending, so that what is unknown does not come before what is. */
export function compareNullable(a: number | null, b: number | null): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return a - b
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** What a header's click does next: first order, the other one, and so on. */
export function nextSort<T>(column: Column<T>, sort: Sort | null): Sort {
  const first = column.firstOrder ?? 'ascending'
  if (sort?.key !== column.key) return { key: column.key, order: first }
  return { key: column.key, order: sort.order === 'ascending' ? 'descending' : 'ascending' }
}

/** The CSS grid of header and rows. */
export function gridTemplate<T>(columns: readonly Column<T>[], pick: boolean, actionsWidth: number): string {
  const widths = columns.map((column) =>
    column.width ? `${column.width}px` : `minmax(${column.minWidth ?? 120}px, 1fr)`,
  )
  return [...(pick ? ['36px'] : []), ...widths, `${actionsWidth}px`].join(' ')
}

/** Pixels below which the table scrolls sideways. */
export function leastWidth<T>(columns: readonly Column<T>[], pick: boolean, actionsWidth: number): number {
  const widths = columns.map((column) => column.width ?? column.minWidth ?? 120)
  return widths.reduce((sum, width) => sum + width, (pick ? 36 : 0) + actionsWidth + 16)
}
