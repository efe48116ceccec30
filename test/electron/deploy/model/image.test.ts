import { describe, expect, it } from 'vitest'
import { imageFactsOf, imageOf, noImageFacts, pinnedReference } from '../../../../electron/deploy/model/image'

const digest = `sha256:${'0'.repeat(64)}`

describe('an image’s name', () => {
  it.each([
    ['localhost:5000/a/b:1', { repository: 'a/b', tag: '1', digest: null, delivery: 'pull' }],
    [`localhost:5000/a/b:1@${digest}`, { reference: 'localhost:5000/a/b:1', digest, delivery: 'pull' }],
    ['nginx', { reference: 'nginx', repository: 'library/nginx', tag: null }],
    [digest, { reference: digest, repository: null, delivery: 'present' }],
    ['no image', { reference: 'unknown', digest: null }],
  ])('%s', (text, expected) => {
    expect(imageOf(text)).toMatchObject(expected)
  })

  it('is pinned by its digest, which takes the tag’s place', () => {
    expect(pinnedReference({ ...imageOf('localhost:5000/a:1'), digest })).toBe(`localhost:5000/a@${digest}`)
    expect(pinnedReference({ ...imageOf('localhost:5000/a'), digest })).toBe(`localhost:5000/a@${digest}`)
    expect(pinnedReference(imageOf('localhost:5000/a:1'))).toBe('localhost:5000/a:1')
  })
})

it('reads an image’s own settings, in the old form too', () => {
  const facts = imageFactsOf({ Config: { Entrypoint: '/run', Cmd: ['a'], User: '', Env: ['A=1'] } })
  expect(facts).toEqual({ ...noImageFacts, entrypoint: ['/run'], command: ['a'], environment: ['A=1'] })
  expect(imageFactsOf({ Config: { Cmd: 5, Env: [1], Labels: [], Healthcheck: 'x' } })).toEqual(noImageFacts)
  expect(imageFactsOf(null)).toEqual(noImageFacts)
})
