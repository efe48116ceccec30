import { expect, it } from 'vitest'
import { ref } from 'vue'
import { useRowSelection } from '@/components/base/row-selection'

function setup(names = 'a b c d e') {
  const keys = ref<readonly string[]>(names.split(' '))
  const selected = ref<ReadonlySet<string>>(new Set())
  const selection = useRowSelection(keys, selected, () => true)
  return { keys, selection, picked: () => [...selected.value].sort().join('') }
}

it('picks a range from the row that was picked last', () => {
  const { selection, picked } = setup()
  selection.toggle('b')
  selection.extendTo('d')
  expect(picked()).toBe('bcd')
})

it('picks a range upwards, in the order that is shown now', () => {
  const { keys, selection, picked } = setup()
  selection.toggle('b')
  keys.value = ['e', 'a', 'd', 'b', 'c']
  selection.extendTo('a')
  expect(picked()).toBe('abd')
})

it('picks on the way with Shift and the arrows', () => {
  const { selection, picked } = setup()
  selection.moveTo(1, false)
  selection.moveTo(2, true)
  selection.moveTo(3, true)
  expect(picked()).toBe('bcd')
})

it('stays within the list', () => {
  const { selection } = setup()
  expect(selection.moveTo(99, false)).toBe(4)
  expect(selection.moveTo(-5, false)).toBe(0)
})

it('takes a picked row back, all rows at once, and none', () => {
  const { selection, picked } = setup()
  selection.toggle('c')
  selection.toggle('c')
  expect(picked()).toBe('')
  selection.all()
  expect(picked()).toBe('abcde')
  selection.clear()
  expect(picked()).toBe('')
})
