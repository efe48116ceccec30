import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openCache, type Cache } from '../../../electron/cache/cache'
import { openDatabase } from '../../../electron/cache/open-database'
import { migrations } from '../../../electron/cache/schema'
import type { Found } from '../../../electron/cache/search'
import { silentLog } from '../../../electron/log'
import { storeImage } from './image'

let folder: string
let cache: Cache

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-search-'))
  cache = openCache(folder, silentLog)
})
afterEach(() => {
  cache.close()
  rmSync(folder, { recursive: true })
})

function list(names: string[], registryId = 'r'): void {
  const generation = cache.catalog.begin(registryId)
  cache.catalog.addPage(registryId, generation, names, 1)
  cache.catalog.end(registryId, generation, true, 1)
}
function listTags(repository: string, names: string[]): void {
  const generation = cache.tags.begin('r', repository)
  cache.tags.addPage('r', repository, generation, names, 1)
  cache.tags.end('r', repository, generation, true, 1)
}
const find = (text: string, limit = 50): Found[] => cache.search(text, limit, ['r', 's'])
const shown = (text: string): string[] =>
  find(text).map(({ repository, tag, field }) => `${field} ${repository}${tag === null ? '' : `:${tag}`}`)
const indexed = (): void => {
  while (!cache.index(1000));
}

describe.each(['before', 'after'])('names, %s they are indexed', (when) => {
  const ready = (): void => {
    if (when === 'after') indexed()
  }

  it('are found exact first, then by their beginning, then anywhere', () => {
    list(['library/my-nginx', 'library/nginx-extra', 'library/nginx', 'library/alpine'])
    ready()
    expect(shown('NGINX')).toEqual([
      'repository library/nginx',
      'repository library/nginx-extra',
      'repository library/my-nginx',
    ])
    expect(shown('library/ngi')).toContain('repository library/nginx')
  })

  it('are found by one or two letters with which they begin', () => {
    list(['library/nginx', 'library/alpine'])
    ready()
    expect(shown('ng')).toEqual(['repository library/nginx'])
    expect(shown('a')).toEqual(['repository library/alpine'])
  })

  it('are found by several words, and tags within a repository', () => {
    list(['team/order-api', 'team/order-web'])
    listTags('team/order-api', ['1.25', '2.0', 'Latest'])
    listTags('team/order-web', ['1.25'])
    ready()
    expect(shown('order web')).toEqual(['repository team/order-web'])
    expect(shown('order-api:1.2')).toEqual(['tag team/order-api:1.25'])
    expect(shown('api 1.2')).toEqual(['tag team/order-api:1.25'])
    expect(shown('latest')).toEqual(['tag team/order-api:Latest'])
    expect(shown('1.25').sort()).toEqual(['tag team/order-api:1.25', 'tag team/order-web:1.25'])
  })

  it('are not found any more when they are gone, or their registry is', () => {
    list(['library/nginx'])
    listTags('library/nginx', ['stable'])
    list(['library/nginx'], 's')
    ready()
    listTags('library/nginx', [])
    expect(shown('stable')).toEqual([])
    cache.forgetRegistry('s')
    expect(find('nginx').map(({ registryId }) => registryId)).toEqual(['r'])
    expect(cache.search('nginx', 50, ['s'])).toEqual([])
  })

  it.each([
    '"',
    '""" OR',
    '%',
    '_',
    "'); DROP TABLE term; --",
    'a*',
    'NEAR(',
    '\0\0\0',
    '\ud800abc',
    '^ngi',
    '{repository}: x',
    ' '.repeat(9),
    '('.repeat(500),
  ])('survive the hostile query %j', (text) => {
    list(['library/nginx'])
    ready()
    expect(find(text)).toEqual([])
    expect(shown('nginx')).toEqual(['repository library/nginx'])
  })
})

describe('images', () => {
  it('are found by label, variable, port and base image, newest first', () => {
    storeImage(cache, {
      repository: 'team/old',
      tag: '1',
      created: 1000,
      env: ['JAVA_HOME=/opt/jdk8'],
      ports: ['8080/tcp'],
    })
    storeImage(cache, {
      repository: 'team/new',
      tag: '1',
      created: 2000,
      env: ['JAVA_HOME=/opt/jdk8'],
      labels: { Maintainer: 'Zoë' },
    })
    storeImage(cache, {
      repository: 'team/based',
      tag: '1',
      annotations: { 'org.opencontainers.image.base.name': 'docker.io/library/alpine:3' },
    })
    indexed()
    expect(shown('java_home')).toEqual(['environment team/new:1', 'environment team/old:1'])
    expect(shown('8080')).toEqual(['port team/old:1'])
    expect(shown('zoë')).toEqual(['label team/new:1'])
    expect(shown('alpine')).toEqual(['base team/based:1'])
  })

  it('are found by what they stand on, whichever was seen first', () => {
    storeImage(cache, { repository: 'team/early', tag: '1', diffIds: ['a', 'b'] })
    indexed()
    storeImage(cache, { repository: 'team/jdk_ownbase', tag: '1', diffIds: ['a'] })
    storeImage(cache, { repository: 'team/late', tag: '1', diffIds: ['a', 'c'] })
    indexed()
    expect(
      shown('jdk_ownbase')
        .filter((hit) => hit.startsWith('base'))
        .sort(),
    ).toEqual(['base team/early:1', 'base team/late:1'])
  })

  it('are found by digest or the beginning of one, also of the config', () => {
    const { digest, config } = storeImage(cache, { repository: 'team/app', tag: '1' })
    indexed()
    expect(find(digest).map(({ kind, tag }) => [kind, tag])).toEqual([['tag', '1']])
    expect(find(digest.slice(7, 17))).toHaveLength(1)
    expect(find(config)).toMatchObject([{ kind: 'image', repository: 'team/app', digest }])
  })
})

it('brings an older cache up to date in the background, and finds names meanwhile', () => {
  cache.close()
  rmSync(folder, { recursive: true })
  const file = join(folder, 'cache.db')
  const old = openDatabase({ file, migrations: migrations.slice(0, 1), log: silentLog })
  old.run("INSERT INTO listing VALUES ('r', 1, 1, 1, 0)")
  old.run("INSERT INTO repository VALUES ('r', 'library/nginx', 0, 1)")
  old.run("INSERT INTO tag VALUES ('r', 'library/nginx', 'stable', 'sha256:x', 1, 1)")
  old.run("INSERT INTO fact VALUES ('sha256:x', 'image', 77, 1, '[]', NULL)")
  old.run('INSERT INTO config VALUES (?, ?)', 'sha256:c', Buffer.from('{"config":{"Env":["A_KEY=1"]}}'))
  old.run('INSERT INTO config VALUES (?, ?)', 'sha256:d', Buffer.from('{broken'))
  old.run(
    'INSERT INTO manifest VALUES (?, ?, ?, 1, ?)',
    'sha256:x',
    't',
    'image',
    Buffer.from('{"config":{"digest":"sha256:c"}}'),
  )
  old.close()
  cache = openCache(folder, silentLog)
  expect(shown('nginx')).toEqual(['repository library/nginx'])
  expect(shown('stable')).toEqual(['tag library/nginx:stable'])
  indexed()
  expect(find('a_key')).toMatchObject([
    { field: 'environment', repository: 'library/nginx', tag: 'stable', created: 77 },
  ])
})

it('keeps the search as it was when a write is taken back', () => {
  const work = (): void =>
    cache.transaction(() => {
      list(['library/nginx'])
      throw new Error('taken back')
    })
  expect(work).toThrow()
  indexed()
  expect(find('nginx')).toEqual([])
})
