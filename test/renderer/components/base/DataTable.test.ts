// @vitest-environment happy-dom
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import DataTable from '@/components/base/DataTable.vue'
import type { Sort } from '@/components/base/data-table'
import { createMessages } from '@/i18n'
import { answeringBridge } from '../../support/answering-bridge'

interface Row {
  name: string
}
const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => ({ name: `row-${String(index).padStart(6, '0')}` }))

const opened = vi.fn()
const selected = ref<ReadonlySet<string>>(new Set())
const rows = ref<readonly Row[]>([])
const sort = ref<Sort | null>(null)
let wrapper: VueWrapper

beforeEach(async () => {
  // Nothing is laid out here, so the list is told how large it is.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(800)
  answeringBridge({})
  setActivePinia(createPinia())
  opened.mockReset()
  selected.value = new Set()
  sort.value = null
  rows.value = rowsOf(1000)
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/', component: { render: () => null } }],
  })
  const page = defineComponent(
    () => () =>
      h(
        DataTable<Row>,
        {
          rows: rows.value,
          columns: [{ key: 'name', title: 'Name', sortable: (a: Row, b: Row) => (a.name < b.name ? -1 : 1) }],
          rowKey: (row: Row) => row.name,
          tableId: 'test',
          selectable: true,
          selected: selected.value,
          'onUpdate:selected': (next: ReadonlySet<string>) => (selected.value = next),
          sort: sort.value,
          'onUpdate:sort': (next: Sort | null) => (sort.value = next),
          onOpen: opened,
        },
        { 'cell-name': ({ row }: { row: Row }) => row.name },
      ),
  )
  wrapper = mount(page, { global: { plugins: [router, createMessages('en')] }, attachTo: document.body })
  await flushPromises()
})
afterEach(() => {
  wrapper.unmount()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const names = (): string[] => wrapper.findAll('[data-testid^=row-]').map((row) => row.text())
async function press(...keys: string[]): Promise<void> {
  for (const chord of keys) {
    const parts = chord.split('+')
    const options = {
      key: parts.at(-1) ?? '',
      shiftKey: parts.includes('Shift'),
      ctrlKey: parts.includes('Ctrl'),
    }
    await wrapper.find('[role=grid]').trigger('keydown', options)
  }
}

it('draws only what is on screen of a hundred thousand rows', async () => {
  rows.value = rowsOf(100_000)
  await flushPromises()
  expect(names().length).toBeGreaterThan(5)
  expect(names().length).toBeLessThan(60)
  expect(wrapper.find('[role=grid]').attributes('aria-rowcount')).toBe('100001')
})

it('moves with the arrows and opens with Enter', async () => {
  await press('ArrowDown', 'ArrowDown', 'Enter')
  expect(opened).toHaveBeenCalledWith({ name: 'row-000001' })
})

it('picks with Space, extends with Shift, takes all with Ctrl+A and none with Escape', async () => {
  await press('ArrowDown', ' ', 'Shift+ArrowDown', 'Shift+ArrowDown')
  expect([...selected.value]).toEqual(['row-000000', 'row-000001', 'row-000002'])
  await press('Ctrl+a')
  expect(selected.value.size).toBe(1000)
  await press('Escape')
  expect(selected.value.size).toBe(0)
})

it('opens on a click and picks a range on a click with Shift', async () => {
  const shown = wrapper.findAll('[data-testid^=row-]')
  await shown[1]?.trigger('click')
  expect(opened).toHaveBeenCalledTimes(1)
  await shown[4]?.trigger('click', { shiftKey: true })
  expect(selected.value.size).toBe(4)
  expect(opened).toHaveBeenCalledTimes(1)
})

it('lets go of rows that are filtered away', async () => {
  selected.value = new Set(['row-000000', 'row-000001'])
  await nextTick()
  rows.value = rows.value.slice(1)
  await flushPromises()
  expect([...selected.value]).toEqual(['row-000001'])
})

it('sorts by a click on the header', async () => {
  await wrapper.find('[role=columnheader] button').trigger('click')
  expect(sort.value).toEqual({ key: 'name', order: 'ascending' })
  await wrapper.find('[role=columnheader] button').trigger('click')
  expect(names()[0]).toBe('row-000999')
})

describe('while somebody points at a row', () => {
  beforeEach(async () => {
    rows.value = ['b', 'd', 'f'].map((name) => ({ name }))
    sort.value = { key: 'name', order: 'ascending' }
    await nextTick()
    await wrapper.find('.body').trigger('pointermove')
  })
  const come = async (...all: string[]): Promise<void> => {
    rows.value = all.map((name) => ({ name }))
    await nextTick()
  }

  it('no row moves away from under the pointer; what is new waits at the end', async () => {
    await come('a', 'b', 'd', 'f')
    expect(names()).toEqual(['b', 'd', 'f', 'a'])
    await come('a', 'b', 'f')
    expect(names()).toEqual(['b', 'f', 'a'])
  })

  it('the order is right again once the pointer has left, or rests', async () => {
    await come('a', 'b', 'd', 'f')
    await wrapper.find('.body').trigger('pointerleave')
    expect(names()).toEqual(['a', 'b', 'd', 'f'])
    vi.useFakeTimers()
    await wrapper.find('.body').trigger('pointermove')
    await come('0', 'a', 'b', 'd', 'f')
    expect(names().at(-1)).toBe('0')
    vi.advanceTimersByTime(2000)
    vi.useRealTimers()
    await nextTick()
    expect(names()[0]).toBe('0')
  })

  it('an order that is asked for comes at once', async () => {
    sort.value = { key: 'name', order: 'descending' }
    await nextTick()
    expect(names()).toEqual(['f', 'd', 'b'])
  })
})
