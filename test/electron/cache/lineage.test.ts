import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openCache, type Cache } from '../../../electron/cache/cache'
import type { KinOfImage } from '../../../electron/cache/lineage'
import { silentLog } from '../../../electron/log'
import { storeImage } from './image'

let folder: string
let cache: Cache
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-lineage-'))
  cache = openCache(folder, silentLog)
})
afterEach(() => {
  cache.close()
  rmSync(folder, { recursive: true })
})

function of(repository: string, digest: string): KinOfImage {
  while (!cache.index(1000));
  return cache.lineages.of({ registryId: 'r', repository, digest }, ['r'])
}

it('tells the nearest image that another begins with', () => {
  storeImage(cache, { repository: 'library/debian', tag: '12', diffIds: ['a'] })
  storeImage(cache, { repository: 't/jdk_ownbase', tag: '8', diffIds: ['a', 'b'] })
  storeImage(cache, { repository: 't/other', tag: '1', diffIds: ['x', 'b'] })
  const app = storeImage(cache, { repository: 't/app', tag: '1', diffIds: ['a', 'b', 'c'] })
  expect(of('t/app', app.digest)).toMatchObject({
    base: { repository: 't/jdk_ownbase', tag: '8' },
    newerBase: null,
    builtOnThis: [],
  })
})

it('knows the base by the tag that it had, and the build that has it now', () => {
  const old = storeImage(cache, {
    repository: 't/jdk_ownbase',
    tag: 'latest',
    created: 1000,
    diffIds: ['a', 'b'],
  })
  const app = storeImage(cache, { repository: 't/app', tag: '1', created: 1500, diffIds: ['a', 'b', 'c'] })
  const fresh = storeImage(cache, {
    repository: 't/jdk_ownbase',
    tag: 'latest',
    created: 2000,
    diffIds: ['a', 'n'],
  })
  const modern = storeImage(cache, {
    repository: 't/modern',
    tag: '1',
    created: 2500,
    diffIds: ['a', 'n', 'c'],
  })
  expect(of('t/app', app.digest)).toMatchObject({
    base: { tag: 'latest', digest: old.digest },
    newerBase: { tag: 'latest', digest: fresh.digest },
  })
  expect(of('t/modern', modern.digest)).toMatchObject({ base: { digest: fresh.digest }, newerBase: null })
  const built = of('t/jdk_ownbase', fresh.digest).builtOnThis
  expect(built.map(({ repository, stale }) => [repository, stale])).toEqual([
    ['t/modern', false],
    ['t/app', true],
  ])
})

it('counts the same layers as base only under a custom base image, and never its own repository', () => {
  storeImage(cache, { repository: 't/app', tag: '1', diffIds: ['a'] })
  const app = storeImage(cache, { repository: 't/app', tag: '2', diffIds: ['a', 'b'] })
  storeImage(cache, { repository: 't/twin', tag: '1', diffIds: ['a', 'b'] })
  expect(of('t/app', app.digest)).toMatchObject({ base: null, builtOnThis: [] })
  storeImage(cache, { repository: 't/x_ownbase', tag: '1', diffIds: ['a', 'b'] })
  expect(of('t/app', app.digest).base).toMatchObject({ repository: 't/x_ownbase' })
})

it('knows nothing of an image without layers, or one that was never seen', () => {
  const { digest } = storeImage(cache, { repository: 't/empty', tag: '1' })
  expect(of('t/empty', digest)).toEqual({ base: null, newerBase: null, builtOnThis: [] })
  expect(of('t/none', `sha256:${'0'.repeat(64)}`).base).toBeNull()
})
