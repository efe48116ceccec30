import type { SearchHit } from '@shared/search'
import { expect, it } from 'vitest'
import { placeKey, placeName, placeOfHit, placeOfRoute } from '@/place'
import { groupHits, hitName } from '@/search-hit'

const digest = `sha256:${'4c0d'.repeat(16)}`
const hit = (changes: Partial<SearchHit> = {}): SearchHit => ({
  kind: 'tag',
  registryId: 'mine',
  section: 'private',
  repository: '727524/web',
  tag: 'v1',
  digest,
  field: 'tag',
  snippet: 'v1',
  created: null,
  ...changes,
})

it('knows the place of a repository and of an image, and of no other page', () => {
  const params = { section: 'public', registryId: 'hub', repository: 'library/nginx' }
  expect(placeOfRoute({ name: 'repository', params })).toEqual({ ...params, reference: null })
  expect(placeOfRoute({ name: 'image', params: { ...params, reference: 'v1' } })).toMatchObject({
    reference: 'v1',
  })
  expect(placeOfRoute({ name: 'transfers', params: {} })).toBeNull()
})

it('tells a repository from an image of it', () => {
  const place = { registryId: 'hub', section: 'public' as const, repository: 'a/b' }
  expect(placeKey({ ...place, reference: null })).not.toBe(placeKey({ ...place, reference: 'v1' }))
  expect(placeName({ ...place, reference: digest })).toBe('a/b@4c0d4c0d4c0d')
})

it('leads from a hit to its tag, without one to its digest, and from a repository to its page', () => {
  expect(placeOfHit(hit()).reference).toBe('v1')
  expect(placeOfHit(hit({ kind: 'image', tag: null })).reference).toBe(digest)
  expect(placeOfHit(hit({ kind: 'repository', tag: null, digest: null })).reference).toBeNull()
  expect(hitName(hit())).toBe('727524/web:v1')
})

it('groups hits by what matched, in one order, and leaves doubles out', () => {
  const base = hit({ field: 'base', snippet: '727524/jdk17_ownbase' })
  const groups = groupHits([base, hit(), hit(), hit({ tag: 'v2' })])
  expect(groups.map((group) => [group.field, group.hits.length])).toEqual([
    ['tag', 2],
    ['base', 1],
  ])
})
