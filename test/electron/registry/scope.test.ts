import { expect, it } from 'vitest'
import { mergeScopes, parseScopes, repositoryScope } from '../../../electron/registry/scope'

it('merges the actions on one resource and keeps others apart', () => {
  expect(
    mergeScopes(
      ['repository:a:pull'],
      ['registry:catalog:*', 'repository:a:push,pull'],
      ['repository:b:pull'],
    ),
  ).toEqual(['registry:catalog:*', 'repository:a:pull,push', 'repository:b:pull'])
})

it('keeps a port inside a resource name', () => {
  expect(parseScopes('repository:host:5000/a/b:pull')).toEqual(['repository:host:5000/a/b:pull'])
  expect(mergeScopes(['repository:host:5000/a:pull', 'repository:host:5000/a:push'])).toEqual([
    'repository:host:5000/a:pull,push',
  ])
})

it('passes over what is no scope', () => {
  expect(parseScopes('nonsense  repository:a')).toEqual([])
  expect(parseScopes(undefined)).toEqual([])
  expect(repositoryScope('a/b', 'pull', 'push')).toBe('repository:a/b:pull,push')
})
