import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openCache, type Cache } from '../../../electron/cache/cache'
import { silentLog } from '../../../electron/log'
import { storeImage } from './image'

const day = 24 * 60 * 60 * 1000
let folder: string
let cache: Cache
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-sweep-'))
  cache = openCache(folder, silentLog, () => 100 * day)
})
afterEach(() => {
  cache.close()
  rmSync(folder, { recursive: true })
})

function prune(): void {
  while (!cache.index(1000));
  cache.prune()
}

it('takes out what no tag leads to any more, with its config and its terms', () => {
  const gone = storeImage(cache, { repository: 't/app', tag: '1', env: ['GONE=1'], storedAt: day })
  const kept = storeImage(cache, { repository: 't/app', tag: '2', env: ['KEPT=1'], storedAt: day })
  cache.tags.remove('r', 't/app', '1')
  prune()
  expect([cache.content.manifest(gone.digest), cache.configOf(gone.config)]).toEqual([null, null])
  expect(cache.content.manifest(kept.digest)).not.toBeNull()
  expect(cache.configOf(kept.config)).not.toBeNull()
  expect(cache.search('gone', 50, ['r'])).toEqual([])
  expect(cache.search('kept', 50, ['r'])).toHaveLength(1)
})

it('keeps what was read within a week, what an index holds, and what a tag named until it moved', () => {
  const fresh = storeImage(cache, { repository: 't/app', tag: 'fresh', storedAt: 99 * day })
  cache.tags.remove('r', 't/app', 'fresh')
  const child = storeImage(cache, { repository: 't/app', tag: 'child', storedAt: day })
  cache.tags.remove('r', 't/app', 'child')
  const index = `sha256:${'1'.repeat(64)}`
  const bytes = Buffer.from(JSON.stringify({ manifests: [{ digest: child.digest }] }))
  cache.content.addManifest({ digest: index, mediaType: 't', kind: 'index', bytes, storedAt: day })
  cache.tags.point('r', 't/app', 'multi', index, day)
  const former = storeImage(cache, { repository: 't/app', tag: 'moving', storedAt: day, env: ['A=1'] })
  storeImage(cache, { repository: 't/app', tag: 'moving', storedAt: day, env: ['A=2'] })
  prune()
  for (const { digest } of [fresh, child, former]) expect(cache.content.manifest(digest)).not.toBeNull()
})
