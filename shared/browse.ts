/** What is read through the cache: answered at once from there, and refreshed behind. */
import { z } from 'zod'
import { ErrorInfo } from './error'
import { ManifestKind, Platform } from './oci'
import { Section } from './registry'

/** How good what is shown is. Times are milliseconds since 1970. */
const freshness = {
  /** When the registry last answered this; null: never. */
  fetchedAt: z.number().nullable(),
  /** False while pages are missing, or when the registry's listing was cut short. */
  complete: z.boolean(),
  source: z.enum(['cache', 'registry']),
  refreshing: z.boolean(),
  /** Why the last refresh failed; what is shown is then the older state. */
  error: ErrorInfo.nullable(),
  revision: z.number(),
}

export const Description = z.object({
  /** The tag whose labels these are. */
  fromTag: z.string(),
  title: z.string().nullable(),
  description: z.string().nullable(),
  /** Links are kept only where they are http or https. */
  source: z.string().nullable(),
  documentation: z.string().nullable(),
  homepage: z.string().nullable(),
  vendor: z.string().nullable(),
  licenses: z.string().nullable(),
  version: z.string().nullable(),
})
export type Description = z.infer<typeof Description>

export const RepositorySummary = z.object({
  /** Whole name, `library/nginx`. */
  name: z.string(),
  /** Added by name by the user, or pushed from here, where the registry's listing does not show it. */
  addedByHand: z.boolean(),
  tagCount: z.number().nullable(),
  newestTag: z.string().nullable(),
  /** When the newest image was created. */
  newestCreated: z.number().nullable(),
  title: z.string().nullable(),
  description: z.string().nullable(),
  /** Null: nothing is known yet beyond the name. */
  summarizedAt: z.number().nullable(),
})
export type RepositorySummary = z.infer<typeof RepositorySummary>

export const CatalogKey = z.object({ registryId: z.string(), section: Section })
export type CatalogKey = z.infer<typeof CatalogKey>

export const CatalogSnapshot = CatalogKey.extend({
  repositories: z.array(RepositorySummary),
  /** How many there are; more than are here where only the first were asked for. */
  count: z.number(),
  /** `refused`: the registry does not list; repositories are added by name. */
  listing: z.enum(['unknown', 'supported', 'refused']),
  ...freshness,
})
export type CatalogSnapshot = z.infer<typeof CatalogSnapshot>

/** What changed of a catalog. `repositories` null: none did; a long list is not sent again for the sake of its age. */
export const CatalogChange = CatalogSnapshot.extend({ repositories: z.array(RepositorySummary).nullable() })
export type CatalogChange = z.infer<typeof CatalogChange>

/** Summaries that came in behind a catalog's list. */
export const CatalogSummaries = z.object({ registryId: z.string(), summaries: z.array(RepositorySummary) })
export type CatalogSummaries = z.infer<typeof CatalogSummaries>

export const TagRow = z.object({
  name: z.string(),
  /** The manifest's digest. */
  digest: z.string().nullable(),
  mediaType: z.string().nullable(),
  kind: ManifestKind.nullable(),
  created: z.number().nullable(),
  /** Compressed bytes of one platform's image: the first that is no attestation. */
  size: z.number().nullable(),
  platforms: z.array(Platform),
  /** `missing`: not read yet. */
  detail: z.enum(['missing', 'ready', 'failed']),
  error: ErrorInfo.nullable(),
})
export type TagRow = z.infer<typeof TagRow>

export const RepositoryKey = z.object({ registryId: z.string(), repository: z.string() })
export type RepositoryKey = z.infer<typeof RepositoryKey>

export const RepositorySnapshot = RepositoryKey.extend({
  tags: z.array(TagRow),
  description: Description.nullable(),
  newestTag: z.string().nullable(),
  ...freshness,
})
export type RepositorySnapshot = z.infer<typeof RepositorySnapshot>

export const LayerRow = z.object({
  /** Null for an instruction that made no layer. */
  digest: z.string().nullable(),
  /** Compressed bytes. */
  size: z.number(),
  mediaType: z.string().nullable(),
  /** What made it, e.g. `RUN apk add curl`; null where the history does not say. */
  instruction: z.string().nullable(),
  created: z.number().nullable(),
  /** Kept elsewhere (`urls`); never fetched. */
  foreign: z.boolean(),
})
export type LayerRow = z.infer<typeof LayerRow>

export const ImageConfig = z.object({
  entrypoint: z.array(z.string()).nullable(),
  command: z.array(z.string()).nullable(),
  environment: z.array(z.object({ name: z.string(), value: z.string() })),
  /** `8080/tcp` */
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  user: z.string().nullable(),
  workingFolder: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  stopSignal: z.string().nullable(),
  healthCheck: z
    .object({
      test: z.array(z.string()),
      intervalSeconds: z.number().nullable(),
      timeoutSeconds: z.number().nullable(),
      startSeconds: z.number().nullable(),
      retries: z.number().nullable(),
    })
    .nullable(),
})
export type ImageConfig = z.infer<typeof ImageConfig>

export const ImageDetail = z.object({
  /** The config's digest: what engines show as image ID. */
  imageId: z.string(),
  author: z.string().nullable(),
  created: z.number().nullable(),
  platform: Platform.nullable(),
  layers: z.array(LayerRow),
  config: ImageConfig,
  rawConfig: z.string(),
})
export type ImageDetail = z.infer<typeof ImageDetail>

/** One manifest under a reference: the image itself, or one entry of an index. */
export const ImageVariant = z.object({
  digest: z.string(),
  mediaType: z.string(),
  kind: ManifestKind,
  artifactType: z.string().nullable(),
  platform: Platform.nullable(),
  /** Compressed bytes of config and layers; null where the manifest was not read. */
  size: z.number().nullable(),
  annotations: z.record(z.string(), z.string()),
  /** For artifacts and attestations: what they hold. */
  contents: z.array(
    z.object({ mediaType: z.string(), digest: z.string(), size: z.number(), title: z.string().nullable() }),
  ),
  rawManifest: z.string().nullable(),
  image: ImageDetail.nullable(),
  error: ErrorInfo.nullable(),
})
export type ImageVariant = z.infer<typeof ImageVariant>

export const ImageKey = RepositoryKey.extend({ reference: z.string() })
export type ImageKey = z.infer<typeof ImageKey>

export const ImageSnapshot = ImageKey.extend({
  /** Null until something was read. */
  digest: z.string().nullable(),
  mediaType: z.string().nullable(),
  kind: ManifestKind.nullable(),
  annotations: z.record(z.string(), z.string()),
  /** Raw text of what the reference names; of an index where it is one. */
  rawManifest: z.string().nullable(),
  variants: z.array(ImageVariant),
  ...freshness,
})
export type ImageSnapshot = z.infer<typeof ImageSnapshot>
