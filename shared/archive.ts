/** What an archive on disk holds, as the window shows it. */
import { z } from 'zod'

export const ArchiveImage = z.object({
  /** Counts from 0. */
  image: z.number(),
  references: z.array(z.string()),
  /** The root's digest, or the config's for a `docker save` image, whose manifest is made while it is pushed. */
  digest: z.string(),
  platforms: z.array(z.string()),
  layers: z.number(),
  bytes: z.number(),
})
export type ArchiveImage = z.infer<typeof ArchiveImage>

export const ArchiveListing = z.object({
  path: z.string(),
  kind: z.enum(['docker-archive', 'oci-layout']),
  /** Bytes on disk. */
  size: z.number(),
  images: z.array(ArchiveImage),
})
export type ArchiveListing = z.infer<typeof ArchiveListing>
