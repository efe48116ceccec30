import { AppError, toAppError } from '@shared/error'
import { formatPlatform, isAttestation, type Platform } from '@shared/oci'
import type { PushPlan, PushPlanRequest } from '@shared/plan'
import { isRepository, isTag } from '@shared/reference'
import type { FetchedManifest } from '../registry/client'
import type { EngineAccess } from './engine-access'
import { isSamePlatform } from './platform'
import { ask, type Client, digestOf, manifestOf, type RegistryAccess } from './registry-access'
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
      plan.platformsLost = described.platforms.filter(
        (platform) => !isSamePlatform(platform, image.platform ?? ''),
      )
    })
  } catch (thrown) {
    // What is known so far still counts: above all that the tag is taken.
    plan.error = toAppError(thrown).toInfo()
  }
  return plan
}

interface Described {
  created: number | null
  platforms: string[]
}

/** When the image under a tag was created, and for which platforms; of an index, the first platform's image says it. */
async function describe(client: Client, repository: string, held: FetchedManifest): Promise<Described> {
  if (held.content.kind === 'index') {
    const images = held.content.index.manifests.filter(
      (entry) => !isAttestation(entry) && isReal(entry.platform),
    )
    const platforms = images.flatMap(({ platform }) => (platform ? [formatPlatform(platform)] : []))
    const first = images[0] && (await manifestOf(client, repository, images[0].digest))
    const created =
      first?.content.kind === 'manifest' ? (await describe(client, repository, first)).created : null
    return { created, platforms: [...new Set(platforms)] }
  }
  const { config } = held.content.manifest
  if (!/config\.v1\+json$|container\.image\.v1\+json$/.test(config.mediaType))
    return { created: null, platforms: [] }
  const { config: image } = await client.fetchConfig(repository, config)
  const time = Date.parse(image.created ?? '')
  const { os, architecture, variant } = image
  const platforms =
    os && architecture ? [formatPlatform({ os, architecture, variant: variant ?? undefined })] : []
  return { created: Number.isNaN(time) ? null : time, platforms }
}

const isReal = (platform: Platform | undefined): boolean =>
  platform !== undefined && platform.os !== 'unknown'
