/** What of an image matters to a deployment, and how a deployment names it. */
import { z } from 'zod'
import { DeploymentImage } from '@shared/deployment'
import { parseReference } from '@shared/reference'
import { isImageId } from '../../engine/image-name'

/** The engine's own shape of a health check; times in nanoseconds. */
export const EngineHealth = z.object({
  Test: z.array(z.string()).nullish(),
  Interval: z.number().nullish(),
  Timeout: z.number().nullish(),
  StartPeriod: z.number().nullish(),
  Retries: z.number().nullish(),
})
export type EngineHealth = z.infer<typeof EngineHealth>

/** An image's own settings, which its containers have unless told otherwise. */
export interface ImageFacts {
  entrypoint: string[] | null
  command: string[] | null
  /** `NAME=value` */
  environment: string[]
  user: string | null
  workingFolder: string | null
  labels: Record<string, string>
  volumes: string[]
  health: EngineHealth | null
}

export const noImageFacts: ImageFacts = {
  entrypoint: null,
  command: null,
  environment: [],
  user: null,
  workingFolder: null,
  labels: {},
  volumes: [],
  health: null,
}

// Old images have a text where later ones have a list.
const Words = z
  .union([z.string().transform((text) => [text]), z.array(z.string())])
  .nullish()
  .catch(null)
const InspectedImage = z.object({
  Config: z
    .object({
      Entrypoint: Words,
      Cmd: Words,
      Env: z.array(z.string()).nullish().catch(null),
      User: z.string().nullish().catch(null),
      WorkingDir: z.string().nullish().catch(null),
      Labels: z.record(z.string(), z.string()).nullish().catch(null),
      Volumes: z.record(z.string(), z.unknown()).nullish().catch(null),
      Healthcheck: EngineHealth.nullish().catch(null),
    })
    .nullish(),
})

/** The settings of an image from the engine's inspect of it, whatever that holds; never throws. */
export function imageFactsOf(inspected: unknown): ImageFacts {
  const parsed = InspectedImage.safeParse(inspected)
  const config = parsed.success ? parsed.data.Config : null
  if (!config) return noImageFacts
  return {
    entrypoint: config.Entrypoint ?? null,
    command: config.Cmd ?? null,
    environment: config.Env ?? [],
    user: config.User || null,
    workingFolder: config.WorkingDir || null,
    labels: config.Labels ?? {},
    volumes: Object.keys(config.Volumes ?? {}),
    health: config.Healthcheck ?? null,
  }
}

/** The image that a container's or service's own text names (`host/repository:tag@digest`, or an image ID). */
export function imageOf(text: string): DeploymentImage {
  const at = text.indexOf('@')
  const parsed = isImageId(text) ? null : parseReference(text)
  const image: DeploymentImage = {
    reference: at > 0 ? text.slice(0, at) : text,
    digest: parsed?.digest ?? null,
    registryId: null,
    repository: parsed?.repository ?? null,
    tag: parsed?.tag ?? null,
    delivery: parsed ? 'pull' : 'present',
  }
  return DeploymentImage.safeParse(image).success ? image : { ...image, reference: 'unknown', digest: null }
}

/** The image as an engine is asked for it: with its digest where one pins it (`host/repository@sha256:...`). */
export function pinnedReference(image: DeploymentImage): string {
  if (image.digest === null) return image.reference
  const name = image.reference.replace(/@.*$/, '')
  const colon = name.lastIndexOf(':')
  return `${colon > name.lastIndexOf('/') ? name.slice(0, colon) : name}@${image.digest}`
}
