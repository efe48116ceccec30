/** Archives as the real programs write them: docker, skopeo, gzip, zstd. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  openArchive,
  type Archive,
  type ArchiveLayer,
  type DockerNode,
  type ManifestNode,
} from '../../../electron/archive/archive'
import { compressLayer } from '../../../electron/archive/compress'
import { assembleManifest, type SentLayer } from '../../../electron/archive/docker-manifest'
import { silentLog } from '../../../electron/log'
import { runCommand } from '../../lab/command'
import { startEngine, type Engine } from '../../lab/engine'
import { buildMachineImage, importImage } from '../../lab/machine-image'
import { digestOf } from '../../lab/oci-image'
import { temporaryFolder, type TemporaryFolder } from '../../lab/temporary'
import { bytesOfStream, present } from './samples'

let engine: Engine
let folder: TemporaryFolder
const docker = (...args: string[]): Promise<string> => runCommand('docker', ['-H', engine.host, ...args])
const policy = ['--insecure-policy']

beforeAll(async () => {
  folder = temporaryFolder('archive')
  engine = await startEngine()
  await buildMachineImage(engine.host, 'app:v1', [3_000_000, 20_000])
  await buildMachineImage(engine.host, 'team/other:2', [3_000_000, 7000], { seed: 'app:v1' })
  await importImage(engine.host, 'flat:latest')
  await docker('tag', 'app:v1', 'registry.test:5000/team/app:v1')
  await docker(
    'save',
    '-o',
    folder.join('save.tar'),
    'app:v1',
    'registry.test:5000/team/app:v1',
    'team/other:2',
    'flat:latest',
  )
  await runCommand('gzip', ['-k', folder.join('save.tar')])
  await runCommand('zstd', ['-q', folder.join('save.tar')])
  await runCommand('skopeo', [
    ...policy,
    'copy',
    `docker-archive:${folder.join('save.tar')}:app:v1`,
    `oci:${folder.join('layout')}:v1`,
  ])
  await runCommand('skopeo', [
    ...policy,
    'copy',
    `docker-archive:${folder.join('save.tar')}:team/other:2`,
    `oci-archive:${folder.join('layout.tar')}:other:2`,
  ])
})
afterAll(async () => {
  await engine?.stop()
  folder?.remove()
})

async function withArchive<T>(name: string, use: (archive: Archive) => Promise<T>): Promise<T> {
  const archive = await openArchive(folder.join(name), { log: silentLog, spoolFolder: folder.join('spool') })
  try {
    return await use(archive)
  } finally {
    await archive.close()
  }
}
const bytesOf = async (layer: ArchiveLayer): Promise<Buffer> => bytesOfStream(await layer.open())

describe('docker save', () => {
  it.each(['save.tar', 'save.tar.gz', 'save.tar.zst'])('%s holds what the engine has', async (name) => {
    await withArchive(name, async (archive) => {
      expect(archive.kind).toBe('docker-archive')
      const references = archive.images.flatMap((image) => image.references)
      expect(references.sort()).toEqual([
        'app:v1',
        'flat:latest',
        'registry.test:5000/team/app:v1',
        'team/other:2',
      ])
      for (const image of archive.images) {
        const { config, layers } = image.root as DockerNode
        const [found] = JSON.parse(await docker('inspect', present(image.references[0]))) as {
          Id: string
          RootFS: { Layers: string[] }
        }[]
        expect(config.descriptor.digest).toBe(found?.Id)
        expect(layers.map(({ diffId }) => diffId)).toEqual(found?.RootFS.Layers)
        expect(image.platforms).toEqual([{ os: 'linux', architecture: 'amd64' }])
        for (const layer of layers) expect(digestOf(await bytesOf(layer))).toBe(layer.diffId)
      }
    })
    if (existsSync(folder.join('spool'))) expect(readdirSync(folder.join('spool'))).toEqual([])
  })

  it('becomes an image that skopeo takes and the engine loads', async () => {
    const target = folder.join('out')
    const blobs = join(target, 'blobs/sha256')
    mkdirSync(blobs, { recursive: true })
    const write = (bytes: Buffer): Promise<string> =>
      runCommand('sh', ['-c', `cat > ${join(blobs, digestOf(bytes).slice(7))}`], { input: bytes })
    const image = await withArchive('save.tar', async ({ images }) => {
      const { config, layers } = images.find(({ references }) => references.includes('app:v1'))
        ?.root as DockerNode
      const sent: SentLayer[] = []
      for (const layer of layers) {
        const { stream, done } = compressLayer(() => layer.open())
        const bytes = await bytesOfStream(stream)
        expect(digestOf(gunzipSync(bytes))).toBe(layer.diffId)
        await write(bytes)
        sent.push({ ...(await done), compression: 'gzip' })
      }
      const manifest = assembleManifest(config, sent)
      await write(config.bytes)
      await write(manifest.bytes)
      return { id: config.descriptor.digest, descriptor: manifest.descriptor }
    })
    const index = JSON.stringify({ schemaVersion: 2, manifests: [image.descriptor] })
    await runCommand('sh', ['-c', `cat > ${join(target, 'index.json')}`], { input: index })
    await runCommand('sh', ['-c', `cat > ${join(target, 'oci-layout')}`], {
      input: '{"imageLayoutVersion":"1.0.0"}',
    })
    await runCommand('skopeo', [
      ...policy,
      'copy',
      `oci:${target}`,
      `docker-archive:${folder.join('again.tar')}:again:1`,
    ])
    await docker('load', '-i', folder.join('again.tar'))
    expect((await docker('inspect', '-f', '{{.Id}}', 'again:1')).trim()).toBe(image.id)
    rmSync(target, { recursive: true })
  })
})

describe('skopeo', () => {
  it.each([
    ['layout', 'v1', 'app:v1'],
    ['layout.tar', 'other:2', 'team/other:2'],
  ])('%s holds what was copied', async (name, reference, source) => {
    const [found] = JSON.parse(await docker('inspect', source)) as { RootFS: { Layers: string[] } }[]
    await withArchive(name, async (archive) => {
      expect(archive).toMatchObject({ kind: 'oci-layout', images: [{ references: [reference] }] })
      const { layers } = archive.images[0]?.root as ManifestNode
      expect(layers.map(({ diffId }) => diffId)).toEqual(found?.RootFS.Layers)
      for (const layer of layers) {
        const bytes = await bytesOf(layer)
        expect(digestOf(bytes)).toBe(layer.descriptor?.digest)
        expect(digestOf(gunzipSync(bytes))).toBe(layer.diffId)
      }
    })
  })

  it('writes docker archives too, which hold links', async () => {
    const file = folder.join('from-skopeo.tar')
    await runCommand('skopeo', [
      ...policy,
      'copy',
      `oci:${folder.join('layout')}:v1`,
      `docker-archive:${file}:copy:1`,
    ])
    await withArchive('from-skopeo.tar', async (archive) => {
      expect(archive).toMatchObject({
        kind: 'docker-archive',
        size: statSync(file).size,
        images: [{ references: ['docker.io/library/copy:1'] }],
      })
      for (const layer of (archive.images[0]?.root as DockerNode).layers)
        expect(digestOf(await bytesOf(layer))).toBe(layer.diffId)
    })
  })
})
