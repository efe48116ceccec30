// Long because each entry is a trick of its own, and they share the two small archives at the top.
import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { ErrorCode } from '@shared/error'
import { mediaTypes } from '@shared/oci'
import { sha256 } from '../../../support/registry/in-process-registry'
import { type Entry, paxEntry, tarEntry, tarOf } from '../../../electron/archive/tar-writer'
import type { Case } from '../case'
import type { Scene } from '../scene'

const layer = tarOf([{ name: 'f', data: 'content of a layer' }])
const config = Buffer.from(
  JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: [sha256(layer)] },
  }),
)
const digest = sha256(config)
const configName = `${digest.slice(7)}.json`

/** A small docker archive, as it should be but for the change. */
function saved(change: object = {}, more: Entry[] = []): Entry[] {
  const list = [{ Config: configName, RepoTags: ['app:v1'], Layers: ['l/layer.tar'], ...change }]
  return [
    { name: 'l/layer.tar', data: layer },
    { name: configName, data: config },
    ...more,
    { name: 'manifest.json', data: JSON.stringify(list) },
  ]
}
const without = (entries: Entry[], name: string): Entry[] => entries.filter((entry) => entry.name !== name)

const manifest = Buffer.from(
  JSON.stringify({
    ...{ schemaVersion: 2, mediaType: mediaTypes.ociManifest },
    config: { mediaType: mediaTypes.ociConfig, digest, size: config.length },
    layers: [
      { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: sha256(layer), size: layer.length },
    ],
  }),
)
const rootOf = (bytes: Buffer, change: object = {}): object => ({
  mediaType: mediaTypes.ociManifest,
  digest: sha256(bytes),
  size: bytes.length,
  ...change,
})
const blob = (bytes: Buffer): Entry => ({ name: `blobs/${sha256(bytes).replace(':', '/')}`, data: bytes })
/** A small OCI layout, as it should be but for its roots. */
const layout = (roots: object[] = [rootOf(manifest)], blobs = [config, layer, manifest]): Entry[] => [
  { name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' },
  { name: 'index.json', data: JSON.stringify({ schemaVersion: 2, manifests: roots }) },
  ...blobs.map(blob),
]

const bad: ErrorCode[] = ['ARCHIVE_INVALID', 'DIGEST_MISMATCH']

async function opened(scene: Scene, path: string, codes: ErrorCode[]): Promise<void> {
  scene.expect(await scene.failureOf(scene.program.call('archive:open', { path })), ...codes)
}

const refused = (
  name: string,
  content: (scene: Scene) => Buffer | Entry[],
  codes: ErrorCode[] = bad,
): Case => ({
  name: `archive: ${name}`,
  async run(scene) {
    const path = scene.path('a.tar')
    const made = content(scene)
    writeFileSync(path, Buffer.isBuffer(made) ? made : tarOf(made))
    await opened(scene, path, codes)
  },
})

const atPath = (name: string, make: (scene: Scene) => string, codes: ErrorCode[]): Case => ({
  name: `archive: ${name}`,
  run: (scene) => opened(scene, make(scene), codes),
})

/** Numbers above octal's reach, in base 256; `negative` sets the sign. */
function base256(value: bigint, negative = false): Buffer {
  const field = Buffer.alloc(12, negative ? 0xff : 0)
  for (let at = 11, left = value; at > 0 && !negative; at -= 1, left >>= 8n) field[at] = Number(left & 255n)
  field[0] = negative ? 0xff : 0x80
  return field
}

function folderOf(scene: Scene, entries: Entry[] = layout()): string {
  const folder = scene.path('layout')
  for (const { name, data } of entries) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), data ?? '')
  }
  return folder
}

const linked = (name: string, entry: (outside: string) => Entry): Case =>
  refused(name, ({ outside }) => [...without(saved(), configName), entry(outside)])

const tricks = ['../../etc/shadow', '/etc/shadow', 'l/../../x', '..', './../x', 'a/../../../b', '\0', '']

export const archiveCases: Case[] = [
  ...tricks.map((name) => refused(`the config is at ${JSON.stringify(name)}`, () => saved({ Config: name }))),
  ...tricks.map((name) => refused(`a layer is at ${JSON.stringify(name)}`, () => saved({ Layers: [name] }))),
  ...['../x', '/etc/passwd', 'l/../../x', '..'].map((name) =>
    refused(`a member ${name}`, () => saved({}, [{ name, data: 'x' }])),
  ),
  refused('a pax name that leaves', () => saved({}, [paxEntry({ path: '../x' }), { name: 'x', data: 'x' }])),
  refused('a GNU name that leaves', () =>
    saved({}, [{ name: '././@LongLink', type: 'L', data: '../x\0' }, { name: 'x' }]),
  ),
  refused('a prefix that leaves', () => saved({}, [{ name: 'x', prefix: '..' }])),
  linked('the config is a link to a file outside', (outside) => ({
    name: configName,
    type: '2',
    link: outside,
  })),
  linked('the config is a hard link to a file outside', (outside) => ({
    name: configName,
    type: '1',
    link: outside,
  })),
  linked('the config is a link that climbs out', () => ({
    name: configName,
    type: '2',
    link: '../../../../etc/passwd',
  })),
  refused('a layer is a link to a file outside', ({ outside }) => [
    ...without(saved(), 'l/layer.tar'),
    { name: 'l/layer.tar', type: '2', link: outside },
  ]),
  refused('links in a circle', () => [
    ...without(saved(), configName),
    { name: configName, type: '2', link: 'b' },
    { name: 'b', type: '2', link: configName },
  ]),
  ...(['3', '4', '6'] as const).map((type) =>
    refused(`a device or pipe (${type})`, () => saved({}, [{ name: 'dev', type }])),
  ),
  refused(
    'a sparse file',
    () => saved({}, [paxEntry({ 'GNU.sparse.size': '5' }), { name: 's', data: 'x' }]),
    ['ARCHIVE_UNSUPPORTED'],
  ),
  refused('an old sparse file', () => saved({}, [{ name: 's', type: 'S' }]), ['ARCHIVE_UNSUPPORTED']),
  refused('a file in many volumes', () => saved({}, [{ name: 's', type: 'M' }]), ['ARCHIVE_UNSUPPORTED']),
  refused('a name of 1 GB', () => saved({}, [{ name: 'x', type: 'L', size: 1024 ** 3 }])),
  refused('a pax header of 1 GB', () => saved({}, [{ name: 'x', type: 'x', size: 1024 ** 3 }])),
  refused('a pax size below zero', () => saved({}, [paxEntry({ size: '-5' }), { name: 'x', data: 'x' }])),
  refused('a pax size without end', () =>
    saved({}, [paxEntry({ size: '9'.repeat(40) }), { name: 'x', data: 'x' }]),
  ),
  refused('a pax size of 8 EB', () =>
    saved({}, [paxEntry({ size: '9000000000000000' }), { name: 'x', data: 'x' }]),
  ),
  refused('a pax record longer than its header', () =>
    saved({}, [{ name: 'x', type: 'x', data: '999 path=x\n' }]),
  ),
  refused('a pax header for all', () =>
    saved({}, [paxEntry({ path: 'manifest.json' }, 'g'), { name: 'x', data: 'x' }]),
  ),
  refused('a size below zero, in base 256', () => saved({}, [{ name: 'x', size: base256(1n, true) }])),
  refused('a size of 2^80, in base 256', () => saved({}, [{ name: 'x', size: base256(1n << 80n) }])),
  refused('a size of 2^52, in base 256', () => saved({}, [{ name: 'x', size: base256(1n << 52n) }])),
  refused('manifest.json twice', () => saved({}, [{ name: 'manifest.json', data: '[]' }])),
  refused('manifest.json twice, once as ./manifest.json', () =>
    saved({}, [{ name: './manifest.json', data: '[]' }]),
  ),
  refused('a layer twice', () => saved({}, [{ name: 'l/layer.tar', data: 'x' }])),
  refused('a config twice', () => saved({}, [{ name: configName, data: 'x' }])),
  refused('a wrong checksum', () => saved({}, [{ name: 'x', breakChecksum: true }])),
  refused('100,000 entries', () =>
    Buffer.concat(Array<Buffer>(100_000).fill(tarEntry({ name: 'd/', type: '5' }))),
  ),
  refused('a config that is not its name', () =>
    saved({ Config: `${'a'.repeat(64)}.json` }, [{ name: `${'a'.repeat(64)}.json`, data: config }]),
  ),
  refused('a config that is no JSON', () => saved({ Config: 'c' }, [{ name: 'c', data: 'os: linux' }])),
  refused('a config of 5 MB', () =>
    saved({ Config: 'c' }, [{ name: 'c', data: Buffer.alloc(5_000_000, 32) }]),
  ),
  refused('a config deeper than any', () =>
    saved({ Config: 'c' }, [{ name: 'c', data: '['.repeat(100_000) }]),
  ),
  refused('a config with a key __proto__', () =>
    saved({ Config: 'c' }, [{ name: 'c', data: '{"__proto__":{"os":"x"}}' }]),
  ),
  refused('a config with a path for a layer', () =>
    saved({ Config: 'c' }, [
      { name: 'c', data: '{"rootfs":{"type":"layers","diff_ids":["sha256:../../x"]}}' },
    ]),
  ),
  refused('more layers than the config has', () => saved({ Layers: ['l/layer.tar', 'l/layer.tar'] })),
  refused('names that are no list', () => saved({ RepoTags: { a: 1 } })),
  refused('names of a million letters', () => saved({ RepoTags: ['x'.repeat(1_000_000)] })),
  refused('a manifest that is an object', () => [
    ...without(saved(), 'manifest.json'),
    { name: 'manifest.json', data: '{}' },
  ]),
  refused(
    'a manifest that is a folder',
    () => [...without(saved(), 'manifest.json'), { name: 'manifest.json/', type: '5' }],
    ['ARCHIVE_UNSUPPORTED'],
  ),
  refused('a layout with a path for a digest', () =>
    layout([rootOf(manifest, { digest: 'sha256:../../../../etc/passwd' })]),
  ),
  refused('a layout with a digest of sha512 letters', () =>
    layout([rootOf(manifest, { digest: `sha512:${'a'.repeat(64)}` })]),
  ),
  refused('a layout with another algorithm', () =>
    layout([rootOf(manifest, { digest: `md5:${'a'.repeat(32)}` })]),
  ),
  refused('a layout whose manifest is another', () => [
    ...without(layout(), blob(manifest).name),
    { ...blob(manifest), data: Buffer.alloc(manifest.length, 32) },
  ]),
  refused('a layout whose manifest is longer', () =>
    layout([rootOf(manifest, { size: manifest.length + 1 })]),
  ),
  refused('a layout with a size below zero', () => layout([rootOf(manifest, { size: -1 })])),
  refused('a layout whose blob is a folder', () => [
    ...without(layout(), blob(manifest).name),
    { name: `${blob(manifest).name}/`, type: '5' },
  ]),
  refused('a layout whose blob is a link outside', ({ outside }) => [
    ...without(layout(), blob(manifest).name),
    { name: blob(manifest).name, type: '2', link: outside },
  ]),
  refused('a layout with an index that names itself', () => {
    const index = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociIndex,
        manifests: [{ mediaType: mediaTypes.ociIndex, digest: `sha256:${'a'.repeat(64)}`, size: 5 }],
      }),
    )
    return [
      ...layout([rootOf(index, { mediaType: mediaTypes.ociIndex })], [index]),
      { name: `blobs/sha256/${'a'.repeat(64)}`, data: index },
    ]
  }),
  refused('a layout with both kinds in one', () => {
    const both = Buffer.from(
      JSON.stringify({ ...(JSON.parse(manifest.toString()) as object), manifests: [] }),
    )
    return layout([rootOf(both)], [config, layer, both])
  }),
  refused('a gzip that is cut', () => gzipSync(tarOf(saved())).subarray(0, -20)),
  refused('a gzip with noise', () =>
    Buffer.concat([gzipSync(tarOf(saved())).subarray(0, 100), Buffer.alloc(500, 7)]),
  ),
  refused(
    'a zstd that is noise',
    () => Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.alloc(500, 7)]),
    [...bad, 'ARCHIVE_UNSUPPORTED'],
  ),
  refused(
    'a zstd with a window of 3 GB',
    () => Buffer.concat([Buffer.from('28b52ffd00b0', 'hex'), Buffer.alloc(50)]),
    ['ARCHIVE_UNSUPPORTED'],
  ),
  refused('xz', () => Buffer.from('fd377a585a00', 'hex'), ['ARCHIVE_UNSUPPORTED']),
  refused('gzip in gzip', () => gzipSync(gzipSync(tarOf(saved())))),
  refused('nothing', () => Buffer.alloc(0), ['ARCHIVE_UNSUPPORTED']),
  {
    name: 'archive: cut at each block',
    async run(scene) {
      const tar = tarOf(saved())
      for (let at = 512; at < tar.length - 1024; at += 512) {
        const path = scene.path(`${at}.tar`)
        writeFileSync(path, tar.subarray(0, at))
        await opened(scene, path, ['ARCHIVE_INVALID', 'ARCHIVE_UNSUPPORTED'])
      }
    },
  },
  {
    name: 'archive: names that are no names are only shown',
    async run(scene) {
      const references = [
        '../../x',
        '<img src=x onerror=alert(1)>',
        'a:b:c',
        '',
        '\u202eevil',
        'http://localhost:1/x',
      ]
      writeFileSync(scene.path('a.tar'), tarOf(saved({ RepoTags: references })))
      const listing = await scene.program.call('archive:open', { path: scene.path('a.tar') })
      scene.check(listing.images[0]?.references.length === references.length, 'lost', 'some are missing')
    },
  },
  {
    name: 'archive: a layer that is another is not pushed',
    async run(scene) {
      const to = await scene.registry()
      const path = scene.path('a.tar')
      writeFileSync(
        path,
        tarOf([
          ...without(saved(), 'l/layer.tar'),
          { name: 'l/layer.tar', data: Buffer.alloc(layer.length, 1) },
        ]),
      )
      const { error } = await scene.job({
        ...{ kind: 'archive-push', path, image: 0, digest, source: 'app:v1' },
        ...{ registryId: to.id, repository: 'b', tag: 'v1', replaces: null },
      })
      scene.expect(error, ...bad)
      scene.check(to.server.seen('PUT', /manifests/).length === 0, 'falseSuccess', 'a manifest was put')
    },
  },
  {
    name: 'archive: cut off while it is pushed',
    async run(scene) {
      const to = await scene.registry()
      const path = scene.path('a.tar')
      writeFileSync(path, tarOf(saved()))
      await scene.program.call('archive:open', { path })
      to.server.on('POST', /uploads/, () => (truncateSync(path, 600), false))
      const { error } = await scene.job({
        ...{ kind: 'archive-push', path, image: 0, digest, source: 'app:v1' },
        ...{ registryId: to.id, repository: 'b', tag: 'v1', replaces: null },
      })
      scene.expect(error, 'ARCHIVE_UNREADABLE', 'ARCHIVE_INVALID', 'ARCHIVE_CHANGED', 'DIGEST_MISMATCH')
      scene.check(to.server.seen('PUT', /manifests/).length === 0, 'falseSuccess', 'a manifest was put')
    },
  },
  atPath('a pipe', (scene) => (execFileSync('mkfifo', [scene.path('p')]), scene.path('p')), [
    'ARCHIVE_UNSUPPORTED',
  ]),
  atPath('/dev/zero', () => '/dev/zero', ['ARCHIVE_UNSUPPORTED']),
  atPath('nothing there', (scene) => scene.path('none'), ['ARCHIVE_UNREADABLE']),
  atPath('a link to itself', (scene) => (symlinkSync('self', scene.path('self')), scene.path('self')), [
    'ARCHIVE_UNREADABLE',
  ]),
  atPath('an empty folder', (scene) => scene.folder, ['ARCHIVE_UNSUPPORTED']),
  atPath('a path of 4,000 letters', () => `/${'a'.repeat(4000)}`, ['ARCHIVE_UNREADABLE']),
  atPath(
    'a folder whose index.json is a link outside',
    (scene) => {
      const folder = folderOf(scene, without(layout(), 'index.json'))
      symlinkSync(scene.outside, join(folder, 'index.json'))
      return folder
    },
    bad,
  ),
  atPath(
    'a folder whose blobs are a link elsewhere',
    (scene) => {
      const folder = folderOf(scene)
      renameSync(join(folder, 'blobs/sha256'), scene.path('elsewhere'))
      symlinkSync(scene.path('elsewhere'), join(folder, 'blobs/sha256'))
      return folder
    },
    bad,
  ),
  atPath(
    'a folder whose blob is a link outside',
    (scene) => {
      const folder = folderOf(scene, without(layout(), blob(manifest).name))
      symlinkSync(scene.outside, join(folder, blob(manifest).name))
      return folder
    },
    bad,
  ),
  atPath(
    'a folder whose blob is a pipe',
    (scene) => {
      const folder = folderOf(scene, without(layout(), blob(manifest).name))
      execFileSync('mkfifo', [join(folder, blob(manifest).name)])
      return folder
    },
    [...bad, 'ARCHIVE_UNSUPPORTED'],
  ),
  atPath(
    'a folder whose blob is a folder',
    (scene) => {
      const folder = folderOf(scene, without(layout(), blob(manifest).name))
      mkdirSync(join(folder, blob(manifest).name))
      return folder
    },
    [...bad, 'ARCHIVE_UNSUPPORTED'],
  ),
  atPath(
    'a folder with a second name of another blob',
    (scene) => {
      const folder = folderOf(scene, without(layout(), blob(manifest).name))
      linkSync(join(folder, blob(config).name), join(folder, blob(manifest).name))
      return folder
    },
    bad,
  ),
]

const gigabyte = (): Buffer => {
  const zeros = Buffer.alloc(64 * 1024 * 1024)
  const head = tarEntry({ name: 'x.tar', size: 8 * 1024 ** 3 })
  return Buffer.concat([
    gzipSync(head.subarray(0, 512)),
    ...Array.from({ length: 128 }, () => gzipSync(zeros, { level: 9 })),
  ])
}

const bomb = (name: string, content: () => Buffer): Case => ({
  ...refused(name, content, ['ARCHIVE_INVALID', 'STORE_FAILED']),
  bomb: true,
})

export const archiveBombs: Case[] = [
  { ...bomb('8 GB of zeros in a gzip', gigabyte), long: true },
  bomb('configs without end in a gzip', () => {
    const configs = Array.from({ length: 40 }, (_, at) =>
      Buffer.from(
        JSON.stringify({ author: `${at}${' '.repeat(4_000_000)}`, rootfs: { type: 'layers', diff_ids: [] } }),
      ),
    )
    const list = configs.map((_config, at) => ({ Config: `c${at}.json`, RepoTags: [], Layers: [] }))
    return gzipSync(
      tarOf([
        ...configs.map((data, at) => ({ name: `c${at}.json`, data })),
        { name: 'manifest.json', data: JSON.stringify(list) },
      ]),
      { level: 1 },
    )
  }),
  bomb('ten million layers in 20 kB', () => {
    const many = Buffer.from(
      JSON.stringify({
        rootfs: { type: 'layers', diff_ids: Array.from({ length: 10_000 }, () => sha256('x')) },
      }),
    )
    const list = Array.from({ length: 60 }, () => ({
      Config: 'c.json',
      RepoTags: [],
      Layers: Array.from({ length: 10_000 }, () => 'l'),
    }))
    return gzipSync(
      tarOf([
        { name: 'c.json', data: many },
        { name: 'manifest.json', data: JSON.stringify(list) },
      ]),
    )
  }),
]
