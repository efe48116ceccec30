import { describe, expect, it } from 'vitest'
import type { LocalImage } from '@shared/engine'
import type { PushPlan } from '@shared/plan'
import { type PlanState, fromPushPlan } from '@/stores/draft-plan'
import type { ArchiveSource, ImageSource, TagSource } from '@/stores/draft-source'
import {
  type PushDraft,
  applyName,
  draftProblems,
  draftRequest,
  isStartable,
  makeDraft,
  planMatches,
  planQuestion,
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
const local = (id: string, reference: string | null, resumable = false): ImageSource => ({
  kind: 'image',
  image: image(id, ...(reference === null ? [] : [reference])),
  reference,
  resumable,
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
  const question = planQuestion(draft)
  if (!question) throw new Error('the target is not valid')
  return { state: 'ready', question, plan: fromPushPlan({ ...plan, ...changes }) }
}

describe('a draft', () => {
  it('proposes the last part of the image’s name in the namespace', () => {
    const draft = makeDraft(local('a', 'example.org/team/nginx:1.25'), aim)
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
    const draft = makeDraft(local('a', 'nginx:1.25'), onto)
    expect(draft.target).toMatchObject({
      tenant: '727524',
      imageName: 'team/jdk8',
      ownbase: true,
      tag: '1.25',
    })
  })

  it('of an image without a name waits for one', () => {
    const draft = makeDraft(local('a', null), aim)
    expect(planQuestion(draft)).toBeNull()
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
  const draft = makeDraft(local('a', 'nginx:v1'), aim)

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
    expect(draftRequest(agreed, state)).toMatchObject({ replaces: digest })
  })

  it('is not the same image at the tag already: its digest counts as agreed', () => {
    const state = answered(draft, { existing, same: true })
    expect(isStartable(draftProblems(draft, [draft], state))).toBe(true)
    expect(draftRequest(draft, state)).toMatchObject({ replaces: digest })
  })

  it('is another draft with the same target', () => {
    const twin = makeDraft(local('b', 'old/nginx:v1'), aim)
    const all = [draft, twin]
    expect(draftProblems(draft, all, answered(draft)).duplicate).toBe(true)
    expect(draftProblems(twin, all, answered(twin)).duplicate).toBe(true)
  })

  it('is not a registry that cannot be asked: the push may be tried, and covers nothing', () => {
    const question = planQuestion(draft)
    if (!question) throw new Error('the target is not valid')
    const failed: PlanState = {
      state: 'failed',
      question,
      error: { code: 'CONNECTION_REFUSED', context: {}, detail: null },
    }
    expect(isStartable(draftProblems(draft, [draft], failed))).toBe(true)
    expect(draftRequest({ ...draft, agreed: digest }, failed)).toMatchObject({ replaces: null })
  })
})

describe('an image of an archive', () => {
  const source = (reference: string | null, path = '/srv/My App-1.2.tar.gz'): ArchiveSource => ({
    kind: 'archive',
    path,
    archive: 'docker-archive',
    image: { image: 3, references: [], digest, platforms: ['linux/amd64'], layers: 1, bytes: 10 },
    reference,
  })

  it.each([
    ['example.org/team/app:v2', { imageName: 'app', tag: 'v2' }],
    // What OCI layouts often write is a mere tag.
    ['v2', { imageName: 'my-app-1.2', tag: 'v2' }],
    [null, { imageName: 'my-app-1.2', tag: 'latest' }],
  ])('called %s is proposed a name and a tag', (reference, expected) => {
    expect(makeDraft(source(reference), aim).target).toMatchObject({ tenant: '727524', ...expected })
  })

  it('finds a file’s name in a path of Windows', () => {
    const draft = makeDraft(source(null, 'C:\\images\\web_ownbase.tar'), aim)
    expect(draft.target).toMatchObject({ imageName: 'web', ownbase: true })
  })

  it('is asked and sent by its place in the archive, pinned to what was listed', () => {
    const draft = makeDraft(source('app:v2'), aim)
    expect(planQuestion(draft)).toMatchObject({ call: 'archive:plan', input: { image: 3, tag: 'v2' } })
    expect(draftRequest(draft, { state: 'none' })).toMatchObject({
      kind: 'archive-push',
      image: 3,
      digest,
      source: 'My App-1.2.tar.gz · app:v2',
    })
  })
})

it('a local image is pushed by the engine, or resumably where the user says so', () => {
  const kind = (resumable: boolean): string =>
    draftRequest(makeDraft(local('a', 'nginx:v1', resumable), aim), { state: 'none' }).kind
  expect([kind(false), kind(true)]).toEqual(['push', 'resumable-push'])
})

describe('a copy', () => {
  const tag: TagSource = { kind: 'tag', registryId: 'r', repository: 'library/nginx', reference: 'v1' }
  const ready = (draft: PushDraft, changes = {}): PlanState => {
    const state = answered(draft)
    return state.state === 'ready' ? { ...state, plan: { ...state.plan, digest, ...changes } } : state
  }

  it('names what it copies by the digest that its plan was made for', () => {
    const draft = makeDraft(tag, aim, 'copy')
    expect(draftRequest(draft, ready(draft))).toMatchObject({
      kind: 'copy',
      from: { registryId: 'r', repository: 'library/nginx', reference: 'v1' },
      digest,
      repository: '727524/nginx',
      tag: 'v1',
      removeSource: false,
    })
  })

  it('waits while its source cannot be read', () => {
    const draft = makeDraft(tag, aim, 'copy')
    const problems = draftProblems(draft, [draft], ready(draft, { digest: '' }))
    expect(problems.unread).toBe(true)
    expect(isStartable(problems)).toBe(false)
  })

  it('to where it is already is none, until the tag is another', () => {
    const here = makeDraft(tag, { ...aim, repository: 'library/nginx' }, 'rename')
    expect(planQuestion(here)).toBeNull()
    expect(isStartable(draftProblems(here, [here], { state: 'none' }))).toBe(false)
    const renamed = { ...here, target: { ...here.target, tag: 'v2' } }
    expect(isStartable(draftProblems(renamed, [renamed], ready(renamed)))).toBe(true)
    expect(draftRequest(renamed, ready(renamed))).toMatchObject({ tag: 'v2', removeSource: true })
  })

  it('may go to a repository without a namespace, unlike a push', () => {
    const onto = { ...aim, namespace: '', repository: 'nginx' }
    const copied = makeDraft(tag, onto, 'copy')
    expect(planQuestion(copied)?.input.repository).toBe('nginx')
    const pushed = makeDraft(local('a', 'nginx:v1'), onto)
    expect(draftProblems(pushed, [pushed], { state: 'none' }).issues).toEqual([
      { field: 'tenant', problem: 'empty' },
    ])
  })
})

describe('text in the name field', () => {
  const target = makeDraft(local('a', 'nginx:v1'), aim).target

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
