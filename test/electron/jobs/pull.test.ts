import { beforeEach, describe, expect, it } from 'vitest'
import { mediaTypes } from '@shared/oci'
import type { JobResult, PullRequest } from '@shared/job'
import { createPullRunner } from '../../../electron/jobs/pull'
import { FakeEngine } from './fake-engine'
import { FakeRegistry } from './fake-registry'
import { imageId, pullOf } from './samples'

const name = 'registry.example.com/727524/nginx:v1'
let registry: FakeRegistry
let engine: FakeEngine

const run = (request: PullRequest): Promise<JobResult> =>
  createPullRunner({ registries: registry.access(), engine })(request, {
    id: 'job',
    signal: new AbortController().signal,
    report: () => undefined,
    log: () => undefined,
  })

beforeEach(() => {
  registry = new FakeRegistry()
  engine = new FakeEngine()
})

describe('pull', () => {
  it('succeeds when the engine has the name under the registry’s digest', async () => {
    const digest = registry.seed({}, 'v1')
    engine.onPull = ({ reference }) => {
      engine.add(imageId, [reference])
      return Promise.resolve({ digest, imageId })
    }
    await expect(run(pullOf())).resolves.toEqual({ digest, references: [name] })
  })

  it('takes the digests that the engine keeps where it names none', async () => {
    const digest = registry.seed({}, 'v1')
    const byDigest = `registry.example.com/727524/nginx@${digest}`
    engine.onPull = () => {
      engine.add(imageId, [], [byDigest])
      return Promise.resolve({ digest: null, imageId })
    }
    await expect(run(pullOf({ reference: digest }))).resolves.toEqual({ digest, references: [byDigest] })
  })

  it('fails when the engine has something else', async () => {
    registry.seed({}, 'v1')
    engine.onPull = ({ reference }) => {
      engine.add(imageId, [reference])
      return Promise.resolve({ digest: `sha256:${'9'.repeat(64)}`, imageId })
    }
    await expect(run(pullOf())).rejects.toMatchObject({ code: 'NOT_VERIFIED' })
    engine.onPull = () => Promise.resolve({ digest: registry.tags.get('v1') ?? null, imageId: 'sha256:else' })
    await expect(run(pullOf())).rejects.toMatchObject({ code: 'NOT_VERIFIED' })
  })

  it('does not ask the engine for a tag that the registry does not have', async () => {
    await expect(run(pullOf())).rejects.toMatchObject({
      code: 'MANIFEST_UNKNOWN',
      context: { host: 'registry.example.com', repository: '727524/nginx' },
    })
  })

  it('tells the engine which layers of the wanted platform are to come', async () => {
    const image = (size: number): string => {
      const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: imageId, size }
      const config = { mediaType: mediaTypes.ociConfig, digest: imageId, size: 1 }
      return registry.seedManifest({ schemaVersion: 2, config, layers: [layer] }, mediaTypes.ociManifest)
    }
    const entry = (digest: string, architecture: string): object => ({
      mediaType: mediaTypes.ociManifest,
      digest,
      size: 1,
      platform: { os: 'linux', architecture },
    })
    const manifests = [entry(image(100), 'amd64'), entry(image(200), 'arm64')]
    const digest = registry.seedManifest({ schemaVersion: 2, manifests }, mediaTypes.ociIndex, 'v1')
    const sizes: number[] = []
    engine.onPull = ({ reference, layers = [] }) => {
      sizes.push(...layers.map(({ size }) => size))
      engine.add(imageId, [reference])
      return Promise.resolve({ digest, imageId })
    }
    await run(pullOf())
    await run(pullOf({ platform: 'linux/arm64/v8' }))
    expect(sizes).toEqual([100, 200])
  })
})
