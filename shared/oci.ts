/** Manifests, indexes and configs as registries send them. Every schema here reads hostile input: bounded, never trusted. */
import { z } from 'zod'
import { isDigest } from './reference'

export const mediaTypes = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerSchema1: 'application/vnd.docker.distribution.manifest.v1+json',
  dockerSchema1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
} as const

export const manifestMediaTypes: readonly string[] = [
  mediaTypes.ociIndex,
  mediaTypes.dockerIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
]

/** 4 MiB after decompression: the bound for a manifest and for a config, as distribution-spec 1.1 advises. */
export const manifestLimit = 4 * 1024 * 1024

const Digest = z.string().refine(isDigest, 'digest')
const longest = 65_536
/** What is only read by people is cut: one long label, as some builders write, makes no image unreadable. */
const Text = z.string().transform((text) => text.slice(0, longest))
/** What a container is started with is never cut. */
const Word = z.string().max(longest)
const Annotations = z.record(z.string().max(4096), Text)

export const Platform = z.object({
  os: z.string().max(100),
  architecture: z.string().max(100),
  variant: z.string().max(100).optional(),
  'os.version': z.string().max(200).optional(),
})
export type Platform = z.infer<typeof Platform>

export const Descriptor = z.object({
  mediaType: z.string().max(300),
  digest: Digest,
  size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  platform: Platform.optional(),
  annotations: Annotations.nullish(),
  artifactType: z.string().max(300).optional(),
  urls: z.array(z.string().max(4096)).max(100).nullish(),
})
export type Descriptor = z.infer<typeof Descriptor>

export const Manifest = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().max(300).optional(),
  artifactType: z.string().max(300).optional(),
  config: Descriptor,
  layers: z.array(Descriptor).max(10_000),
  subject: Descriptor.nullish(),
  annotations: Annotations.nullish(),
})
export type Manifest = z.infer<typeof Manifest>

export const Index = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().max(300).optional(),
  artifactType: z.string().max(300).optional(),
  manifests: z.array(Descriptor).max(10_000),
  subject: Descriptor.nullish(),
  annotations: Annotations.nullish(),
})
export type Index = z.infer<typeof Index>

const Words = z.array(Word).max(10_000)

/** OCI image-spec config, and docker's additions. `null` stands for absent where Go writes it so. */
export const Config = z.object({
  created: Text.nullish(),
  author: Text.nullish(),
  architecture: z.string().max(100).nullish(),
  os: z.string().max(100).nullish(),
  variant: z.string().max(100).nullish(),
  config: z
    .object({
      User: Word.nullish(),
      ExposedPorts: z.record(z.string().max(100), z.unknown()).nullish(),
      Env: Words.nullish(),
      Entrypoint: z.union([Words, Word.transform((text) => [text])]).nullish(),
      Cmd: z.union([Words, Word.transform((text) => [text])]).nullish(),
      Volumes: z.record(Word, z.unknown()).nullish(),
      WorkingDir: Word.nullish(),
      Labels: Annotations.nullish(),
      StopSignal: z.string().max(100).nullish(),
      Shell: Words.nullish(),
      Healthcheck: z
        .object({
          Test: Words.nullish(),
          Interval: z.number().nullish(),
          Timeout: z.number().nullish(),
          StartPeriod: z.number().nullish(),
          Retries: z.number().nullish(),
        })
        .nullish(),
    })
    .nullish(),
  rootfs: z.object({ type: z.string().max(100), diff_ids: z.array(Digest).max(10_000) }).nullish(),
  history: z
    .array(
      z.object({
        created: Text.nullish(),
        created_by: Text.nullish(),
        author: Text.nullish(),
        comment: Text.nullish(),
        empty_layer: z.boolean().nullish(),
      }),
    )
    .max(10_000)
    .nullish(),
})
export type Config = z.infer<typeof Config>

/** What a manifest is to a user. `schema1` is named as unsupported; an artifact is shown and never deployed. */
export const ManifestKind = z.enum(['image', 'index', 'attestation', 'artifact', 'schema1', 'unknown'])
export type ManifestKind = z.infer<typeof ManifestKind>

/** `linux/arm64/v8` */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/')
}

export const isIndexMediaType = (mediaType: string): boolean =>
  mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerIndex

/** Tells what a manifest is, from its config's media type and its own artifact type (OCI image-spec 1.1). */
export function kindOfManifest(manifest: Manifest): ManifestKind {
  const config = manifest.config.mediaType
  if (manifest.layers.some((layer) => layer.mediaType.startsWith('application/vnd.in-toto')))
    return 'attestation'
  if (config === mediaTypes.ociConfig || config === mediaTypes.dockerConfig) {
    return manifest.artifactType ? 'artifact' : 'image'
  }
  return 'artifact'
}

/** Whether an index's entry is buildkit's attestation rather than a platform. */
export function isAttestation(descriptor: Descriptor): boolean {
  return descriptor.annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'
}
