import { expect, it } from 'vitest'
import { PoolDraft } from '@shared/pool'
import { poolDraftOf, poolFormOf, poolProblems } from '@/pool-form'
import { samplePool } from './support/deploy-samples'

it('gives an address the scheme of the way that was chosen', () => {
  const form = { ...poolFormOf(null), name: ' Build ', host: 'ann@build.example', sshConfig: ' /tmp/config ' }
  const draft = poolDraftOf(form)
  expect(draft).toEqual({
    name: 'Build',
    host: 'ssh://ann@build.example',
    certificates: null,
    sshConfig: '/tmp/config',
  })
  expect(PoolDraft.parse(draft)).toEqual(draft)
  expect(poolProblems(form).size).toBe(0)
  expect(poolDraftOf({ ...form, way: 'tls', host: 'h:2376', certificates: '/c' })).toMatchObject({
    host: 'tcp://h:2376',
    certificates: '/c',
    sshConfig: null,
  })
})

it('finds what main would refuse, and an address of another way', () => {
  const form = poolFormOf(null)
  expect([...poolProblems(form)].sort()).toEqual(['host', 'name'])
  expect([...poolProblems({ ...form, name: 'a', host: 'ssh://-oProxyCommand=x' })]).toEqual(['host'])
  expect([...poolProblems({ ...form, name: 'a', host: 'tcp://h:2376' })]).toEqual(['host'])
})

it('takes a pool that was added as it was added', () => {
  const pool = samplePool({ host: 'tcp://h:2376', certificates: '/c', source: 'added' })
  expect(poolDraftOf(poolFormOf(pool))).toEqual({
    name: pool.name,
    host: 'tcp://h:2376',
    certificates: '/c',
    sshConfig: null,
  })
})
