/** An image as a careful team publishes it: for two platforms, with a signature and a bill of materials beside it. */
import { blobOf, buildArtifact, buildImage, buildIndex, type Image, jsonBlob } from '../../lab/oci-image'
import type { Storage } from '../../lab/storage'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

export interface SignedImage {
  index: Image
  signature: Image
  /** The tag under which a signature lies beside its image. */
  signatureTag: string
  materials: Image
}

/** Builds one with layers of so many incompressible bytes for each platform, and puts it into a repository. */
export function putSigned(storage: Storage, repository: string, tag: string, bytes: number): SignedImage {
  const platform = (architecture: string): Image =>
    buildImage({
      ...{ seed: `${repository} ${architecture}`, format: 'oci', platform: { os: 'linux', architecture } },
      layers: [{ size: bytes, share: 1 }, { size: 30_000 }],
    })
  const index = buildIndex('oci', [platform('amd64'), platform('arm64')])
  const signature = buildArtifact(
    'application/vnd.oci.image.config.v1+json',
    'application/vnd.dev.cosign.simplesigning.v1+json',
    Buffer.from(`signed ${index.manifest.digest}`),
  )
  const materials = materialsOf(index)
  const name = index.manifest.digest.replace(':', '-')
  storage.put(repository, index, tag)
  storage.put(repository, signature, `${name}.sig`)
  // Where a registry has no referrers API, they are listed under this tag (distribution-spec 1.1).
  storage.put(repository, buildIndex('oci', [materials]), name)
  return { index, signature, signatureTag: `${name}.sig`, materials }
}

function materialsOf({ manifest: { mediaType, digest, size } }: Image): Image {
  const config = blobOf('application/vnd.oci.empty.v1+json', Buffer.from('{}'))
  const file = blobOf('application/spdx+json', Buffer.from(`{"about":"${digest}"}`))
  const descriptor = (blob: typeof file): object => ({
    mediaType: blob.mediaType,
    digest: blob.digest,
    size: blob.size,
  })
  const manifest = jsonBlob(manifestType, {
    ...{ schemaVersion: 2, mediaType: manifestType, artifactType: 'application/spdx+json' },
    config: descriptor(config),
    layers: [descriptor(file)],
    subject: { mediaType, digest, size },
  })
  return { manifest, blobs: [config, file], children: [] }
}
