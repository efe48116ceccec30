/** Archives: tars, docker archives, OCI layouts, plain, gzip and zstd, whole and broken anywhere. */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { openArchive, type ArchiveLayer, type ArchiveNode } from '../../../electron/archive/archive'
import { compressionOf, decompress } from '../../../electron/archive/decompress'
import { linkTarget, memberName } from '../../../electron/archive/member-name'
import { SequenceReader } from '../../../electron/archive/sequence'
import { parsePax } from '../../../electron/archive/tar-header'
import { walkTar, type TarMember } from '../../../electron/archive/tar-walk'
import { silentLog } from '../../../electron/log'
import { paxEntry, tarEntry, tarOf, type Entry } from '../../electron/archive/tar-writer'
import { later, leaked, lost, outcome, property, taken, type Surface } from './surface'
import { anyJson, anyText, bent, bentBytes, cutInto, cuts, soup } from './texts'
import { zstdFrames } from './zstd-frames'

const sum = (bytes: Buffer | string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const blobName = (digest: string): string => `blobs/${digest.replace(':', '/')}`

const layers = ['first', 'second'].map((text) => tarOf([{ name: text, data: text.repeat(30) }]))
const config = JSON.stringify({
  os: 'linux',
  architecture: 'amd64',
  rootfs: { type: 'layers', diff_ids: layers.map(sum) },
})
const layerNames = layers.map((layer) => `${sum(layer).slice(7)}/layer.tar`)
const list = [
  {
    Config: `${sum(config).slice(7)}.json`,
    RepoTags: ['app:v1'],
    Layers: layerNames,
  },
]

const docker = (manifest: unknown): Entry[] => [
  ...layers.map((data) => ({ name: `${sum(data).slice(7)}/layer.tar`, data })),
  { name: `${sum(config).slice(7)}.json`, data: config },
  { name: 'manifest.json', data: JSON.stringify(manifest) ?? '' },
]

const type = (name: string): string => `application/vnd.oci.image.${name}`
const descriptorOf = (mediaType: string, data: Buffer | string): object => ({
  mediaType,
  digest: sum(data),
  size: Buffer.byteLength(data),
})
const zipped = layers.map((layer) => gzipSync(layer))
const ociManifest = {
  schemaVersion: 2,
  mediaType: type('manifest.v1+json'),
  config: descriptorOf(type('config.v1+json'), config),
  layers: zipped.map((data) => descriptorOf(type('layer.v1.tar+gzip'), data)),
}

/** A layout whose digests fit, whatever the manifest and the index say. */
function layout(manifest: unknown, change: (index: object) => unknown): Entry[] {
  const text = JSON.stringify(manifest) ?? ''
  const index = { schemaVersion: 2, manifests: [descriptorOf(type('manifest.v1+json'), text)] }
  return [
    { name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', data: JSON.stringify(change(index)) ?? '' },
    ...[text, config, ...zipped].map((data) => ({ name: blobName(sum(data)), data })),
  ]
}

const whole = fc.constantFrom<Entry[][]>(
  docker(list),
  layout(ociManifest, (index) => index),
  [...docker(list), ...layout(ociManifest, (index) => index)],
)
const broken = fc.oneof(
  bent(fc.constant(list)).map(docker),
  bent(fc.constant(ociManifest)).map((manifest) => layout(manifest, (index) => index)),
  fc.tuple(anyJson, fc.nat(), fc.boolean()).chain(([put]) =>
    bent(
      fc.constant({
        schemaVersion: 2,
        manifests: [descriptorOf(type('manifest.v1+json'), JSON.stringify(ociManifest))],
      }),
      fc.constant(put),
    ).map((index) => layout(ociManifest, () => index)),
  ),
)
const names = fc.oneof(
  soup(
    '../',
    '/',
    'etc',
    './',
    'blobs/',
    'sha256',
    '\\',
    '..',
    'manifest.json',
    'index.json',
    '\0',
    '//',
    'C:',
  ),
  fc.constantFrom('manifest.json', 'index.json', 'oci-layout', ...layerNames, '/etc/passwd', 'x'.repeat(99)),
)
const strange: fc.Arbitrary<Entry> = fc.record(
  {
    name: names,
    type: fc.constantFrom(...'0123456789xgLKVSMDN\0 '),
    link: names,
    data: fc.oneof(anyText, fc.constantFrom(config, 'x'.repeat(600))),
    size: fc.oneof(
      fc.nat(2000),
      fc.constant(8_589_934_591),
      fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    ),
    prefix: names,
    magic: fc.constantFrom('posix', 'gnu'),
    breakChecksum: fc.constant(false),
  },
  { requiredKeys: ['name'] },
)
const paxEntries = fc
  .dictionary(
    fc.constantFrom('path', 'linkpath', 'size', 'GNU.sparse.name', 'mtime', 'charset'),
    fc.oneof(names, fc.nat().map(String), anyText),
    { maxKeys: 3 },
  )
  .chain((records) => fc.constantFrom('x', 'g').map((kind) => paxEntry(records, kind)))

/** An archive with entries of another kind anywhere between. */
const mixed = fc
  .tuple(
    fc.oneof(whole, broken),
    fc.array(fc.tuple(fc.nat(), fc.oneof(strange, paxEntries)), { maxLength: 3 }),
  )
  .map(([entries, more]) =>
    more.reduce<Entry[]>(
      (now, [place, entry]) => {
        const at = place % (now.length + 1)
        return [...now.slice(0, at), entry, ...now.slice(at)]
      },
      [...entries],
    ),
  )
const tars = fc.oneof(
  mixed.map(tarOf),
  bentBytes(fc.oneof(whole, mixed).map(tarOf)),
  mixed.map((entries) => Buffer.concat(entries.map(tarEntry))),
)
const packed = fc
  .tuple(tars, fc.constantFrom('none', 'gzip', 'zstd'))
  .map(([bytes, how]) =>
    how === 'gzip' ? gzipSync(bytes, { level: 1 }) : how === 'zstd' ? storedZstd(bytes) : bytes,
  )

/** A zstd frame of stored blocks. */
function storedZstd(data: Buffer): Buffer {
  const header = Buffer.alloc(3)
  const blocks: Buffer[] = []
  for (let at = 0; at === 0 || at < data.length; at += 100_000) {
    const part = data.subarray(at, at + 100_000)
    header.writeUIntLE((part.length << 3) | (at + 100_000 >= data.length ? 1 : 0), 0, 3)
    blocks.push(Buffer.from(header), part)
  }
  return Buffer.concat([Buffer.from('28b52ffd0040', 'hex'), ...blocks])
}

async function* pieces(all: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const piece of all) yield piece
}

async function bytesOf(source: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of source) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

const layersOf = (node: ArchiveNode): ArchiveLayer[] =>
  node.kind === 'index' ? node.children.flatMap(layersOf) : node.layers

/** Where a member is, and the same content whatever the pieces it comes in. */
async function walk(chunks: readonly Buffer[]): Promise<{ members: TarMember[] } | { code: string }> {
  const members: TarMember[] = []
  const walked = await later(() =>
    walkTar(new SequenceReader(pieces(chunks)), (member) => Promise.resolve(void members.push(member))),
  )
  return 'error' in walked ? { code: walked.error.code } : { members }
}

export function archives(): Surface {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
  const path = join(folder, 'archive')
  const spoolFolder = join(folder, 'spool')

  /** Opens what lies at `path`, reads all that it offers, and holds it against its digests. */
  async function open(): Promise<void> {
    const opened = await later(() => openArchive(path, { log: silentLog, spoolFolder }))
    if ('error' in opened) {
      if (opened.error.context.file !== 'archive') lost('an error without the archive that it is about')
    } else {
      try {
        for (const { root } of opened.value.images) {
          const inside = root.kind === 'docker-image' ? root.layers : layersOf(root)
          for (const layer of inside.filter(({ present }) => present)) {
            const read = await later(async () => bytesOf(await layer.open()))
            const digest = layer.descriptor?.digest ?? (layer.compression === 'none' ? layer.diffId : null)
            if ('value' in read && digest?.startsWith('sha256:') && sum(read.value) !== digest)
              taken('a layer that is not what its digest says')
            if ('value' in read && read.value.length !== layer.rawSize) taken('a layer of another size')
          }
        }
      } finally {
        await opened.value.close()
      }
    }
    if (readdirSync(folder).some((name) => !['archive', 'spool'].includes(name)))
      leaked(readdirSync(folder).join(' '))
    if (existsSync(spoolFolder) && readdirSync(spoolFolder).length > 0) leaked('a spool is left')
  }

  return {
    name: 'archives',
    close: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
    properties: [
      property('any archive is opened or refused', packed, async (bytes) => {
        writeFileSync(path, bytes)
        await open()
      }),
      property('so is one whose compression is broken', bentBytes(packed), async (bytes) => {
        writeFileSync(path, bytes)
        await open()
      }),
      property('a tar is the same in any pieces', fc.tuple(tars, cuts), async ([bytes, places]) => {
        const one = await walk([bytes])
        const other = await walk(cutInto(bytes, places))
        if (!isDeepStrictEqual(one, other)) taken(`${JSON.stringify(one)} ${JSON.stringify(other)}`)
        if ('code' in one) return
        for (const member of one.members) {
          const all = [member.name, ...(member.kind === 'link' ? [member.target] : [])]
          if (all.some((name) => name.startsWith('/') || name.split('/').includes('..')))
            leaked(all.join(' '))
          if (member.kind === 'file' && member.offset + member.size > bytes.length)
            taken('a member beyond the end')
        }
      }),
      property('names stay inside', fc.tuple(names, fc.oneof(names, anyText)), ([from, target]) => {
        const name = outcome(() => memberName(from))
        if ('error' in name) return
        const end = outcome(() => linkTarget(name.value, target))
        for (const found of [name, end])
          if ('value' in found && (found.value.startsWith('/') || found.value.split('/').includes('..')))
            leaked(found.value)
      }),
      property(
        'records of pax are read back',
        fc.dictionary(fc.stringMatching(/^[A-Za-z.]{1,9}$/), anyText, { maxKeys: 5 }),
        (records) => {
          const bytes = Buffer.from(paxEntry(records).data ?? '')
          const meant = Object.entries(records).map(([key, value]) => [key, Buffer.from(value).toString()])
          if (!isDeepStrictEqual([...parsePax(bytes)], meant)) lost(bytes.toString())
        },
      ),
      property(
        'any records of pax are read or refused',
        fc.oneof(
          soup('10 ', 'path', '=', '\n', '0', '99999 ', '-1 ').map((text) => Buffer.from(text)),
          bentBytes(fc.constant(Buffer.from('12 path=abc\n15 linkpath=de\n'))),
        ),
        (bytes) => void outcome(() => parsePax(bytes)),
      ),
      property(
        'frames of zstd are bounded and the same in any pieces',
        fc.tuple(zstdFrames, cuts),
        async ([bytes, places]) => {
          const one = await later(() => bytesOf(decompress(pieces([bytes]), 'zstd')))
          const other = await later(() => bytesOf(decompress(pieces(cutInto(bytes, places)), 'zstd')))
          if ('value' in one !== 'value' in other) taken('it depends on the pieces')
          if ('value' in one && 'value' in other && !one.value.equals(other.value))
            taken('it depends on the pieces')
          // Each block has at least a header of three bytes, and gives 128 KiB at most.
          if ('value' in one && one.value.length > (bytes.length / 3) * 131_072)
            leaked(`${one.value.length} bytes`)
        },
      ),
      property(
        'gzip is read or refused',
        fc.tuple(bentBytes(tars.map((bytes) => gzipSync(bytes, { level: 1 }))), cuts),
        async ([bytes, places]) => {
          compressionOf(bytes)
          await later(() => bytesOf(decompress(pieces(cutInto(bytes, places)), 'gzip')))
        },
      ),
    ],
  }
}
