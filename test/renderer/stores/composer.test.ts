// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PushPlan, PushPlanRequest } from '@shared/plan'
import { planDelay, useComposerStore } from '@/stores/composer'
import { useRegistriesStore } from '@/stores/registries'
import {
  Refusal,
  answeringBridge,
  freePlan,
  localImage,
  privateRegistry,
  pushJob,
  sha,
} from '../support/answering-bridge'

const nginx = localImage('a', 'nginx:1.25', 'nginx:latest')
const redis = localImage('b', 'redis:7')
const existing = { digest: sha('d'), created: null, platforms: ['linux/amd64'] }

type Plan = (request: PushPlanRequest) => PushPlan | Promise<PushPlan>

async function begin(plan: Plan = () => freePlan, enqueue = () => pushJob()) {
  const bridge = answeringBridge({
    'registry:list': () => ({
      registries: [
        privateRegistry(),
        privateRegistry({ id: 'other', host: 'other.example', privateRole: { namespace: 'team' } }),
      ],
      unforgotten: 0,
      revision: 1,
    }),
    'push:plan': plan,
    'job:enqueue': enqueue,
  })
  await useRegistriesStore().load()
  return { bridge, composer: useComposerStore() }
}
function retag(composer: ReturnType<typeof useComposerStore>, { id }: { id: string }, tag: string): void {
  const item = composer.items.find(({ key }) => key === id)
  if (item) composer.change(id, { target: { ...item.target, tag } })
}
const settle = (ms = planDelay): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('opening', () => {
  it('aims at the current private registry’s namespace, and asks what will happen', async () => {
    const { bridge, composer } = await begin()
    composer.open([nginx])
    await settle()
    expect(composer.isOpen).toBe(true)
    expect(bridge.asked('push:plan')).toEqual([
      { imageId: nginx.id, registryId: 'mine', repository: '727524/nginx', tag: '1.25' },
    ])
    expect(composer.startable).toBe(true)
  })

  it('aims where it was dropped', async () => {
    const { composer } = await begin()
    composer.open([redis], { registryId: 'other', repository: 'team/cache_ownbase' })
    expect(composer.items[0]?.target).toEqual({
      host: 'other.example',
      tenant: 'team',
      imageName: 'cache',
      ownbase: true,
      tag: '7',
    })
  })

  it('stays closed for what the engine does not have', async () => {
    const { composer } = await begin()
    composer.open([sha('f')])
    expect(composer.isOpen).toBe(false)
  })
})

describe('the plan', () => {
  it('is asked once the target rests', async () => {
    const { bridge, composer } = await begin()
    composer.open([nginx])
    await settle()
    for (const tag of ['v', 'v1', 'v1.2']) {
      retag(composer, nginx, tag)
      await settle(50)
    }
    expect(composer.startable).toBe(false)
    await settle()
    expect(bridge.asked('push:plan').map((request) => request.tag)).toEqual(['1.25', 'v1.2'])
  })

  it('of an earlier target is dropped when it answers late', async () => {
    const late: ((plan: PushPlan) => void)[] = []
    const { composer } = await begin(({ tag }) =>
      tag === '1.25' ? new Promise((resolve) => late.push(resolve)) : freePlan,
    )
    composer.open([nginx])
    await settle()
    retag(composer, nginx, 'v2')
    await settle()
    late[0]?.({ ...freePlan, existing })
    await settle()
    expect(composer.planOf(nginx.id)).toMatchObject({ state: 'ready', plan: { existing: null } })
  })

  it('is not asked for a name that is not valid', async () => {
    const { bridge, composer } = await begin()
    composer.open([localImage('c')])
    await settle()
    expect(bridge.asked('push:plan')).toEqual([])
    expect(composer.startable).toBe(false)
  })
})

describe('starting', () => {
  it('waits until an existing tag’s digest was agreed, and sends that digest', async () => {
    const { bridge, composer } = await begin(() => ({ ...freePlan, existing }))
    composer.open([nginx])
    await settle()
    expect(await composer.start()).toEqual([])
    composer.change(nginx.id, { agreed: existing.digest })
    expect(composer.startable).toBe(true)
    await composer.start()
    expect(bridge.asked('job:enqueue')).toMatchObject([{ tag: '1.25', replaces: existing.digest }])
    expect(composer.isOpen).toBe(false)
  })

  it('forgets the agreement when the target changes', async () => {
    const { composer } = await begin(() => ({ ...freePlan, existing }))
    composer.open([nginx])
    await settle()
    composer.change(nginx.id, { agreed: existing.digest })
    retag(composer, nginx, 'v2')
    await settle()
    expect(composer.items[0]?.agreed).toBeNull()
    expect(composer.startable).toBe(false)
  })

  it('is refused while two images have the same target', async () => {
    const { composer } = await begin()
    composer.open([nginx, redis], { registryId: 'mine', repository: '727524/app' })
    retag(composer, redis, '1.25')
    await settle()
    expect(composer.startable).toBe(false)
    retag(composer, redis, '7')
    await settle()
    expect(composer.startable).toBe(true)
  })

  it('leaves what main refused in the composer, and what came before it under way', async () => {
    let count = 0
    const { composer } = await begin(undefined, () => {
      if (++count === 2) throw new Refusal({ code: 'REGISTRY_UNKNOWN', context: {}, detail: null })
      return pushJob({ id: `job${count}` })
    })
    composer.open([nginx, redis])
    await settle()
    await expect(composer.start()).rejects.toMatchObject({ info: { code: 'REGISTRY_UNKNOWN' } })
    expect(composer.items.map((item) => item.key)).toEqual([redis.id])
    expect(composer.isOpen).toBe(true)
  })
})

it('keeps name and tag when another registry is chosen', async () => {
  const { composer } = await begin()
  composer.open([nginx])
  composer.chooseRegistry(nginx.id, 'other')
  expect(composer.items[0]?.target).toMatchObject({
    host: 'other.example',
    tenant: 'team',
    imageName: 'nginx',
    tag: '1.25',
  })
})
