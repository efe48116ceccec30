import { z } from 'zod'
import { ErrorInfo } from './error'

/** A place where an engine may answer. `source` says how it was found, in the order that docker's client looks. */
export const Endpoint = z.object({
  id: z.string(),
  source: z.enum(['DOCKER_HOST', 'context', 'socket', 'podman']),
  /** The context's name, or the socket's path. */
  label: z.string(),
  /** `unix:///...`, `tcp://...`, `npipe://...`, `ssh://...`. */
  host: z.string(),
})
export type Endpoint = z.infer<typeof Endpoint>

export const EngineState = z.object({
  status: z.enum(['connecting', 'connected', 'stopped', 'missing']),
  endpoint: Endpoint.nullable(),
  candidates: z.array(Endpoint),
  product: z.enum(['docker', 'podman']).nullable(),
  version: z.string().nullable(),
  /** `linux/amd64` */
  platform: z.string().nullable(),
  error: ErrorInfo.nullable(),
  revision: z.number(),
})
export type EngineState = z.infer<typeof EngineState>

export const LocalImage = z.object({
  /** The engine's image ID, `sha256:...`: the digest of the config, never that of a manifest. */
  id: z.string(),
  /** Every name, `nginx:1.25`; empty for a dangling image. */
  references: z.array(z.string()),
  /** `host/repository@sha256:...` under which the engine pulled or pushed it. */
  repositoryDigests: z.array(z.string()),
  /** Bytes on the engine's disk. */
  size: z.number(),
  created: z.number(),
  containers: z.number().nullable(),
})
export type LocalImage = z.infer<typeof LocalImage>

export const LocalImages = z.object({
  images: z.array(LocalImage),
  fetchedAt: z.number().nullable(),
  error: ErrorInfo.nullable(),
  revision: z.number(),
})
export type LocalImages = z.infer<typeof LocalImages>
