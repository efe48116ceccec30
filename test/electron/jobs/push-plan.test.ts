import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import { mediaTypes } from '@shared/oci'
import type { PushPlan } from '@shared/plan'
import { createPushPlanner } from '../../../electron/jobs/push-plan'
import { FakeEngine } from './fake-engine'
import { FakeRegistry } from './fake-registry'
import { imageId } from './samples'

let registry: FakeRegistry
let engine: FakeEngine
const known = new Map([['sha256:base', { digest: 'sha256:x', size: 1 }]])

const plan = (tag = 'v1'): Promise<PushPlan> =>
  createPushPlanner({ registries: registry.access(), engine, cache: { knownDiffIds: () => known } })({
    imageId,
    registryId: 'r',
    repository: '727524/nginx',
    tag,
  })

beforeEach(() => {
  registry = new FakeRegistry()
  engine = new FakeEngine()
  engine.images.set(imageId, { names: new Set(), digests: [], diffIds: ['sha256:base', 'sha256:app'] })
})

describe('the plan to push', () => {
  it('says what is to be sent and what is there already', async () => {
    expect(await plan()).toEqual({
      platform: 'linux/amd64',
      layers: 2,
      layersThere: 1,
      bytes: 200,
      bytesThere: 100,
      existing: null,
      platformsLost: [],
      same: false,
      error: null,
    })
  })

  it('shows the image that would be covered', async () => {
    const created = '2024-05-01T00:00:00Z'
    const digest = registry.seed({ created, os: 'linux', architecture: 'amd64' }, 'v1')
    expect(await plan()).toMatchObject({
      existing: { digest, created: Date.parse(created), platforms: ['linux/amd64'] },
      platformsLost: [],
      same: false,
    })
  })

  it('names the platforms that would be lost', async () => {
    const entry = (architecture: string): object => ({
      mediaType: mediaTypes.ociManifest,
      digest: registry.seed({ created: '2024-05-01T00:00:00Z', architecture }),
      size: 1,
      platform: { os: architecture === 'unknown' ? 'unknown' : 'linux', architecture },
    })
    const manifests = ['amd64', 'arm64', 'unknown'].map(entry)
    registry.seedManifest({ schemaVersion: 2, manifests }, mediaTypes.ociIndex, 'v1')
    expect(await plan()).toMatchObject({
      existing: { created: Date.parse('2024-05-01T00:00:00Z'), platforms: ['linux/amd64', 'linux/arm64'] },
      platformsLost: ['linux/arm64'],
    })
  })

  it('notices that the tag names this very image', async () => {
    const digest = registry.seed({ os: 'linux', architecture: 'arm64' }, 'v1')
    const image = engine.images.get(imageId)
    image?.digests.push(`registry.example.com/727524/nginx@${digest}`)
    expect(await plan()).toMatchObject({ same: true, platformsLost: [] })
  })

  it('keeps what is known when the registry fails in between', async () => {
    const digest = registry.seed({}, 'v1')
    registry.fetchConfig = () => Promise.reject(new AppError('CONNECTION_LOST', { side: 'registry' }))
    expect(await plan()).toMatchObject({
      existing: { digest },
      bytes: 200,
      error: { code: 'CONNECTION_LOST', context: { host: 'registry.example.com' } },
    })
  })

  it('fails where the engine does not have the image, or the target is no name', async () => {
    await expect(plan('not a tag')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    engine.images.clear()
    await expect(plan()).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' })
  })
})
