import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openCache, type Cache } from '../../../electron/cache/cache'
import { silentLog } from '../../../electron/log'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`

let folder: string
let cache: Cache

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-cache-'))
  cache = openCache(folder, silentLog)
})
afterEach(() => {
  cache.close()
  rmSync(folder, { recursive: true })
})

const names = (namespace = ''): string[] => cache.catalog.repositories('r', namespace).map(({ name }) => name)
const tags = (): string[] => cache.tags.tags('r', 'library/app').map(({ name }) => name)

function list(pages: string[][], outcome: 'whole' | 'cut' | 'broken off', now = 1000): void {
  const generation = cache.catalog.begin('r')
  for (const page of pages) cache.catalog.addPage('r', generation, page, now)
  if (outcome !== 'broken off') cache.catalog.end('r', generation, outcome === 'whole', now)
}

describe('the list of repositories', () => {
  it('is unknown before it was ever read', () => {
    expect(cache.catalog.listing('r')).toEqual({ fetchedAt: null, complete: false, refused: false })
    expect(names()).toEqual([])
  })

  it('loses what is gone when a refresh came whole', () => {
    list([['a/one', 'a/two']], 'whole')
    list([['a/two'], ['a/three']], 'whole', 2000)
    expect(names()).toEqual(['a/three', 'a/two'])
    expect(cache.catalog.listing('r')).toEqual({ fetchedAt: 2000, complete: true, refused: false })
  })

  it('only grows by a refresh that was cut, and says that it is not whole', () => {
    list([['a/one', 'a/two']], 'whole')
    list([['a/three']], 'cut', 2000)
    expect(names()).toEqual(['a/one', 'a/three', 'a/two'])
    expect(cache.catalog.listing('r')).toEqual({ fetchedAt: 2000, complete: false, refused: false })
  })

  it('stays whole and as old as it was after a refresh that broke off', () => {
    list([['a/one', 'a/two']], 'whole')
    list([['a/one']], 'broken off', 2000)
    expect(names()).toEqual(['a/one', 'a/two'])
    expect(cache.catalog.listing('r')).toEqual({ fetchedAt: 1000, complete: true, refused: false })
    list([['a/one']], 'whole', 3000)
    expect(names()).toEqual(['a/one'])
  })

  it('counts as answered from the first page of the first refresh', () => {
    list([['a/one']], 'broken off')
    expect(cache.catalog.listing('r')).toEqual({ fetchedAt: 1000, complete: false, refused: false })
  })

  it('keeps what was added by hand until the registry lists it', () => {
    cache.catalog.addByHand('r', 'a/mine')
    list([['a/one']], 'whole')
    expect(cache.catalog.addedByHand('r').map(({ name }) => name)).toEqual(['a/mine'])
    list([['a/one', 'a/mine']], 'whole')
    expect(cache.catalog.addedByHand('r')).toEqual([])
    list([['a/one']], 'whole')
    expect(names()).toEqual(['a/one'])
  })

  it('is read by namespace, whole components only', () => {
    list([['library/nginx', 'library-old/nginx', 'library/team/app', 'librarz/x', 'library']], 'whole')
    expect(names('library')).toEqual(['library/nginx', 'library/team/app'])
  })

  it('takes names that look like SQL or JSON as what they are', () => {
    list([[`a'); DROP TABLE repository; --`, 'a/"quoted"']], 'whole')
    expect(names()).toHaveLength(2)
  })
})

describe('the list of tags', () => {
  it('keeps what tags name through a refresh, and drops the gone ones when it came whole', () => {
    const first = cache.tags.begin('r', 'library/app')
    cache.tags.addPage('r', 'library/app', first, ['1', '2'], 1000)
    cache.tags.end('r', 'library/app', first, true, 1000)
    cache.tags.point('r', 'library/app', '1', digest('a'), 1500)
    const second = cache.tags.begin('r', 'library/app')
    cache.tags.addPage('r', 'library/app', second, ['1'], 2000)
    expect(tags()).toEqual(['1', '2'])
    cache.tags.end('r', 'library/app', second, true, 2000)
    expect(tags()).toEqual(['1'])
    expect(cache.tags.tag('r', 'library/app', '1')).toMatchObject({
      digest: digest('a'),
      checkedAt: 1500,
      ready: false,
    })
  })

  it('does not lose a tag that was pushed while the list was on its way', () => {
    const generation = cache.tags.begin('r', 'library/app')
    cache.tags.addPage('r', 'library/app', generation, ['1'], 1000)
    cache.tags.point('r', 'library/app', 'pushed', digest('a'), 1000)
    cache.tags.end('r', 'library/app', generation, true, 1000)
    expect(tags()).toEqual(['1', 'pushed'])
  })
})

describe('what digests name', () => {
  const manifest = {
    digest: digest('a'),
    mediaType: 'type',
    kind: 'image',
    bytes: Buffer.from('{}'),
    storedAt: 1,
  } as const

  it('outlives the program', () => {
    cache.content.addManifest(manifest)
    cache.content.addConfig(digest('c'), Buffer.from('config'))
    cache.close()
    cache = openCache(folder, silentLog)
    expect(cache.content.manifest(digest('a'))).toEqual(manifest)
    expect(cache.configOf(digest('c'))?.toString()).toBe('config')
    expect(cache.configOf(digest('d'))).toBeNull()
  })

  it('goes with the last registry that holds it', () => {
    cache.content.addManifest(manifest)
    cache.content.place('r', 'library/app', digest('a'))
    cache.content.place('s', 'other/app', digest('a'))
    list([['library/app']], 'whole')
    cache.tags.point('r', 'library/app', '1', digest('a'), 1)
    cache.forgetRegistry('r')
    expect([names(), tags()]).toEqual([[], []])
    expect(cache.content.isPlaced('r', 'library/app', digest('a'))).toBe(false)
    expect(cache.content.manifest(digest('a'))).not.toBeNull()
    cache.forgetRegistry('s')
    expect(cache.content.manifest(digest('a'))).toBeNull()
  })

  it('tells which layer a repository holds for a diff ID', () => {
    cache.content.addLayers('r', 'library/app', [{ diffId: digest('1'), digest: digest('2'), size: 42 }])
    cache.content.addLayers('r', 'library/other', [{ diffId: digest('3'), digest: digest('4'), size: 43 }])
    expect([...cache.knownDiffIds('r', 'library/app')]).toEqual([
      [digest('1'), { digest: digest('2'), size: 42 }],
    ])
    expect(cache.knownDiffIds('r').size).toBe(2)
    expect(cache.knownDiffIds('s').size).toBe(0)
  })
})
