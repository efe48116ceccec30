import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SearchAnswer } from '@shared/search'
import { SearchReader, snippetOf } from '../../../electron/browse/search'
import { sectionOf } from '../../../electron/browse/section'
import { registry, Setting } from './setting'

let setting: Setting
let search: SearchReader
beforeEach(() => {
  setting = new Setting()
  search = new SearchReader({ cache: setting.cache, registries: () => [registry] })
})
afterEach(() => setting.remove())

async function read(repository: string): Promise<void> {
  setting.browse.repositories.read({ registryId: 'r', repository, refresh: 'force' })
  await expect
    .poll(() => setting.browse.repositories.read({ registryId: 'r', repository, refresh: 'never' }))
    .toMatchObject({ refreshing: false, complete: true })
  while (!setting.cache.index(1000));
}

describe('a search', () => {
  it('finds what browsing has seen, each under its section', async () => {
    const image = setting.fake.image({ labels: { team: 'harbour' }, created: '2024-01-01T00:00:00Z' })
    setting.fake.tag('727524/boat', 'v1', image.digest)
    await read('727524/boat')
    const answer = SearchAnswer.parse(search.query('boat', 10))
    expect(answer).toMatchObject({
      hits: [{ kind: 'repository', section: 'private', repository: '727524/boat' }],
      more: false,
    })
    expect(search.query('harbour', 10).hits).toMatchObject([
      { kind: 'image', field: 'label', snippet: 'team=harbour', tag: 'v1', digest: image.digest },
    ])
    expect(search.query('v1', 10).hits).toMatchObject([{ kind: 'tag', tag: 'v1', created: 1704067200000 }])
  })

  it('lets no kind hide another, and says that there is more', async () => {
    const image = setting.fake.image({ labels: { boat: 'yes' } })
    setting.fake.tag('library/x', 'one', image.digest)
    await read('library/x')
    for (let n = 0; n < 20; n += 1) setting.cache.catalog.addByHand('r', `library/boat-${n}`)
    const { hits, more } = search.query('boat', 6)
    expect(hits).toHaveLength(6)
    expect(hits.map(({ kind }) => kind)).toContain('image')
    expect(more).toBe(true)
  })

  it('finds nothing in registries that are gone', () => {
    setting.cache.catalog.addByHand('gone', 'library/boat')
    expect(search.query('boat', 5)).toEqual({ hits: [], more: false })
  })
})

describe('lineage', () => {
  it('is told right after the images were read', async () => {
    setting.fake.tag('727524/base_ownbase', 'v1', setting.fake.image({ layers: [1] }).digest)
    const app = setting.fake.image({ layers: [1, 2] })
    setting.fake.tag('library/app', 'v1', app.digest)
    await read('727524/base_ownbase')
    await read('library/app')
    expect(search.lineage({ registryId: 'r', repository: 'library/app' }, app.digest)).toMatchObject({
      base: { repository: '727524/base_ownbase', tag: 'v1', section: 'private' },
    })
    expect(() => search.lineage({ registryId: 'r', repository: 'a' }, '../x')).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID' }),
    )
  })
})

it('cuts a snippet around the match, without marks that turn the line', () => {
  expect(snippetOf(`${'a'.repeat(300)} needle\u202e end`, 'NEEDLE')).toBe(
    `…${'a'.repeat(39)} needle\ufffd end`,
  )
})

it('shows a repository under the narrower namespace around it', () => {
  const all = { ...registry, publicRole: { namespace: '' } }
  expect(['727524/a', 'library/a'].map((name) => sectionOf(all, name))).toEqual(['private', 'public'])
  expect(sectionOf({ ...registry, publicRole: null }, 'elsewhere/a')).toBe('private')
})
