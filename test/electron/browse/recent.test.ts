import { expect, it } from 'vitest'
import { Recent } from '../../../electron/browse/recent'

it('keeps of the values that may go those that were asked for last', () => {
  const recent = new Recent({ make: (key) => ({ key, used: 0 }), mayGo: ({ used }) => used === 0, most: 3 })
  const first = recent.of('a')
  recent.of('b').used = 1
  for (const key of ['c', 'a', 'd', 'e']) recent.of(key)
  expect(recent.keys()).toEqual(['b', 'd', 'e'])
  expect(recent.find('a')).toBeNull()
  expect(recent.of('a')).not.toBe(first)
  expect(recent.keys()).toEqual(['b', 'e', 'a'])
})
it('lets nothing go that is needed, nor what is just made', () => {
  const recent = new Recent({ make: (key) => key, mayGo: (value) => value === 'z', most: 2 })
  for (const key of ['a', 'b', 'c', 'z']) recent.of(key)
  expect(recent.keys()).toEqual(['a', 'b', 'c', 'z'])
  recent.of('y')
  expect(recent.keys()).toEqual(['a', 'b', 'c', 'y'])
})
