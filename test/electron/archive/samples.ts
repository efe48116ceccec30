import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { openArchive, type Archive, type DockerNode } from '../../../electron/archive/archive'
import { silentLog } from '../../../electron/log'
import { bytesOf } from '../../lab/random-bytes'
import { blobOf, digestOf, type Image } from '../../lab/oci-image'
import type { Readable } from 'node:stream'
import { tarOf, type Entry } from './tar-writer'

/** A folder of the test that is gone after it, and everything that was opened in it is closed. */
export function workFolder(): {
  path: () => string
  write: (name: string, data: Buffer) => string
  open: (name: string, data: Buffer, options?: Partial<Parameters<typeof openArchive>[1]>) => Promise<Archive>
  openPath: (path: string, options?: Partial<Parameters<typeof openArchive>[1]>) => Promise<Archive>
  spool: () => string
} {
  let folder: string | null = null
  const opened: Archive[] = []
  const path = (): string => (folder ??= mkdtempSync(join(tmpdir(), 'archive-')))
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((archive) => archive.close()))
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
    folder = null
  })
  const write = (name: string, data: Buffer): string => {
    const target = join(path(), name)
    mkdirSync(join(target, '..'), { recursive: true })
    writeFileSync(target, data)
    return target
  }
  const spool = (): string => join(path(), 'spool')
  const openPath: ReturnType<typeof workFolder>['openPath'] = async (target, options = {}) => {
    const archive = await openArchive(target, { log: silentLog, spoolFolder: spool(), ...options })
    opened.push(archive)
    return archive
  }
  return { path, write, spool, openPath, open: (name, data, options) => openPath(write(name, data), options) }
}

export interface DockerSample {
  entries: Entry[]
  /** Raw bytes by position. */
  layers: Buffer[]
  diffIds: string[]
  config: Buffer
}

/** Content of a classic `docker save` tar: layers of the given sizes, a config, manifest.json last. */
export function dockerSample({
  sizes = [70_000, 3_000],
  tags = ['app:v1'],
  manifest = {},
}: { sizes?: number[]; tags?: string[] | null; manifest?: object } = {}): DockerSample {
  const layers = sizes.map((size, index) =>
    tarOf([{ name: `f${index}`, data: bytesOf(`layer ${index}`, size, 0.5) }]),
  )
  const diffIds = layers.map((layer) => digestOf(layer))
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'arm64',
      os: 'linux',
      variant: 'v8',
      rootfs: { type: 'layers', diff_ids: diffIds },
    }),
  )
  const configName = `${digestOf(config).slice(7)}.json`
  const names = diffIds.map((diffId) => `${diffId.slice(7)}/layer.tar`)
  const list = [{ Config: configName, RepoTags: tags, Layers: names, ...manifest }]
  return {
    layers,
    diffIds,
    config,
    entries: [
      ...names.flatMap((name, index) => [
        { name: `${name.split('/')[0]}/`, type: '5' },
        { name: `${name.split('/')[0]}/VERSION`, data: '1.0' },
        { name, data: layers[index] ?? '' },
      ]),
      { name: configName, data: config },
      { name: 'manifest.json', data: JSON.stringify(list) },
    ],
  }
}

/** The files of an OCI layout with the given roots, each under its annotations. */
export function layoutEntries(roots: { image: Image; annotations?: Record<string, string> }[]): Entry[] {
  const blobs = new Map<string, Buffer>()
  const collect = (image: Image): void => {
    for (const blob of [image.manifest, ...image.blobs]) blobs.set(blob.digest, blob.data)
    image.children.forEach(collect)
  }
  roots.forEach(({ image }) => collect(image))
  const manifests = roots.map(({ image: { manifest }, annotations }) => ({
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.size,
    annotations,
  }))
  return [
    { name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', data: JSON.stringify({ schemaVersion: 2, manifests }) },
    ...[...blobs].map(([digest, data]) => ({ name: `blobs/${digest.replace(':', '/')}`, data })),
  ]
}

export const blobEntry = (data: Buffer): Entry => ({
  name: `blobs/${blobOf('', data).digest.replace(':', '/')}`,
  data,
})

export async function bytesOfStream(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** A zstd frame (RFC 8878) of stored blocks, without a size: what a compressor may write for anything. */
export function storedZstd(data: Buffer): Buffer {
  const blocks: Buffer[] = []
  for (let at = 0; at === 0 || at < data.length; at += 100_000) {
    const part = data.subarray(at, at + 100_000)
    const header = Buffer.alloc(3)
    header.writeUIntLE((part.length << 3) | (at + 100_000 >= data.length ? 1 : 0), 0, 3)
    blocks.push(header, part)
  }
  // Window descriptor 0x40: 256 KiB.
  return Buffer.concat([Buffer.from('28b52ffd0040', 'hex'), ...blocks])
}

export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there')
  return value
}

/** The same entries, one of them changed. */
export const replace = (entries: Entry[], name: string, change: Partial<Entry>): Entry[] =>
  entries.map((entry) => (entry.name === name ? { ...entry, ...change } : entry))

/** The first image, of a docker archive. */
export const dockerNode = ({ images }: Archive): DockerNode => images[0]?.root as DockerNode
