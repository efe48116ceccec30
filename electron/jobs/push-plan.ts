import { AppError, toAppError } from '@shared/error'
import type { PushPlan, PushPlanRequest } from '@shared/plan'
import { isRepository, isTag } from '@shared/reference'
import { describe, lost } from './describe-image'
import type { EngineAccess } from './engine-access'
import { ask, digestOf, type RegistryAccess } from './registry-access'
import { isSameImage } from './same-image'

export interface PushPlanParts {
  registries: RegistryAccess
  engine: Pick<EngineAccess, 'inspectImage'>
  /** Layers that a registry is known to hold, by diff ID. */
  cache: { knownDiffIds(registryId: string): ReadonlyMap<string, unknown> }
}

/**
 * Tells what a push would do before it does: what is to be sent, and what it would cover. Fails where the engine does not
 * have the image; what the registry does not answer is in the plan's `error`.
 */
export function createPushPlanner(parts: PushPlanParts): (request: PushPlanRequest) => Promise<PushPlan> {
  return (request) => planPush(parts, request)
}

async function planPush(
  { registries, engine, cache }: PushPlanParts,
  request: PushPlanRequest,
): Promise<PushPlan> {
  const { imageId, registryId, repository, tag } = request
  if (!isRepository(repository)) throw new AppError('INPUT_INVALID', { side: 'program', field: 'repository' })
  if (!isTag(tag)) throw new AppError('INPUT_INVALID', { side: 'program', field: 'tag' })
  const host = registries.host(registryId)
  const image = await engine.inspectImage(imageId)
  const known = cache.knownDiffIds(registryId)
  const layers = image.diffIds.map((diffId, index) => ({
    size: image.layerSizes[index] ?? 0,
    there: known.has(diffId),
  }))
  const there = layers.filter((layer) => layer.there)
  const sum = (some: { size: number }[]): number => some.reduce((bytes, { size }) => bytes + size, 0)
  const plan: PushPlan = {
    platform: image.platform,
    layers: layers.length,
    layersThere: there.length,
    bytes: sum(layers),
    bytesThere: sum(there),
    existing: null,
    platformsLost: [],
    same: false,
    error: null,
  }
  try {
    await ask(registries, request, async (client) => {
      const digest = await digestOf(client, repository, tag)
      if (digest === null) return
      plan.existing = { digest, created: null, platforms: [] }
      const held = await client.fetchManifest(repository, digest)
      plan.same = isSameImage(held, image, `${host}/${repository}`)
      const described = await describe(client, repository, held)
      plan.existing = { digest, ...described }
      if (plan.same) return
      plan.platformsLost = lost(described.platforms, [image.platform ?? ''])
    })
  } catch (thrown) {
    // What is known so far still counts: above all that the tag is taken.
    plan.error = toAppError(thrown).toInfo()
  }
  return plan
}
