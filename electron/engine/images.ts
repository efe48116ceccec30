import type Dockerode from 'dockerode'
import { z } from 'zod'
import { AppError } from '@shared/error'
import { toEngineError } from './error'
import { isImageId, normalizeId, realDigests, realReferences, requireName } from './image-name'
import { layerSizes } from './layer-sizes'

/** What an engine knows about one of its images. Sizes in bytes on disk, `created` in milliseconds since 1970. */
export interface InspectedImage {
  id: string
  references: string[]
  repositoryDigests: string[]
  /** `linux/arm64/v8` */
  platform: string | null
  /** Of the uncompressed layers, the base first. */
  diffIds: string[]
  /** As many as `diffIds`. */
  layerSizes: number[]
  size: number
  created: number
}

const Names = z.array(z.string()).nullish()
const Inspected = z.object({
  Id: z.string(),
  RepoTags: Names,
  RepoDigests: Names,
  Os: z.string().nullish(),
  Architecture: z.string().nullish(),
  Variant: z.string().nullish(),
  Size: z.number().nullish(),
  Created: z.string().nullish(),
  RootFS: z.object({ Layers: z.array(z.string()).nullish() }).nullish(),
})
const History = z.array(z.object({ Size: z.number(), CreatedBy: z.string().nullish() }))
const Containers = z.array(z.object({ ImageID: z.string() }))

/** An image by name or ID; IMAGE_NOT_FOUND where the engine has none. */
export async function inspectImage(docker: Dockerode, name: string): Promise<InspectedImage> {
  const image = docker.getImage(requireName(name))
  return asking(name, async () => {
    const [inspected, history] = await Promise.all([image.inspect(), image.history()])
    const facts = Inspected.parse(inspected)
    const diffIds = facts.RootFS?.Layers ?? []
    const size = facts.Size ?? 0
    const entries = History.parse(history).map((entry) => ({ ...entry, CreatedBy: entry.CreatedBy ?? '' }))
    return {
      id: normalizeId(facts.Id),
      references: realReferences(facts.RepoTags),
      repositoryDigests: realDigests(facts.RepoDigests),
      platform: facts.Os ? [facts.Os, facts.Architecture, facts.Variant].filter(Boolean).join('/') : null,
      diffIds,
      layerSizes: layerSizes(diffIds.length, entries, size),
      size,
      created: Date.parse(facts.Created ?? '') || 0,
    }
  })
}

/** All that the engine says of an image, as it says it: hostile, to be parsed. IMAGE_NOT_FOUND. */
export async function rawImage(docker: Dockerode, name: string): Promise<unknown> {
  const image = docker.getImage(requireName(name))
  return asking(name, () => image.inspect())
}

/** The ID behind a name, or null where the engine has no such image. */
export async function imageIdOf(docker: Dockerode, name: string): Promise<string | null> {
  try {
    const image = docker.getImage(requireName(name))
    return await asking(name, async () => normalizeId(Inspected.parse(await image.inspect()).Id))
  } catch (error) {
    if (error instanceof AppError && error.code === 'IMAGE_NOT_FOUND') return null
    throw error
  }
}

/** Gives an image one more name, `repository` with its host; a name that another image had moves. */
export async function tagImage(
  docker: Dockerode,
  id: string,
  repository: string,
  tag: string,
): Promise<void> {
  const reference = requireName(`${repository}:${tag}`)
  await asking(reference, () => docker.getImage(requireName(id)).tag({ repo: repository, tag }))
}

/**
 * Removes a name, or, given an image ID, every name of that image and the image. IMAGE_IN_USE, before anything is taken,
 * where a container needs it; IMAGE_NOT_FOUND where there is no such image.
 */
export async function removeReference(docker: Dockerode, reference: string): Promise<void> {
  if (!isImageId(reference)) return removeName(docker, reference)
  const image = await inspectImage(docker, reference)
  await requireUnused(docker, image.id)
  // Never by force: with it an engine takes containers along that were made in between.
  const names = [...image.references, ...image.repositoryDigests]
  for (const [index, name] of names.entries()) {
    try {
      await removeName(docker, name)
    } catch (error) {
      // With its last tag an engine drops the digests as well, and with the last of them the image.
      if (index === 0 || !(error instanceof AppError) || error.code !== 'IMAGE_NOT_FOUND') throw error
    }
  }
  if (names.length === 0 || (await imageIdOf(docker, image.id)) !== null) await removeName(docker, image.id)
}

async function removeName(docker: Dockerode, name: string): Promise<void> {
  await asking(name, () => docker.getImage(requireName(name)).remove())
}

async function requireUnused(docker: Dockerode, id: string): Promise<void> {
  await asking(id, async () => {
    const containers = Containers.parse(await docker.listContainers({ all: true }))
    if (containers.some((container) => normalizeId(container.ImageID) === id)) {
      throw new AppError('IMAGE_IN_USE', { side: 'engine', reference: id })
    }
  })
}

async function asking<T>(reference: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw toEngineError(error, { reference })
  }
}
