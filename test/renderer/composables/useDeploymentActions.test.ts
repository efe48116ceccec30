// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { isPoolJob } from '@shared/job'
import { specOfVersion, useDeploymentActions, withTag } from '@/composables/useDeploymentActions'
import { answeringBridge, sha } from '../support/answering-bridge'
import { detail, image, poolJob, spec, summary, version } from '../support/deployment-samples'

const key = { poolId: 'local', id: 'd1' }
function begin() {
  return answeringBridge({
    'deployment:read': () => detail({ spec: spec({ instances: 2 }) }),
    'deployment:apply': () => poolJob(),
    'job:enqueue': (request) => poolJob({ request }),
  })
}
beforeEach(() => setActivePinia(createPinia()))
afterEach(() => vi.unstubAllGlobals())

it('gives another tag whatever the reference looks like, and lets go of the digest', () => {
  const base = image()
  const tagged = (reference: string) => withTag({ ...base, reference }, 'v2').reference
  expect(tagged('docker.io/library/nginx:1.27')).toBe('docker.io/library/nginx:v2')
  expect(tagged('127.0.0.1:5000/shop')).toBe('127.0.0.1:5000/shop:v2')
  expect(tagged(`shop:v1@${sha('a')}`)).toBe('shop:v2')
  expect(withTag({ ...base, digest: sha('a') }, 'v2')).toMatchObject({ digest: null, tag: 'v2' })
  expect(withTag({ ...base, delivery: 'present' }, 'v2').delivery).toBe('pull')
  expect(withTag({ ...base, delivery: 'present', registryId: null }, 'v2').delivery).toBe('present')
})

it('scales what runs now, and says which version was looked at', async () => {
  const bridge = begin()
  await useDeploymentActions().scale(key, 5, 2)
  expect(bridge.asked('deployment:apply')).toMatchObject([
    { ...key, reason: 'scale', baseVersion: 2, spec: { instances: 5 }, secrets: {} },
  ])
})

it('brings in what the tag names now', async () => {
  const bridge = begin()
  await useDeploymentActions().upgrade(key, null)
  expect(bridge.asked('deployment:apply')).toMatchObject([
    { reason: 'upgrade', baseVersion: 2, spec: { instances: 2, image: { tag: '1.27', digest: null } } },
  ])
})

it('rolls back to the very image of a version', async () => {
  const bridge = begin()
  const old = version(1, { spec: spec({ instances: 1, image: image('1.26') }), digest: sha('b') })
  await useDeploymentActions().rollBack(key, old, 2)
  expect(bridge.asked('deployment:apply')).toMatchObject([
    { reason: 'rollback', spec: { instances: 1, image: { tag: '1.26', digest: sha('b') } } },
  ])
  const local = spec({ image: { ...image(), delivery: 'present' } })
  expect(specOfVersion(version(1, { spec: local }))).toEqual(local)
})

it('asks for what is done to one instance', async () => {
  const bridge = begin()
  await useDeploymentActions().act(summary(), 'restart-instance', { instanceId: 'c1' })
  expect(bridge.asked('job:enqueue')).toEqual([
    {
      kind: 'deployment-action',
      poolId: 'local',
      deploymentId: 'd1',
      name: 'shop',
      action: 'restart-instance',
      instanceId: 'c1',
      volumes: false,
    },
  ])
})

it('sends the image from here for the same deployment', async () => {
  const bridge = begin()
  const job = poolJob()
  if (isPoolJob(job)) await useDeploymentActions().sendInstead(job)
  expect(bridge.asked('job:enqueue')).toMatchObject([
    { kind: 'deploy', deploymentId: 'd1', spec: { name: 'shop', image: { delivery: 'send' } } },
  ])
})
