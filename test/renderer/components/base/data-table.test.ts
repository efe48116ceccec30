import { expect, it } from 'vitest'
import { compareNullable, nextSort, sortRows, type Column } from '@/components/base/data-table'

interface Row {
  name: string
  size: number | null
}
const columns: Column<Row>[] = [
  { key: 'name', title: 'Name', sortable: (a, b) => a.name.localeCompare(b.name) },
  {
    key: 'size',
    title: 'Size',
    firstOrder: 'descending',
    sortable: (a, b) => compareNullable(a.size, b.size),
  },
  { key: 'plain', title: 'Plain' },
]
const rows: Row[] = [
  { name: 'b', size: 2 },
  { name: 'a', size: null },
  { name: 'c', size: 9 },
]
const names = (sorted: readonly Row[]): string => sorted.map((row) => row.name).join('')

it('sorts both ways, with the unknown last when the largest comes first', () => {
  expect(names(sortRows(rows, columns, { key: 'name', order: 'ascending' }))).toBe('abc')
  expect(names(sortRows(rows, columns, { key: 'size', order: 'descending' }))).toBe('cba')
})

it('leaves the given order where nothing says how to sort', () => {
  expect(names(sortRows(rows, columns, null))).toBe('bac')
  expect(names(sortRows(rows, columns, { key: 'plain', order: 'ascending' }))).toBe('bac')
})

it('starts a column in its own order and turns it with the second click', () => {
  const size: Column<Row> = { key: 'size', title: 'Size', firstOrder: 'descending' }
  const once = nextSort(size, { key: 'name', order: 'ascending' })
  expect(once).toEqual({ key: 'size', order: 'descending' })
  expect(nextSort(size, once)).toEqual({ key: 'size', order: 'ascending' })
})
