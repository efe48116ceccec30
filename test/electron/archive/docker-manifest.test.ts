import { expect, it } from 'vitest'
import { Manifest, mediaTypes } from '@shared/oci'
import { assembleManifest } from '../../../electron/archive/docker-manifest'
import { blobOf, digestOf } from '../../lab/oci-image'

const bytes = Buffer.from('{}')
const { mediaType, digest, size } = blobOf(mediaTypes.dockerConfig, bytes)
const config = { descriptor: { mediaType, digest, size }, bytes }
const layer = { digest: digestOf(Buffer.from('layer')), size: 5, compression: 'gzip' as const }

it('is schema 2 with what was sent, and always the same bytes', () => {
  const manifest = assembleManifest(config, [layer, { ...layer, compression: 'none' }])
  expect(manifest.descriptor).toEqual({
    mediaType: mediaTypes.dockerManifest,
    digest: digestOf(manifest.bytes),
    size: manifest.bytes.length,
  })
  const parsed = Manifest.parse(JSON.parse(manifest.bytes.toString()))
  expect(parsed.config).toEqual({ mediaType: mediaTypes.dockerConfig, digest, size: 2 })
  expect(parsed.layers.map((each) => each.mediaType)).toEqual([
    'application/vnd.docker.image.rootfs.diff.tar.gzip',
    'application/vnd.docker.image.rootfs.diff.tar',
  ])
  expect(assembleManifest(config, [layer]).bytes).toEqual(
    assembleManifest({ ...config }, [{ ...layer }]).bytes,
  )
})

it('is an OCI manifest where schema 2 has no name for a layer', () => {
  const manifest = assembleManifest(config, [layer, { ...layer, compression: 'zstd' }])
  expect(manifest.descriptor.mediaType).toBe(mediaTypes.ociManifest)
  const parsed = Manifest.parse(JSON.parse(manifest.bytes.toString()))
  expect([parsed.config, ...parsed.layers].map((each) => each.mediaType)).toEqual([
    mediaTypes.ociConfig,
    'application/vnd.oci.image.layer.v1.tar+gzip',
    'application/vnd.oci.image.layer.v1.tar+zstd',
  ])
})
