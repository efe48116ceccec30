import { mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { mediaTypes } from '@shared/oci'
import type { Archive, IndexNode, ManifestNode } from '../../../electron/archive/archive'
import {
  blobOf,
  buildAttestation,
  buildImage,
  buildIndex,
  digestOf,
  jsonBlob,
  type Image,
} from '../../lab/oci-image'
import { bytesOfStream, layoutEntries, present, replace, storedZstd, workFolder } from './samples'
import { tarOf, type Entry } from './tar-writer'

const folder = workFolder()
const image = (seed: string, architecture = 'amd64'): Image =>
  buildImage({
    seed,
    format: 'oci',
    platform: { os: 'linux', architecture },
    layers: [{ size: 40_000 }, { size: 100 }],
  })
const indexJson = (manifests: object[]): Entry[] => [
  { name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' },
  { name: 'index.json', data: JSON.stringify({ schemaVersion: 2, manifests }) },
]

describe('an OCI layout', () => {
  const index = buildIndex('oci', [image('one'), image('two', 'arm64'), buildAttestation(image('one'))])
  const name = {
    'io.containerd.image.name': 'docker.io/library/app:v1',
    'org.opencontainers.image.ref.name': 'v1',
  }

  const expectWhole = async (archive: Archive): Promise<void> => {
    expect(archive).toMatchObject({
      kind: 'oci-layout',
      images: [{ references: ['docker.io/library/app:v1'] }],
    })
    expect(archive.images[0]?.platforms).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ])
    const root = archive.images[0]?.root as IndexNode
    expect(root).toMatchObject({ kind: 'index', missing: [] })
    expect(root.bytes).toEqual(index.manifest.data)
    expect(root.children).toHaveLength(3)
    const layer = (root.children[1] as ManifestNode).layers[0]
    expect(layer).toMatchObject({
      compression: 'gzip',
      diffId: expect.stringMatching(/^sha256:/),
      present: true,
    })
    expect(digestOf(await bytesOfStream(await present(layer).open()))).toBe(layer?.descriptor?.digest)
  }

  it('as a tar', async () =>
    expectWhole(await folder.open('a.tar', tarOf(layoutEntries([{ image: index, annotations: name }])))))
  it('as a folder', async () => {
    for (const entry of layoutEntries([{ image: index, annotations: name }]))
      folder.write(`oci/${entry.name}`, Buffer.from(entry.data ?? ''))
    await expectWhole(await folder.openPath(join(folder.path(), 'oci')))
  })
  it.each([
    ['a.tar.gz', gzipSync],
    ['a.tar.zst', storedZstd],
  ])('as %s, with nothing left behind', async (file, pack) => {
    const steps: number[] = []
    const data = pack(tarOf(layoutEntries([{ image: index, annotations: name }])))
    const archive = await folder.open(file, data, { onProgress: (done) => void steps.push(done) })
    await expectWhole(archive)
    expect(steps.at(-1)).toBe(data.length)
    const { layers } = (archive.images[0]?.root as IndexNode).children[0] as ManifestNode
    await archive.close()
    expect(readdirSync(folder.spool())).toEqual([])
    await expect(present(layers[0]).open().then(bytesOfStream)).rejects.toThrow()
  })

  it('names an image once that has several names', async () => {
    const one = image('one')
    const archive = await folder.open(
      'a.tar',
      tarOf(
        layoutEntries([
          { image: one, annotations: name },
          { image: one, annotations: { 'org.opencontainers.image.ref.name': 'app:v2' } },
          { image: image('two') },
        ]),
      ),
    )
    expect(archive.images.map(({ references }) => references)).toEqual([
      ['docker.io/library/app:v1', 'app:v2'],
      [],
    ])
  })

  it('tells which platforms an engine left out', async () => {
    const entries = layoutEntries([{ image: index }])
    const gone = index.children[1] as Image
    const whole = await folder.open(
      'a.tar',
      tarOf(entries.filter((entry) => !entry.name.endsWith(gone.manifest.digest.slice(7)))),
    )
    expect(whole.images[0]?.root).toMatchObject({ missing: [{ digest: gone.manifest.digest }] })
    expect(whole.images[0]?.platforms).toEqual([{ os: 'linux', architecture: 'amd64' }])
    const layer = gone.blobs[1]?.digest.slice(7) ?? ''
    const partly = await folder.open('b.tar', tarOf(entries.filter((entry) => !entry.name.endsWith(layer))))
    expect(partly.images[0]?.root).toMatchObject({ missing: [{ digest: gone.manifest.digest }] })
  })

  it('keeps foreign layers that it leaves out', async () => {
    const { blobs } = image('one')
    const config = present(blobs[0])
    const { mediaType, digest, size } = blobOf(`${mediaTypes.ociManifest}`, Buffer.from('elsewhere'))
    const descriptor = { mediaType, digest, size, urls: ['https://elsewhere.test/layer'] }
    const manifest = jsonBlob(mediaTypes.ociManifest, {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: config.mediaType, digest: config.digest, size: config.size },
      layers: [descriptor],
    })
    const archive = await folder.open(
      'a.tar',
      tarOf(layoutEntries([{ image: { manifest, blobs: [config], children: [] } }])),
    )
    expect((archive.images[0]?.root as ManifestNode).layers).toMatchObject([
      { present: false, descriptor: { digest } },
    ])
  })

  const one = image('one')
  const good = layoutEntries([{ image: one }])
  const blobName = (digest: string): string => `blobs/${digest.replace(':', '/')}`
  const flipped = (data: Buffer): Buffer => {
    const copy = Buffer.from(data)
    copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1
    return copy
  }
  const layer = present(one.blobs[1])
  const entry = { mediaType: one.manifest.mediaType, digest: one.manifest.digest, size: one.manifest.size }
  const withRoot = (change: object): Entry[] => [...indexJson([{ ...entry, ...change }]), ...good.slice(2)]
  const rooted = (mediaType: string, content: object): Entry[] => {
    const blob = jsonBlob(mediaType, content)
    return [
      ...indexJson([{ mediaType, digest: blob.digest, size: blob.size }]),
      { name: blobName(blob.digest), data: blob.data },
      ...good.slice(2),
    ]
  }
  it.each<[string, Entry[], string]>([
    [
      'a manifest that was changed',
      replace(good, blobName(one.manifest.digest), { data: flipped(one.manifest.data) }),
      'DIGEST_MISMATCH',
    ],
    [
      'a config that was changed',
      replace(good, blobName(present(one.blobs[0]).digest), { data: flipped(present(one.blobs[0]).data) }),
      'DIGEST_MISMATCH',
    ],
    [
      'a layer that is missing',
      good.filter(({ name: path }) => path !== blobName(layer.digest)),
      'ARCHIVE_INVALID',
    ],
    ['a layer of another size', replace(good, blobName(layer.digest), { data: 'x' }), 'ARCHIVE_INVALID'],
    ['a size that lies', withRoot({ size: 5 }), 'ARCHIVE_INVALID'],
    ['a size below 0', withRoot({ size: -1 }), 'ARCHIVE_INVALID'],
    ['a digest that is a path', withRoot({ digest: 'sha256:../../../../etc/passwd' }), 'ARCHIVE_INVALID'],
    [
      'a manifest that is an index as well',
      rooted(mediaTypes.ociManifest, { schemaVersion: 2, config: {}, layers: [], manifests: [] }),
      'ARCHIVE_INVALID',
    ],
    [
      'a manifest that calls itself an index',
      rooted(mediaTypes.ociManifest, {
        ...(JSON.parse(one.manifest.data.toString()) as object),
        mediaType: mediaTypes.ociIndex,
      }),
      'ARCHIVE_INVALID',
    ],
    [
      'schema 1',
      rooted(mediaTypes.dockerManifest, { schemaVersion: 1, fsLayers: [] }),
      'SCHEMA1_UNSUPPORTED',
    ],
    ['nothing in it', indexJson([]), 'ARCHIVE_INVALID'],
    ['nothing that is an image', withRoot({ mediaType: 'text/plain' }), 'ARCHIVE_UNSUPPORTED'],
    [
      'another version',
      replace(good, 'oci-layout', { data: '{"imageLayoutVersion":"2.0.0"}' }),
      'ARCHIVE_UNSUPPORTED',
    ],
  ])('is refused with %s', async (_, hostile, code) => {
    await expect(folder.open('a.tar', tarOf(hostile))).rejects.toMatchObject({ code })
  })

  it('is refused when few indexes name each other many times over', async () => {
    let node = one
    const all: Image[] = [one]
    for (let level = 0; level < 6; level += 1) {
      node = buildIndex(
        'oci',
        Array.from({ length: 30 }, () => node),
      )
      all.push({ ...node, children: [] })
    }
    const files = [
      ...layoutEntries(all.map((each) => ({ image: each }))).slice(2),
      ...indexJson([
        { mediaType: mediaTypes.ociIndex, digest: node.manifest.digest, size: node.manifest.size },
      ]),
    ]
    await expect(folder.open('a.tar', tarOf(files))).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' })
  })

  it('is refused when an index names one large manifest ten thousand times, and read when it does so a few times', async () => {
    const config = jsonBlob(mediaTypes.ociConfig, {})
    const layer = blobOf('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync('layer'))
    const described = ({ mediaType, digest, size }: typeof layer): object => ({ mediaType, digest, size })
    const layers = Array.from({ length: 9000 }, () => described(layer))
    const manifest = jsonBlob(mediaTypes.ociManifest, {
      ...{ schemaVersion: 2, mediaType: mediaTypes.ociManifest },
      ...{ config: described(config), layers },
    })
    const entriesFor = (times: number): Entry[] => {
      const all = Array.from({ length: times }, () => described(manifest))
      const index = jsonBlob(mediaTypes.ociIndex, { schemaVersion: 2, manifests: all })
      const blobs = [config, layer, manifest, index]
      return [
        ...indexJson([described(index)]),
        ...blobs.map(({ digest, data }) => ({ name: `blobs/${digest.replace(':', '/')}`, data })),
      ]
    }
    await expect(folder.open('many.tar', tarOf(entriesFor(10_000)))).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
    })
    expect((await folder.open('few.tar', tarOf(entriesFor(10)))).images).toHaveLength(1)
  })

  it('never ends well with a damaged layer', async () => {
    const archive = await folder.open(
      'a.tar',
      tarOf(replace(good, blobName(layer.digest), { data: flipped(layer.data) })),
    )
    const stream = await present((archive.images[0]?.root as ManifestNode).layers[0]).open()
    await expect(bytesOfStream(stream)).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      context: { digest: layer.digest },
    })
  })

  it('is refused as a folder when a file in it is a link', async () => {
    const secret = folder.write('secret', layer.data)
    for (const file of good)
      if (file.name !== blobName(layer.digest)) folder.write(`oci/${file.name}`, Buffer.from(file.data ?? ''))
    mkdirSync(join(folder.path(), 'oci/blobs/sha256'), { recursive: true })
    symlinkSync(secret, join(folder.path(), 'oci', blobName(layer.digest)))
    await expect(folder.openPath(join(folder.path(), 'oci'))).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
    })
  })
})

it.each(['blobs', 'blobs/sha256'])('refuses a folder in which %s is a link to elsewhere', async (name) => {
  const path = folder.path()
  for (const { name: file, data } of layoutEntries([{ image: image('linked') }]))
    folder.write(`layout/${file}`, Buffer.from(data ?? ''))
  renameSync(join(path, 'layout', name), join(path, 'elsewhere'))
  symlinkSync(join(path, 'elsewhere'), join(path, 'layout', name))
  await expect(folder.openPath(join(path, 'layout'))).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' })
})
