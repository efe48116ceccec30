import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Place, Places } from '@shared/search'
import { silentLog } from '../../../electron/log'
import { PlacesStore } from '../../../electron/store/places'

let folder: string
let time = 1000
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'places-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const open = (): PlacesStore => new PlacesStore(folder, silentLog, () => (time += 1))
const place = (repository: string, registryId = 'r'): Place => ({
  registryId,
  section: 'public',
  repository,
  reference: null,
})
const names = (list: readonly Place[]): string[] => list.map(({ repository }) => repository)

it('has the place that was visited last first, each once, also after a restart', async () => {
  const store = open()
  for (const name of ['a', 'b', 'a']) await store.visit(place(name))
  expect(names(store.read().recent)).toEqual(['a', 'b'])
  expect(names(open().read().recent)).toEqual(['a', 'b'])
})

it('keeps at most 50 recent places and 200 pins', async () => {
  const many = Array.from({ length: 200 }, (_, n) => place(`p${n}`))
  const recent = many.slice(0, 50).map((one) => ({ ...one, visitedAt: 1 }))
  writeFileSync(join(folder, 'places.json'), JSON.stringify({ version: 1, pins: many, recent }))
  const store = open()
  await store.visit(place('new'))
  await store.pin(place('new'), true)
  const { pins, recent: visited } = store.read()
  expect([visited.length, names(visited)[0], names(visited).at(-1)]).toEqual([50, 'new', 'p48'])
  expect([pins.length, names(pins)[0], names(pins).at(-1)]).toEqual([200, 'p1', 'new'])
})

it('pins once, unpins, and tells each change as a newer snapshot', async () => {
  const store = open()
  const heard: Places[] = []
  store.on((places) => heard.push(places))
  await store.pin(place('a'), true)
  await store.pin(place('a'), true)
  expect(names(store.read().pins)).toEqual(['a'])
  await store.pin({ ...place('a'), reference: 'v1' }, false)
  expect(names(store.read().pins)).toEqual(['a'])
  await store.pin(place('a'), false)
  expect(store.read().pins).toEqual([])
  expect(heard.map(({ revision }) => revision)).toEqual([1, 2, 3, 4])
})

it('loses the places of a registry that was removed, and no others', async () => {
  const store = open()
  await store.visit(place('a'))
  await store.visit(place('b', 's'))
  await store.pin(place('a'), true)
  await store.forgetRegistry('r')
  expect([names(store.read().recent), names(store.read().pins)]).toEqual([['b'], []])
})

it('puts a file aside that cannot be understood, and begins anew', () => {
  writeFileSync(join(folder, 'places.json'), '{"pins": 3}')
  expect(open().read()).toEqual({ pins: [], recent: [], revision: 0 })
  expect(readdirSync(folder).some((name) => name.startsWith('places.json.broken-'))).toBe(true)
})
