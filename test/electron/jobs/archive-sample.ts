import { bytesOf } from '../../lab/random-bytes'
import { digestOf, type Image } from '../../lab/oci-image'
import { packTar, type TarEntry } from '../../lab/tar'

/** A layer's plain tar with one file of so many bytes, 0.4 of which stay after compression. */
export const layerOf = (seed: string, size: number): Buffer =>
  packTar([{ path: `opt/${seed}`, data: bytesOf(seed, size, 0.4) }])

/** What `docker save` writes of one image, and the digest of its config. */
export function dockerSave(layers: Buffer[], reference = 'app:1'): { tar: Buffer; digest: string } {
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      created: '2024-01-01T00:00:00Z',
      config: {},
      rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
    }),
  )
  const digest = digestOf(config)
  const name = `${digest.slice(7)}.json`
  const names = layers.map((_layer, index) => `${index}/layer.tar`)
  const manifest = [{ Config: name, RepoTags: [reference], Layers: names }]
  const tar = packTar([
    { path: 'manifest.json', data: Buffer.from(JSON.stringify(manifest)) },
    { path: name, data: config },
    ...layers.map((data, index) => ({ path: names[index] ?? '', data })),
  ])
  return { tar, digest }
}

/** An OCI layout as a tar; entries of its indexes that are in `without` are left out. */
export function ociLayout(image: Image, reference: string, without: Image[] = []): Buffer {
  const { digest, mediaType, size } = image.manifest
  const annotations = { 'org.opencontainers.image.ref.name': reference }
  const index = { schemaVersion: 2, manifests: [{ mediaType, digest, size, annotations }] }
  const blobs = new Map<string, TarEntry>()
  const add = ({ manifest, blobs: own, children }: Image): void => {
    for (const { digest: name, data } of [manifest, ...own])
      blobs.set(name, { path: `blobs/sha256/${name.slice(7)}`, data })
    for (const child of children) if (!without.includes(child)) add(child)
  }
  add(image)
  return packTar([
    { path: 'oci-layout', data: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
    { path: 'index.json', data: Buffer.from(JSON.stringify(index)) },
    ...blobs.values(),
  ])
}
