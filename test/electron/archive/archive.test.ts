import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { mediaTypes } from '@shared/oci'
import { blobOf, jsonBlob } from '../../lab/oci-image'
import {
  bytesOfStream,
  dockerNode,
  dockerSample,
  layoutEntries,
  present,
  storedZstd,
  workFolder,
} from './samples'
import { tarOf, type Entry } from './tar-writer'

const folder = workFolder()

describe('newer engines, which write both kinds at once', () => {
  const both = (plain: boolean): Entry[] => {
    const { layers, diffIds, config } = dockerSample()
    const [layerType, data] = plain
      ? ['application/vnd.oci.image.layer.v1.tar', layers]
      : ['application/vnd.oci.image.layer.v1.tar+gzip', layers.map((layer) => gzipSync(layer))]
    const blobs = data.map((each) => blobOf(layerType, each))
    const configBlob = blobOf(mediaTypes.ociConfig, config)
    const manifest = jsonBlob(mediaTypes.ociManifest, {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: configBlob.mediaType, digest: configBlob.digest, size: configBlob.size },
      layers: blobs.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    })
    const path = (digest: string): string => `blobs/${digest.replace(':', '/')}`
    const list = [
      {
        Config: path(configBlob.digest),
        RepoTags: ['app:v1'],
        Layers: blobs.map(({ digest }) => path(digest)),
      },
    ]
    expect(diffIds).toHaveLength(2)
    return [
      ...layoutEntries([
        {
          image: { manifest, blobs: [configBlob, ...blobs], children: [] },
          annotations: { 'org.opencontainers.image.ref.name': 'v1' },
        },
      ]),
      { name: 'manifest.json', data: JSON.stringify(list) },
    ]
  }
  it('compresses plain layers, as of any docker archive', async () => {
    expect(await folder.open('a.tar', tarOf(both(true)))).toMatchObject({
      kind: 'docker-archive',
      images: [{ references: ['app:v1'] }],
    })
  })
  it('keeps the digests of compressed ones', async () => {
    expect(await folder.open('a.tar', tarOf(both(false)))).toMatchObject({
      kind: 'oci-layout',
      images: [{ references: ['v1'] }],
    })
  })
})

describe('files', () => {
  it.each<[string, Buffer, string]>([
    ['a text', Buffer.from('hello'), 'ARCHIVE_UNSUPPORTED'],
    ['nothing', Buffer.alloc(0), 'ARCHIVE_UNSUPPORTED'],
    ['xz', Buffer.from('fd377a585a00', 'hex'), 'ARCHIVE_UNSUPPORTED'],
    ['a tar of something else', tarOf([{ name: 'readme', data: 'x' }]), 'ARCHIVE_UNSUPPORTED'],
    ['gzip of something else', gzipSync(Buffer.from('hello')), 'ARCHIVE_INVALID'],
    [
      'gzip that is cut short',
      gzipSync(tarOf(dockerSample().entries)).subarray(0, 20_000),
      'ARCHIVE_INVALID',
    ],
    [
      'zstd that is cut short',
      storedZstd(tarOf(dockerSample().entries)).subarray(0, 60_000),
      'ARCHIVE_INVALID',
    ],
    ['a tar that is cut short', tarOf(dockerSample().entries).subarray(0, 60_000), 'ARCHIVE_INVALID'],
  ])('are refused: %s', async (_, data, code) => {
    await expect(folder.open('a', data)).rejects.toMatchObject({ code })
    if (existsSync(folder.spool())) expect(readdirSync(folder.spool())).toEqual([])
  })

  it('are refused where there is none, and where it is a pipe', async () => {
    await expect(folder.openPath(join(folder.path(), 'gone.tar'))).rejects.toMatchObject({
      code: 'ARCHIVE_UNREADABLE',
      context: { file: 'gone.tar' },
    })
    const pipe = join(folder.path(), 'pipe')
    execFileSync('mkfifo', [pipe])
    await expect(folder.openPath(pipe)).rejects.toMatchObject({ code: 'ARCHIVE_UNSUPPORTED' })
    await expect(folder.openPath(folder.path())).rejects.toMatchObject({ code: 'ARCHIVE_UNSUPPORTED' })
  })

  it('that claim more than the disk holds are refused before anything is written', async () => {
    const size = Buffer.alloc(12)
    size[0] = 0x80
    size.writeUIntBE(2 ** 46, 6, 6)
    const data = gzipSync(tarOf([{ name: 'x/layer.tar', size }]))
    await expect(folder.open('a.tgz', data)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(readdirSync(folder.spool())).toEqual([])
  })

  it('that cannot be spooled say so', async () => {
    writeFileSync(join(folder.path(), 'spool'), '')
    await expect(folder.open('a.tgz', gzipSync(tarOf(dockerSample().entries)))).rejects.toMatchObject({
      code: 'STORE_FAILED',
    })
  })

  it('are left when the user cancels', async () => {
    const stop = new AbortController()
    stop.abort()
    for (const data of [tarOf(dockerSample().entries), gzipSync(tarOf(dockerSample().entries))])
      await expect(folder.open('a', data, { signal: stop.signal })).rejects.toMatchObject({
        code: 'CANCELLED',
      })
  })

  it('that became shorter fail in the stream', async () => {
    const archive = await folder.open('a.tar', tarOf(dockerSample({ sizes: [3_000_000] }).entries))
    writeFileSync(join(folder.path(), 'a.tar'), 'x')
    await expect(present(dockerNode(archive).layers[0]).open().then(bytesOfStream)).rejects.toMatchObject({
      code: 'ARCHIVE_UNREADABLE',
    })
  })
})
