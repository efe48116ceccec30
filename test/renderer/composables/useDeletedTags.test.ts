import { expect, it } from 'vitest'
import { takenBy } from '@/composables/useDeletedTags'
import { pushJob, sha } from '../support/answering-bridge'

const kept = (tag: string, letter: string, deletedAt: number) => ({
  registryId: 'mine',
  repository: '727524/web',
  tag,
  digest: sha(letter),
  deletedAt,
})
const place = { registryId: 'mine', repository: '727524/web' }

it('undoes what this deletion took, and nothing that an earlier one did', () => {
  const job = pushJob({
    startedAt: 100,
    request: { kind: 'delete-tags', ...place, tags: [{ tag: 'v1', digest: sha('a') }] },
  })
  const all = [kept('v1', 'a', 120), kept('v1', 'b', 130), kept('v2', 'a', 140), kept('v1', 'a', 90)]
  expect(takenBy(job, all)).toEqual([kept('v1', 'a', 120)])
})

it('undoes the siblings only where the whole manifest went', () => {
  const request = { kind: 'delete' as const, ...place, tag: 'v1', digest: sha('a'), siblings: ['latest'] }
  const all = [kept('v1', 'a', 120), kept('latest', 'a', 120)]
  const tags = (extent: 'tag' | 'manifest') =>
    takenBy(pushJob({ startedAt: 100, request: { ...request, extent } }), all).map((one) => one.tag)
  expect(tags('tag')).toEqual(['v1'])
  expect(tags('manifest')).toEqual(['v1', 'latest'])
})
