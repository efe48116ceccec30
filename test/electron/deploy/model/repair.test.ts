import { expect, it } from 'vitest'
import { emptySpec } from '@shared/deployment'
import { imageOf } from '../../../../electron/deploy/model/image'
import { nameFrom, repaired } from '../../../../electron/deploy/model/repair'
import { fullSpec } from './some-spec'

it.each([
  ['My_App.v2', 'my-app-v2'],
  ['--a--', 'a'],
  ['日本', 'deployment'],
  ['', 'deployment'],
  [`${'a'.repeat(49)}-b`, 'a'.repeat(49)],
])('makes a name of %j', (text, name) => {
  expect(nameFrom(text)).toBe(name)
})

it('takes out only what is wrong', () => {
  const full = fullSpec()
  const spec = repaired({
    ...full,
    name: 'Not A Name',
    environment: [{ name: '', value: 'x', secret: false }, ...full.environment, ...full.environment],
    labels: { ...full.labels, 'io.slipway.x': 'y' },
    user: 'two words',
    memory: { limit: 5, reservation: 9 },
    networks: ['front', 'container:x'],
  })
  expect(spec).toEqual({
    ...full,
    ...{ name: 'not-a-name', user: null, memory: { limit: null, reservation: null }, networks: ['front'] },
  })
})

it('gives up in bounded time on what is wrong all over', () => {
  const networks = Array.from({ length: 100_000 }, () => '::')
  expect(repaired({ ...fullSpec(), networks }).networks).toEqual([])
  const labels = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`io.slipway.${index}`, 'x']))
  const image = imageOf('localhost/a:1')
  expect(repaired({ ...emptySpec(image, 'a'), labels, user: 'a b' })).toEqual(emptySpec(image, 'a'))
})
