import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { bytesOf } from './random-bytes'
import { packTar } from './tar'

/** Content with its descriptor's fields. */
export interface Blob {
  mediaType: string
  /** sha256:HEX */
  digest: string
  size: number
  data: Buffer
}

export interface Platform {
  os: string
  architecture: string
  variant?: string
}

export interface LayerSpec {
  /** Bytes before compression. */
  size: number
  /** Share of it that stays after compression, 0 to 1; 0.4 when not given. */
  share?: number
  /** Layers of the same seed are the same blob; made from image and position when not given. */
  seed?: string
  /** What its line in the history says. */
  createdBy?: string
}

export interface ImageSpec {
  seed: string
  format: 'docker' | 'oci'
  platform?: Platform
  created?: string
  author?: string
  layers: LayerSpec[]
  /** Instructions that made no layer; they stand after the layers in the history. */
  emptyHistory?: string[]
  /** The configuration as the image specification has it: Env, Cmd, Entrypoint, ExposedPorts, Labels ... */
  config?: Record<string, unknown>
  annotations?: Record<string, string>
}

/** A manifest, or an index, with everything below it. */
export interface Image {
  manifest: Blob
  /** Config and layers. */
  blobs: Blob[]
  /** An index has these, a manifest has none. */
  children: Image[]
  platform?: Platform
}

const types = {
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    index: 'application/vnd.oci.image.index.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
}

/** Wraps content as a blob. */
export function blobOf(mediaType: string, data: Buffer): Blob {
  return { mediaType, digest: digestOf(data), size: data.length, data }
}

/** The sha256 digest of content, as sha256:HEX. */
export function digestOf(data: Buffer): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}

export const jsonBlob = (mediaType: string, value: object): Blob =>
  blobOf(mediaType, Buffer.from(JSON.stringify(value)))

const descriptor = ({ mediaType, digest, size }: Blob): object => ({ mediaType, digest, size })

/** Builds an image for one platform; the same spec always gives the same digests. */
export function buildImage(spec: ImageSpec): Image {
  const platform = spec.platform ?? { os: 'linux', architecture: 'amd64' }
  const type = types[spec.format]
  const layers = spec.layers.map((layer, index) =>
    buildLayer(layer, layer.seed ?? `${spec.seed}/${index}`, type.layer),
  )
  const created = spec.created ?? '2024-01-01T00:00:00Z'
  const config = jsonBlob(type.config, {
    created,
    author: spec.author,
    ...platform,
    config: spec.config ?? {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: [
      ...spec.layers.map(({ createdBy }) => ({
        created,
        created_by: createdBy ?? '/bin/sh -c #(nop) ADD file:1 in / ',
      })),
      ...(spec.emptyHistory ?? []).map((line) => ({ created, created_by: line, empty_layer: true })),
    ],
  })
  const blobs = layers.map(({ blob }) => blob)
  const manifest = jsonBlob(type.manifest, {
    schemaVersion: 2,
    mediaType: type.manifest,
    config: descriptor(config),
    layers: blobs.map(descriptor),
    annotations: spec.annotations,
  })
  return { manifest, blobs: [config, ...blobs], children: [], platform }
}

/** Builds an index of images, which may be indexes themselves; `annotations` go on the index. */
export function buildIndex(
  format: 'docker' | 'oci',
  images: Image[],
  annotations?: Record<string, string>,
): Image {
  const type = types[format].index
  const manifests = images.map((image) => ({
    ...descriptor(image.manifest),
    platform: image.platform,
    ...marks(image),
  }))
  const manifest = jsonBlob(type, { schemaVersion: 2, mediaType: type, manifests, annotations })
  return { manifest, blobs: [], children: images }
}

/** An attestation as BuildKit attaches it to an index, for the image of `subject`. */
export function buildAttestation(subject: Image): Image {
  const statement = jsonBlob('application/vnd.in-toto+json', {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://slsa.dev/provenance/v0.2',
    subject: [{ name: '_', digest: { sha256: subject.manifest.digest.slice(7) } }],
    predicate: { builder: { id: '' }, buildType: 'https://mobyproject.org/buildkit@v1' },
  })
  const config = jsonBlob(types.oci.config, {
    architecture: 'unknown',
    os: 'unknown',
    config: {},
    rootfs: { type: 'layers', diff_ids: [statement.digest] },
  })
  const manifest = jsonBlob(types.oci.manifest, {
    schemaVersion: 2,
    mediaType: types.oci.manifest,
    config: descriptor(config),
    layers: [
      {
        ...descriptor(statement),
        annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' },
      },
    ],
  })
  const platform = { os: 'unknown', architecture: 'unknown' }
  attested.set(manifest.digest, subject.manifest.digest)
  return { manifest, blobs: [config, statement], children: [], platform }
}

/** A manifest that is no image: an artifact of the given type with one file, say a Helm chart. */
export function buildArtifact(artifactType: string, layerType: string, data: Buffer): Image {
  const config = blobOf('application/vnd.oci.empty.v1+json', Buffer.from('{}'))
  const file = blobOf(layerType, data)
  const manifest = jsonBlob(types.oci.manifest, {
    schemaVersion: 2,
    mediaType: types.oci.manifest,
    artifactType,
    config: descriptor(config),
    layers: [descriptor(file)],
  })
  return { manifest, blobs: [config, file], children: [] }
}

const attested = new Map<string, string>()

function marks({ manifest }: Image): object {
  const subject = attested.get(manifest.digest)
  if (subject === undefined) return {}
  const annotations = {
    'vnd.docker.reference.digest': subject,
    'vnd.docker.reference.type': 'attestation-manifest',
  }
  return { annotations }
}

function buildLayer(
  { size, share = 0.4 }: LayerSpec,
  seed: string,
  type: string,
): { blob: Blob; diffId: string } {
  const path = `opt/${seed.replace(/[^a-z0-9]+/gi, '-').slice(-80)}`
  const tar = packTar([{ path, data: bytesOf(seed, size, share) }])
  return { blob: blobOf(type, gzipSync(tar, { level: 1 })), diffId: digestOf(tar) }
}
