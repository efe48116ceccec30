import { describe, expect, it } from 'vitest'
import type { LocalImage } from '@shared/engine'
import type { PushPlan } from '@shared/plan'
import {
  type PlanState,
  type PushDraft,
  applyName,
  draftProblems,
  isStartable,
  makeDraft,
  planMatches,
  planRequest,
  pushRequest,
  splitRepository,
} from '@/stores/push-draft'

const image = (id: string, ...references: string[]): LocalImage => ({
  id: `sha256:${id.repeat(64)}`,
  references,
  repositoryDigests: [],
  size: 1000,
  created: 0,
  containers: 0,
})
const aim = { registryId: 'r', host: 'registry.example', namespace: '727524', repository: null }
const digest = `sha256:${'d'.repeat(64)}`
const plan: PushPlan = {
  platform: 'linux/amd64',
  layers: 2,
  layersThere: 0,
  bytes: 1000,
  bytesThere: 0,
  existing: null,
  platformsLost: [],
  same: false,
  error: null,
}
const existing = { digest, created: null, platforms: ['linux/amd64'] }

function answered(draft: PushDraft, changes: Partial<PushPlan> = {}): PlanState {
  const request = planRequest(draft)
  if (!request) throw new Error('the target is not valid')
  return { state: 'ready', request, plan: { ...plan, ...changes } }
}

describe('a draft', () => {
  it('proposes the last part of the image’s name in the namespace', () => {
    const draft = makeDraft(image('a', 'example.org/team/nginx:1.25'), 'example.org/team/nginx:1.25', aim)
    expect(draft.target).toEqual({
      host: 'registry.example',
      tenant: '727524',
      imageName: 'nginx',
      ownbase: false,
      tag: '1.25',
    })
  })

  it('dropped onto a repository takes its name and keeps the image’s tag', () => {
    const onto = { ...aim, repository: '727524/team/jdk8_ownbase' }
    const draft = makeDraft(image('a', 'nginx:1.25'), 'nginx:1.25', onto)
    expect(draft.target).toMatchObject({
      tenant: '727524',
      imageName: 'team/jdk8',
      ownbase: true,
      tag: '1.25',
    })
  })

  it('of an image without a name waits for one', () => {
    const draft = makeDraft(image('a'), null, aim)
    expect(planRequest(draft)).toBeNull()
    expect(draftProblems(draft, [draft], { state: 'none' }).issues).toEqual([
      { field: 'imageName', problem: 'empty' },
    ])
  })

  it('splits a repository of another namespace at its last part', () => {
    expect(splitRepository('other/team/app', '727524')).toEqual({
      tenant: 'other/team',
      imageName: 'app',
      ownbase: false,
    })
  })
})

describe('what keeps a draft from being started', () => {
  const draft = makeDraft(image('a', 'nginx:v1'), 'nginx:v1', aim)

  it('is nothing for a free tag', () => {
    expect(isStartable(draftProblems(draft, [draft], answered(draft)))).toBe(true)
  })

  it('is a plan that was asked for another target', () => {
    const renamed = { ...draft, target: { ...draft.target, tag: 'v2' } }
    expect(planMatches(answered(draft), renamed)).toBe(false)
    expect(draftProblems(renamed, [renamed], answered(draft)).asking).toBe(true)
  })

  it('is an existing tag until exactly its digest was agreed', () => {
    const state = answered(draft, { existing })
    expect(draftProblems(draft, [draft], state).needsAgreement).toBe(true)
    const other = { ...draft, agreed: `sha256:${'e'.repeat(64)}` }
    expect(draftProblems(other, [other], state).needsAgreement).toBe(true)
    const agreed = { ...draft, agreed: digest }
    expect(isStartable(draftProblems(agreed, [agreed], state))).toBe(true)
    expect(pushRequest(agreed, state).replaces).toBe(digest)
  })

  it('is not the same image at the tag already: its digest counts as agreed', () => {
    const state = answered(draft, { existing, same: true })
    expect(isStartable(draftProblems(draft, [draft], state))).toBe(true)
    expect(pushRequest(draft, state).replaces).toBe(digest)
  })

  it('is another draft with the same target', () => {
    const twin = makeDraft(image('b', 'old/nginx:v1'), 'old/nginx:v1', aim)
    const all = [draft, twin]
    expect(draftProblems(draft, all, answered(draft)).duplicate).toBe(true)
    expect(draftProblems(twin, all, answered(twin)).duplicate).toBe(true)
  })

  it('is not a registry that cannot be asked: the push may be tried, and covers nothing', () => {
    const request = planRequest(draft)
    if (!request) throw new Error('the target is not valid')
    const failed: PlanState = {
      state: 'failed',
      request,
      error: { code: 'CONNECTION_REFUSED', context: {}, detail: null },
    }
    expect(isStartable(draftProblems(draft, [draft], failed))).toBe(true)
    expect(pushRequest({ ...draft, agreed: digest }, failed).replaces).toBeNull()
  })
})

describe('text in the name field', () => {
  const target = makeDraft(image('a', 'nginx:v1'), 'nginx:v1', aim).target

  it.each([
    ['jdk8_ownbase', { imageName: 'jdk8', ownbase: true, tag: 'v1' }],
    ['redis:7', { imageName: 'redis', ownbase: false, tag: '7' }],
    ['727524/redis', { tenant: '727524', imageName: 'redis' }],
    [
      'registry.example/4711/redis_ownbase:7',
      { tenant: '4711', imageName: 'redis', ownbase: true, tag: '7' },
    ],
    ['Not A Name', { imageName: 'Not A Name', tag: 'v1' }],
  ])('%s is taken apart', (text, expected) => {
    expect(applyName(target, text)).toMatchObject(expected)
  })
})
