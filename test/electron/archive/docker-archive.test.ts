import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compressLayer } from '../../../electron/archive/compress'
import { digestOf } from '../../lab/oci-image'
import { bytesOfStream, dockerNode, dockerSample, present, replace, workFolder } from './samples'
import { tarOf, type Entry } from './tar-writer'

const folder = workFolder()

describe('a docker archive', () => {
  it('tells its images, and streams their layers from any byte', async () => {
    const sample = dockerSample({ tags: ['app:v1', 'registry.test:5000/team/app:v1'] })
    const tar = tarOf(sample.entries)
    const archive = await folder.open('app.tar', tar)
    expect(archive).toMatchObject({ kind: 'docker-archive', size: tar.length })
    expect(archive.images).toMatchObject([
      {
        references: ['app:v1', 'registry.test:5000/team/app:v1'],
        platforms: [{ os: 'linux', architecture: 'arm64', variant: 'v8' }],
        bytes: sample.config.length + sample.layers.reduce((sum, layer) => sum + layer.length, 0),
      },
    ])
    const { config, layers } = dockerNode(archive)
    expect(config.bytes).toEqual(sample.config)
    expect(config.descriptor.digest).toBe(digestOf(sample.config))
    expect(layers.map(({ diffId, descriptor, compression }) => [diffId, descriptor, compression])).toEqual(
      sample.diffIds.map((diffId) => [diffId, null, 'none']),
    )
    for (const [index, layer] of layers.entries()) {
      const raw = sample.layers[index] as Buffer
      const [all, again, rest] = await Promise.all(
        [0, 0, 1000].map(async (from) => bytesOfStream(await layer.open(from))),
      )
      expect([all?.equals(raw), again?.equals(raw), rest?.equals(raw.subarray(1000))]).toEqual([
        true,
        true,
        true,
      ])
    }
  })

  it('follows links between its layers, as old engines wrote them', async () => {
    const { entries, diffIds, layers } = dockerSample({ sizes: [5000] })
    const linked = entries.map((entry) =>
      entry.name.endsWith('/layer.tar') ? { ...entry, name: 'shared/layer.tar' } : entry,
    )
    const name = `${diffIds[0]?.slice(7)}/layer.tar`
    const archive = await folder.open(
      'a.tar',
      tarOf([...linked, { name, type: '2', link: '../shared/layer.tar' }]),
    )
    const layer = dockerNode(archive).layers[0]
    expect((await bytesOfStream(await present(layer).open())).equals(layers[0] as Buffer)).toBe(true)
  })

  it('may hold several images, some without a name', async () => {
    const one = dockerSample({ sizes: [1000], tags: null })
    const two = dockerSample({ sizes: [2000, 1], tags: ['two:1'] })
    const lists = [one, two].map(({ entries }) => JSON.parse(String(entries.at(-1)?.data)) as object[])
    const all = [...one.entries, ...two.entries].filter(({ name }) => name !== 'manifest.json')
    const unique = [...new Map(all.map((entry) => [entry.name, entry])).values()]
    const archive = await folder.open(
      'a.tar',
      tarOf([...unique, { name: 'manifest.json', data: JSON.stringify(lists.flat()) }]),
    )
    expect(archive.images.map(({ references }) => references)).toEqual([[], ['two:1']])
  })

  it('may hold layers that are compressed already', async () => {
    const { entries, diffIds, layers } = dockerSample({ sizes: [5000] })
    const packed = gzipSync(layers[0] as Buffer)
    const archive = await folder.open(
      'a.tar',
      tarOf(replace(entries, `${diffIds[0]?.slice(7)}/layer.tar`, { data: packed })),
    )
    const layer = dockerNode(archive).layers[0]
    expect(layer).toMatchObject({ compression: 'gzip', rawSize: packed.length, diffId: diffIds[0] })
    expect((await bytesOfStream(await present(layer).open())).equals(packed)).toBe(true)
  })

  it('never ends well with a layer that is not what the config says', async () => {
    const { entries, diffIds } = dockerSample({ sizes: [3_000_000] })
    const name = `${diffIds[0]?.slice(7)}/layer.tar`
    const data = Buffer.from(entries.find((entry) => entry.name === name)?.data as Buffer)
    data[2_000_000] = (data[2_000_000] ?? 0) ^ 1
    const archive = await folder.open('a.tar', tarOf(replace(entries, name, { data })))
    const [layer] = dockerNode(archive).layers
    const damaged = { code: 'DIGEST_MISMATCH', context: { digest: diffIds[0] } }
    await expect(present(layer).open().then(bytesOfStream)).rejects.toMatchObject(damaged)
    const { stream, done } = compressLayer(() => present(layer).open())
    await expect(bytesOfStream(stream)).rejects.toMatchObject(damaged)
    await expect(done).rejects.toMatchObject(damaged)
  })

  const { entries, diffIds, config } = dockerSample()
  const configName = `${digestOf(config).slice(7)}.json`
  const layerName = `${diffIds[0]?.slice(7)}/layer.tar`
  const withManifest = (data: string): Entry[] => replace(entries, 'manifest.json', { data })
  const pointing = (change: object): Entry[] =>
    withManifest(
      JSON.stringify([{ Config: configName, RepoTags: null, Layers: [layerName, layerName], ...change }]),
    )
  it.each<[string, Entry[], string]>([
    ['a layer that leads out', pointing({ Layers: [layerName, '../../etc/shadow'] }), 'ARCHIVE_INVALID'],
    ['a layer with an absolute name', pointing({ Layers: [layerName, '/etc/shadow'] }), 'ARCHIVE_INVALID'],
    ['a config that leads out', pointing({ Config: '../config.json' }), 'ARCHIVE_INVALID'],
    ['a layer that is missing', pointing({ Layers: [layerName, 'gone/layer.tar'] }), 'ARCHIVE_INVALID'],
    ['fewer layers than the config has', pointing({ Layers: [layerName] }), 'ARCHIVE_INVALID'],
    ['a config that is missing', pointing({ Config: 'x.json' }), 'ARCHIVE_INVALID'],
    [
      'a config that was changed',
      replace(entries, configName, { data: `${config.toString()} ` }),
      'DIGEST_MISMATCH',
    ],
    ['a name twice', [...entries, { name: `./${layerName}`, data: 'x' }], 'ARCHIVE_INVALID'],
    ['no images', withManifest('[]'), 'ARCHIVE_INVALID'],
    ['a manifest that is no list', withManifest('{"Config":"x"}'), 'ARCHIVE_INVALID'],
    ['broken JSON', withManifest('[{'), 'ARCHIVE_INVALID'],
    [
      'bad UTF-8',
      replace(entries, 'manifest.json', { data: Buffer.from([0x5b, 0xff, 0x5d]) }),
      'ARCHIVE_INVALID',
    ],
    ['deep nesting', withManifest('['.repeat(100_000)), 'ARCHIVE_INVALID'],
    ['__proto__', withManifest('[{"Config":"x","__proto__":{"Layers":[]}}]'), 'ARCHIVE_INVALID'],
    ['a manifest above 4 MiB', withManifest(' '.repeat(5_000_000)), 'ARCHIVE_INVALID'],
    [
      'a circle of links',
      [
        ...pointing({ Config: 'l1' }),
        { name: 'l1', type: '2', link: 'l2' },
        { name: 'l2', type: '2', link: 'l1' },
      ],
      'ARCHIVE_INVALID',
    ],
    [
      'only what engines wrote before 1.10',
      entries.filter(({ name }) => name !== 'manifest.json'),
      'ARCHIVE_UNSUPPORTED',
    ],
  ])('is refused with %s', async (_, hostile, code) => {
    await expect(folder.open('a.tar', tarOf(hostile))).rejects.toMatchObject({
      code,
      context: { file: 'a.tar', side: 'archive' },
    })
  })
})

describe('a small archive that would take all memory or time', () => {
  const config = (fill: string, layers: number): Buffer =>
    Buffer.from(
      JSON.stringify({
        author: fill,
        rootfs: {
          type: 'layers',
          diff_ids: Array.from({ length: layers }, () => digestOf(Buffer.from('x'))),
        },
      }),
    )
  const archive = (configs: Buffer[], images: number, layers: number): Buffer => {
    const list = Array.from({ length: images }, (_, at) => ({
      ...{ Config: `c${at % configs.length}`, RepoTags: [`a:${at}`] },
      Layers: Array.from({ length: layers }, () => 'l'),
    }))
    return tarOf([
      ...configs.map((data, at) => ({ name: `c${at}`, data })),
      { name: 'l', data: 'x' },
      { name: 'manifest.json', data: JSON.stringify(list) },
    ])
  }

  it('reads a config once, however many images have it', async () => {
    const data = config(' '.repeat(4_000_000), 1)
    const { images } = await folder.open('a.tar', archive([data], 500, 1))
    expect(images).toHaveLength(500)
    expect(
      new Set(images.map(({ root }) => (root.kind === 'docker-image' ? root.config.bytes : null))).size,
    ).toBe(1)
  }, 30_000)
  it('is ARCHIVE_INVALID for configs without end', async () => {
    const data = Array.from({ length: 17 }, (_, at) => config(`${at}${' '.repeat(4_000_000)}`, 1))
    await expect(folder.open('a.tar', archive(data, 17, 1))).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
    })
  }, 30_000)
  it('is ARCHIVE_INVALID for layers without end', async () => {
    const opened = folder.open('a.tar', archive([config('', 1000)], 100, 1000))
    await expect(opened).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' })
  }, 30_000)
})
