import { expect, it } from 'vitest'
import { shownName } from '@/repository-name'

it.each([
  ['727524/nginx', '727524', { path: '', name: 'nginx', ownbase: false }],
  ['727524/team/jdk8_ownbase', '727524', { path: 'team/', name: 'jdk8', ownbase: true }],
  ['7275240/nginx', '727524', { path: '7275240/', name: 'nginx', ownbase: false }],
  ['library/nginx', '', { path: 'library/', name: 'nginx', ownbase: false }],
])('%s in the namespace “%s”', (repository, namespace, shown) => {
  expect(shownName(repository, namespace)).toEqual(shown)
})
