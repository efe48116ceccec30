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

export const DeletePlan = z.object({
  digest: z.string(),
  /** The other tags of the repository with the same digest, sorted. */
  siblings: z.array(z.string()),
})
export type DeletePlan = z.infer<typeof DeletePlan>
