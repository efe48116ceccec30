// @vitest-environment happy-dom
import { afterEach, expect, it } from 'vitest'
import { effectScope, nextTick, ref, shallowRef } from 'vue'
import { inMenu, useRowFocus } from '@/components/base/row-focus'

const scope = effectScope()
const rows = (from: number) => [0, 1].map((at) => ({ index: from + at, key: `tag-${from + at}` }))

function begin() {
  document.body.innerHTML =
    '<div tabindex="0"><div class="row" aria-rowindex="2"><button aria-haspopup="menu">…</button></div></div>'
  const table = document.querySelector('div')
  const button = document.querySelector('button')
  if (!table || !button) throw new Error('no table')
  const shown = shallowRef(rows(0))
  scope.run(() => useRowFocus(ref(table), shown))
  button.focus()
  return { table, button, shown }
}
afterEach(() => document.body.replaceChildren())

it('takes the focus to the table when the row of a focused button scrolls away', async () => {
  const { table, shown } = begin()
  shown.value = rows(7)
  await nextTick()
  expect(document.activeElement).toBe(table)
})

it('leaves the focus where its row is still there', async () => {
  const { button, shown } = begin()
  shown.value = [...rows(0), { index: 2, key: 'tag-2' }]
  await nextTick()
  expect(document.activeElement).toBe(button)
})

it('takes it away when another row comes to the same place', async () => {
  const { table, shown } = begin()
  shown.value = [{ index: 0, key: 'other' }]
  await nextTick()
  expect(document.activeElement).toBe(table)
})

it('leaves keys to a menu only while it is open', () => {
  const { button } = begin()
  const heard: boolean[] = []
  button.addEventListener('keydown', (event) => heard.push(inMenu(event)))
  button.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }))
  button.setAttribute('aria-expanded', 'true')
  button.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }))
  expect(heard).toEqual([false, true])
})
