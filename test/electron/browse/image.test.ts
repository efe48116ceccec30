import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ImageSnapshot } from '@shared/browse'
import { mediaTypes } from '@shared/oci'
import type { Policy } from '../../../electron/browse/freshness'
import { digestOf } from './fake-registry'
import { Setting } from './setting'
import { waitFor } from '../../support/wait'

let setting: Setting
beforeEach(() => (setting = new Setting()))
afterEach(() => setting.remove())

/** The revision of the last answer: what was sent before it is old. */
let asked = 0
const read = (reference = 'v1', refresh: Policy = 'auto', repository = 'library/app'): ImageSnapshot => {
  const snapshot = setting.browse.images.read({ registryId: 'r', repository, reference, refresh })
  asked = snapshot.revision
  return snapshot
}
const settled = (): Promise<ImageSnapshot> =>
  waitFor(() => {
    const last = setting.last('image:changed')
    if (!last || last.refreshing || last.revision <= asked) throw new Error('still refreshing')
    return last
  })

describe('reading an image', () => {
  it('answers at once, then with layers, configuration and raw texts', async () => {
    const image = setting.fake.image({
      created: '2024-01-01T00:00:00Z',
      layers: [10, 20],
      annotations: { note: 'here' },
      labels: { team: 'pier' },
    })
    setting.fake.tag('library/app', 'v1', image.digest)
    expect(read()).toMatchObject({
      digest: null,
      variants: [],
      fetchedAt: null,
      refreshing: true,
      complete: false,
    })
    const snapshot = await settled()
    expect(snapshot).toMatchObject({
      digest: image.digest,
      kind: 'image',
      annotations: { note: 'here' },
      fetchedAt: setting.time,
      complete: true,
      source: 'registry',
      error: null,
    })
    expect(digestOf(snapshot.rawManifest ?? '')).toBe(image.digest)
    const [variant] = snapshot.variants
    expect(variant).toMatchObject({
      digest: image.digest,
      kind: 'image',
      platform: { os: 'linux', architecture: 'amd64' },
    })
    expect(variant?.image).toMatchObject({
      created: Date.parse('2024-01-01T00:00:00Z'),
      config: { command: ['serve'], environment: [{ name: 'A', value: '1=2' }], labels: { team: 'pier' } },
      layers: [
        { size: 10, instruction: 'RUN step 0' },
        { size: 20, instruction: 'RUN step 1' },
      ],
    })
    expect(digestOf(variant?.image?.rawConfig ?? '')).toBe(variant?.image?.imageId)
  })

  it('shows every entry of an index as what it is', async () => {
    const amd = setting.fake.image({ created: '2024-01-01T00:00:00Z' })
    const arm = setting.fake.image({ platform: { os: 'linux', architecture: 'arm64' } })
    const attestation = setting.fake.attestation()
    const chart = setting.fake.artifact('application/vnd.cncf.helm')
    const nested = setting.fake.index([arm])
    const index = setting.fake.index([amd, arm, attestation, chart, nested], { of: 'all' })
    setting.fake.tag('library/app', 'v1', index.digest)
    read()
    const snapshot = await settled()
    expect(snapshot).toMatchObject({
      kind: 'index',
      digest: index.digest,
      annotations: { of: 'all' },
      complete: true,
    })
    expect(snapshot.variants.map(({ kind }) => kind)).toEqual([
      'image',
      'image',
      'attestation',
      'artifact',
      'index',
    ])
    expect(snapshot.variants[1]).toMatchObject({ platform: { architecture: 'arm64' }, error: null })
    expect(snapshot.variants[2]).toMatchObject({
      image: null,
      contents: [{ mediaType: 'application/vnd.in-toto+json' }],
    })
    expect(snapshot.variants[3]).toMatchObject({
      artifactType: 'application/vnd.cncf.helm',
      contents: [{ size: 77, title: 'chart.tgz' }],
    })
  })

  it('shows the others where one entry is missing at the registry', async () => {
    const amd = setting.fake.image()
    const lost = { ...setting.fake.image({ layers: [9] }), platform: { os: 'linux', architecture: 's390x' } }
    setting.fake.remove(lost.digest)
    setting.fake.tag('library/app', 'v1', setting.fake.index([lost, amd]).digest)
    read()
    const snapshot = await settled()
    expect(snapshot.error).toBeNull()
    expect(snapshot.variants[0]).toMatchObject({
      platform: { architecture: 's390x' },
      image: null,
      size: null,
      error: { code: 'MANIFEST_UNKNOWN' },
    })
    expect(snapshot.variants[1]).toMatchObject({ kind: 'image', error: null })
  })

  it('shows an image whose config is gone by its manifest alone', async () => {
    const manifest = setting.fake.manifest({
      schemaVersion: 2,
      config: { mediaType: mediaTypes.ociConfig, digest: digestOf('lost'), size: 4 },
      layers: [],
    })
    setting.fake.tag('library/app', 'v1', manifest.digest)
    read()
    const snapshot = await settled()
    expect(snapshot.variants).toMatchObject([{ size: 4, image: null, error: { code: 'BLOB_UNKNOWN' } }])
    expect(snapshot.rawManifest).not.toBeNull()
  })

  it('fetches nothing twice, and asks for a digest only when it was never whole', async () => {
    const image = setting.fake.image()
    setting.fake.tag('library/app', 'v1', image.digest)
    read()
    await settled()
    setting.time += 61_000
    setting.fake.requests.length = 0
    read()
    await settled()
    expect(setting.fake.requests).toEqual(['HEAD library/app v1'])
    expect(read(image.digest)).toMatchObject({ complete: true, refreshing: false, digest: image.digest })
  })

  it('follows a tag that moved', async () => {
    setting.fake.tag('library/app', 'v1', setting.fake.image().digest)
    read()
    await settled()
    const moved = setting.fake.image({ layers: [1, 2, 3] })
    setting.fake.tag('library/app', 'v1', moved.digest)
    read('v1', 'force')
    expect(await settled()).toMatchObject({ digest: moved.digest })
  })

  it('serves the list of tags with what it read', async () => {
    setting.fake.tag('library/app', 'v1', setting.fake.image({ created: '2024-01-01T00:00:00Z' }).digest)
    read()
    await settled()
    const key = { registryId: 'r', repository: 'library/app' }
    expect(setting.browse.repositories.read({ ...key, refresh: 'never' }).tags).toMatchObject([
      { name: 'v1', detail: 'ready' },
    ])
    expect(setting.cache.knownDiffIds('r', 'library/app').size).toBe(1)
  })
})

describe('without a network', () => {
  it('shows what was seen, also after a restart, by tag and by digest', async () => {
    const image = setting.fake.image()
    setting.fake.tag('library/app', 'v1', setting.fake.index([image, setting.fake.attestation()]).digest)
    read()
    const before = await settled()
    await setting.restart()
    setting.fake.down = 'CONNECTION_REFUSED'
    setting.time += 3_600_000
    expect(read()).toMatchObject({ variants: before.variants, fetchedAt: before.fetchedAt, complete: true })
    expect(await settled()).toMatchObject({
      error: { code: 'CONNECTION_REFUSED' },
      variants: before.variants,
    })
    expect(read(image.digest).variants).toMatchObject([
      { kind: 'image', image: { imageId: expect.any(String) as string } },
    ])
  })

  it('says that nothing is known, and why', async () => {
    setting.fake.down = 'HOST_UNKNOWN'
    read()
    expect(await settled()).toMatchObject({ digest: null, fetchedAt: null, error: { code: 'HOST_UNKNOWN' } })
  })

  it('does not show a digest in a repository that was never seen to hold it', async () => {
    const image = setting.fake.image()
    setting.fake.tag('library/app', 'v1', image.digest)
    read()
    await settled()
    expect(read(image.digest, 'never', 'library/other')).toMatchObject({ digest: null })
  })
})

describe('hostile content', () => {
  it('keeps one snapshot within bounds, and says what it left out', async () => {
    const note = 'x'.repeat(60_000)
    const images = Array.from({ length: 12 }, (_, index) =>
      setting.fake.image({
        layers: [index],
        annotations: Object.fromEntries(Array.from({ length: 20 }, (_entry, n) => [`note ${n}`, note])),
      }),
    )
    setting.fake.tag('library/app', 'v1', setting.fake.index(images).digest)
    read()
    const { variants, complete } = await settled()
    const raw = variants.reduce((sum, variant) => sum + (variant.rawManifest?.length ?? 0), 0)
    expect(raw).toBeGreaterThan(4 * 1024 * 1024)
    expect(raw).toBeLessThanOrEqual(8 * 1024 * 1024)
    expect(variants.at(0)).toMatchObject({ error: null, image: { platform: { os: 'linux' } } })
    expect(variants.at(-1)).toMatchObject({ image: null, error: { code: 'RESPONSE_TOO_LARGE' } })
    expect(complete).toBe(true)
  })

  it('reads and shows a hundred entries of an index and no more', async () => {
    const images = Array.from({ length: 120 }, (_, index) => setting.fake.image({ layers: [index] }))
    setting.fake.tag('library/app', 'v1', setting.fake.index(images).digest)
    read()
    expect((await settled()).variants).toHaveLength(100)
    expect(setting.fake.count('CONFIG')).toBeLessThanOrEqual(100)
  })
})
