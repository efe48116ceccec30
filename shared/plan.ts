/** What will happen, told before it does. */
import { z } from 'zod'
import { ErrorInfo } from './error'

export const PushPlanRequest = z.object({
  imageId: z.string().min(1).max(200),
  registryId: z.string(),
  repository: z.string().max(255),
  tag: z.string().max(128),
})
export type PushPlanRequest = z.infer<typeof PushPlanRequest>

/** What of an archive would go where. */
export const ArchivePlanRequest = z.object({
  path: z.string().min(1).max(4096),
  image: z.number().int().min(0),
  registryId: z.string(),
  repository: z.string().max(255),
  tag: z.string().max(128),
})
export type ArchivePlanRequest = z.infer<typeof ArchivePlanRequest>

export const CopyPlanRequest = z.object({
  from: z.object({ registryId: z.string(), repository: z.string().max(255), reference: z.string().max(300) }),
  registryId: z.string(),
  repository: z.string().max(255),
  tag: z.string().max(128),
})
export type CopyPlanRequest = z.infer<typeof CopyPlanRequest>

/** What a transfer without an engine would do; bytes as they go over the wire where that is known, else raw. */
export const TransferPlan = z.object({
  /** The digest that the source names now. */
  digest: z.string(),
  platforms: z.array(z.string()),
  layers: z.number(),
  layersThere: z.number(),
  /** Layers that another repository of the same registry holds: mounted, not sent. */
  layersMounted: z.number(),
  bytes: z.number(),
  bytesThere: z.number(),
  bytesMounted: z.number(),
  /** Signatures, SBOMs and the like that come along. */
  referrers: z.number(),
  existing: z
    .object({ digest: z.string(), created: z.number().nullable(), platforms: z.array(z.string()) })
    .nullable(),
  platformsLost: z.array(z.string()),
  same: z.boolean(),
  error: ErrorInfo.nullable(),
})
export type TransferPlan = z.infer<typeof TransferPlan>

export const PushPlan = z.object({
  /** Platform of the local image, `linux/amd64`. */
  platform: z.string().nullable(),
  layers: z.number(),
  /** Layers that the registry is known to hold already, by their diff ID in configs seen there. */
  layersThere: z.number(),
  /** Uncompressed bytes, as the engine counts them; what is sent is compressed and therefore less. */
  bytes: z.number(),
  bytesThere: z.number(),
  /** The tag as the registry has it now; null where it is free. */
  existing: z
    .object({ digest: z.string(), created: z.number().nullable(), platforms: z.array(z.string()) })
    .nullable(),
  /** Platforms that the tag has now and that this image does not: covering it drops them. */
  platformsLost: z.array(z.string()),
  /** The engine's image is the very one that the tag names already. */
  same: z.boolean(),
  /** Why the registry could not be asked; the push itself may still be tried. */
  error: ErrorInfo.nullable(),
})
export type PushPlan = z.infer<typeof PushPlan>

export const DeletePlanRequest = z.object({
  registryId: z.string(),
  repository: z.string().max(255),
  tag: z.string().max(128),
})
export type DeletePlanRequest = z.infer<typeof DeletePlanRequest>

/** What deleting several tags would take, and what stays though it shares a digest with them. */
export const DeleteTagsPlanRequest = z.object({
  registryId: z.string(),
  repository: z.string().max(255),
  tags: z.array(z.string().max(128)).min(1).max(20_000),
})
export type DeleteTagsPlanRequest = z.infer<typeof DeleteTagsPlanRequest>

export const DeleteTagsPlan = z.object({
  going: z.array(z.object({ tag: z.string(), digest: z.string() })),
  /** Tags outside the list with a digest of the list: they stay. */
  staying: z.array(z.object({ tag: z.string(), digest: z.string() })),
  /** Of the list, already gone at the registry. */
  missing: z.array(z.string()),
})
export type DeleteTagsPlan = z.infer<typeof DeleteTagsPlan>

export const DeletePlan = z.object({
  digest: z.string(),
  /** The other tags of the repository with the same digest, sorted. */
  siblings: z.array(z.string()),
})
export type DeletePlan = z.infer<typeof DeletePlan>
