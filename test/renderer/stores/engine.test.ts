// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { EngineState } from '@shared/engine'
import { useEngineStore } from '@/stores/engine'
import { answeringBridge, localImage, sha } from '../support/answering-bridge'

const connected: EngineState = {
  status: 'connected',
  endpoint: null,
  candidates: [],
  product: 'docker',
  version: '20.10.24',
  platform: 'linux/amd64',
  error: null,
  revision: 4,
}

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => vi.unstubAllGlobals())

it('drops older snapshots of the engine and of its images', async () => {
  const images = { images: [localImage('a', 'nginx:1')], fetchedAt: 1, error: null, revision: 8 }
  const bridge = answeringBridge({ 'engine:read': () => connected, 'local-image:list': () => images })
  const engine = useEngineStore()
  await engine.load()
  bridge.emit('engine:changed', { ...connected, status: 'stopped', revision: 3 })
  bridge.emit('local-image:changed', { ...images, images: [], revision: 7 })
  expect(engine.state.status).toBe('connected')
  expect(engine.images.images).toHaveLength(1)
  bridge.emit('engine:changed', { ...connected, status: 'stopped', revision: 5 })
  expect(engine.state.status).toBe('stopped')
})

it('finds an image by ID and by any of its names', async () => {
  const image = localImage('a', 'nginx:1', 'web:1')
  answeringBridge({
    'engine:read': () => connected,
    'local-image:list': () => ({ images: [image], fetchedAt: 1, error: null, revision: 1 }),
  })
  const engine = useEngineStore()
  await engine.load()
  expect(engine.find(sha('a'))).toEqual(image)
  expect(engine.find('web:1')).toEqual(image)
  expect(engine.find('other:1')).toBeUndefined()
})
