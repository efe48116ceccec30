// @vitest-environment happy-dom
import { randomBytes } from 'node:crypto'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { DeploymentSpec } from '@shared/deployment'
import type { DeployQuestion } from '@/deploy-address'
import { reasonOf, useDeployDraftStore } from '@/stores/deploy-draft'
import { nextKey } from '@/stores/deploy-form'
import { planDelay } from '@/stores/deploy-plan'
import { usePoolsStore } from '@/stores/pools'
import { useRegistriesStore } from '@/stores/registries'
import { type AnsweringBridge, answeringBridge, privateRegistry } from '../support/answering-bridge'
import {
  deployJob,
  poolList,
  sampleDetail,
  samplePlan,
  samplePool,
  sampleSpec,
} from '../support/deploy-samples'

const two = [samplePool(), samplePool({ id: 'far', name: 'Far' })]
const image: DeployQuestion = {
  kind: 'image',
  source: { kind: 'registry', registryId: 'mine', repository: '727524/nginx', reference: 'v1' },
  platform: null,
  poolId: null,
}
const running = sampleSpec({ environment: [{ name: 'TOKEN', value: '', secret: true }] })
let bridge: AnsweringBridge
let deliveries: Record<string, DeploymentSpec['image']['delivery']>

beforeEach(async () => {
  vi.useFakeTimers()
  deliveries = { here: 'present', far: 'send' }
  bridge = answeringBridge({
    'pool:list': () => poolList(two),
    'pool:choose': ({ id }) => poolList(two, { currentId: id, revision: 2 }),
    'registry:list': () => ({ registries: [privateRegistry()], unforgotten: 0, revision: 1 }),
    'deployment:prefill': ({ poolId }) => {
      const spec = sampleSpec()
      return { ...spec, image: { ...spec.image, delivery: deliveries[poolId ?? ''] ?? 'pull' } }
    },
    'deployment:read': () => sampleDetail(running),
    'deployment:plan': () => samplePlan(),
    'deployment:apply': ({ spec }) => deployJob(spec),
    'deployment:read-description': () => ({
      spec: sampleSpec({ name: 'from-file', instances: 4 }),
      unknown: ['colour'],
      secretsWanted: [],
    }),
  })
  setActivePinia(createPinia())
  await usePoolsStore().load()
  await useRegistriesStore().load()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function opened(question: DeployQuestion = image) {
  const draft = useDeployDraftStore()
  await draft.open(question)
  await vi.advanceTimersByTimeAsync(0)
  if (!draft.form) throw new Error('no form')
  return { draft, form: draft.form }
}

it('is filled for the current pool, and is nothing to lose until something is typed', async () => {
  const { draft, form } = await opened()
  expect([draft.poolId, form.name, draft.dirty]).toEqual(['here', 'nginx', false])
  form.name = 'other'
  expect(draft.dirty).toBe(true)
  form.name = 'nginx'
  expect(draft.dirty).toBe(false)
})

it('asks for the plan once typing rests, and never for what is wrong', async () => {
  const { draft, form } = await opened()
  expect(bridge.asked('deployment:plan')).toHaveLength(1)
  form.name = 'a'
  await nextTick()
  form.name = 'ab'
  await nextTick()
  expect(draft.stale).toBe(true)
  await vi.advanceTimersByTimeAsync(planDelay)
  expect(bridge.asked('deployment:plan').map(({ spec }) => spec.name)).toEqual(['nginx', 'ab'])
  expect(draft.stale).toBe(false)
  form.name = 'NOT A NAME'
  await vi.advanceTimersByTimeAsync(planDelay * 2)
  expect(bridge.asked('deployment:plan')).toHaveLength(2)
  expect(draft.plan).not.toBeNull()
})

it('follows the current pool until another is chosen in it, and asks how the image gets there', async () => {
  const { draft } = await opened()
  await usePoolsStore().choose('far')
  await vi.advanceTimersByTimeAsync(planDelay)
  expect([draft.poolId, draft.form?.image.delivery, draft.dirty]).toEqual(['far', 'send', false])
  await draft.choosePool('here')
  expect(draft.form?.image.delivery).toBe('present')
  await usePoolsStore().choose('far')
  expect(draft.poolId).toBe('here')
  draft.chooseDelivery('pull')
  await draft.choosePool('far')
  expect(draft.form?.image.delivery).toBe('pull')
})

it('sends a secret value once, with the call that deploys, and forgets it with the form', async () => {
  const { draft, form } = await opened()
  const value = randomBytes(9).toString('hex')
  form.environment.push({ key: nextKey(), name: 'PASSWORD', value, secret: true })
  await vi.advanceTimersByTimeAsync(planDelay)
  expect(JSON.stringify(bridge.asked('deployment:plan'))).not.toContain(value)
  await draft.apply('session')
  const [sent] = bridge.asked('deployment:apply')
  expect(sent).toMatchObject({ poolId: 'here', id: null, keep: 'session', reason: 'new', baseVersion: null })
  expect(sent?.secrets).toEqual({ PASSWORD: value })
  // Not only out of reach: whoever still holds the form holds no secret.
  expect(JSON.stringify(form)).not.toContain(value)
  expect(JSON.stringify(sent?.spec)).not.toContain(value)
  expect(draft.dirty).toBe(false)
  draft.close()
  expect(JSON.stringify(draft.$state)).not.toContain(value)
})

it('changes what runs from the version that was seen; secrets that are kept need not be typed', async () => {
  const { draft, form } = await opened({ kind: 'change', poolId: 'here', id: 'd1' })
  expect([...draft.problems]).toEqual([])
  form.instances = 3
  await draft.apply('keychain')
  form.command = 'run it'
  await draft.apply('keychain')
  draft.setReference('registry.example/727524/nginx:v2')
  await draft.apply('keychain')
  const sent = bridge.asked('deployment:apply')
  expect(sent.map(({ reason }) => reason)).toEqual(['scale', 'change', 'upgrade'])
  expect(sent[2]).toMatchObject({ id: 'd1', baseVersion: 3, secrets: {} })
  expect(sent[2]?.spec.image).toMatchObject({ registryId: 'mine', repository: '727524/nginx', tag: 'v2' })
})

it('names a change after what is changed', () => {
  const spec = sampleSpec()
  expect(reasonOf(null, spec)).toBe('new')
  expect(reasonOf(spec, { ...spec, instances: 5 })).toBe('scale')
  expect(reasonOf(spec, { ...spec, instances: 5, user: 'root' })).toBe('change')
})

it('knows the account’s registry of an image that is typed, and of none that it does not know', async () => {
  const { draft } = await opened()
  draft.setReference('elsewhere.example/a/b:1')
  expect(draft.form?.image).toMatchObject({ registryId: null, repository: null, tag: null })
  draft.setReference('registry.example/a/b:1')
  expect(draft.form?.image).toMatchObject({ registryId: 'mine', repository: 'a/b', tag: '1' })
})

it('is filled by a description; what runs keeps its name', async () => {
  const { draft } = await opened()
  await draft.readDescription('name: from-file')
  expect([draft.form?.name, draft.form?.instances, draft.dirty]).toEqual(['from-file', 4, true])
  expect(draft.unknownKeys).toEqual(['colour'])
  await opened({ kind: 'change', poolId: 'here', id: 'd1' })
  await draft.readDescription('name: from-file')
  expect([draft.form?.name, draft.form?.instances]).toEqual(['nginx', 4])
})

it('tells why it could not be filled, and drops an answer that comes too late', async () => {
  const draft = useDeployDraftStore()
  const late = draft.open(image)
  await draft.open({ kind: 'empty', poolId: null })
  await late
  expect([draft.status, draft.form]).toEqual(['empty', null])
  answeringBridge({})
  await draft.open(image)
  expect([draft.status, draft.error?.code]).toEqual(['failed', 'INTERNAL'])
})
