import { AppError, toAppError } from '@shared/error'
import type { TransferPlan } from '@shared/plan'
import { isRepository, isTag } from '@shared/reference'
import type { FetchedManifest } from '../registry/client'
import { describe, lost } from './describe-image'
import type { KnownBlobs } from './layer-sender'
import { inParallel } from './parallel'
import { ask, digestOf, type Place, type RegistryAccess } from './registry-access'
import type { SentBlob } from './upload-journal'

/** A layer that would go over, with the blobs as which the registry may have it already. Sizes in bytes. */
export interface PlannedLayer {
  size: number
  as: SentBlob[]
}

export interface Planned {
  digest: string
  platforms: string[]
  layers: PlannedLayer[]
  referrers: number
  /** Whether what the tag names now is what would be written. */
  isSame: (held: FetchedManifest) => boolean
}

export interface TransferPlanParts {
  registries: RegistryAccess
  known: Pick<KnownBlobs, 'repositoriesWithBlob'>
}

const askedAtOnce = 8

/** INPUT_INVALID where a target is no repository or no tag. */
export function checkNames({ repository, tag }: { repository: string; tag: string }): void {
  if (!isRepository(repository)) throw new AppError('INPUT_INVALID', { side: 'program', field: 'repository' })
  if (!isTag(tag)) throw new AppError('INPUT_INVALID', { side: 'program', field: 'tag' })
}

/**
 * Tells what a transfer to a tag would send, what is there, and what it would cover. What the registry does not answer is in
 * the plan's `error`.
 */
export async function planTransfer(
  { registries, known }: TransferPlanParts,
  target: Place & { tag: string },
  planned: Planned,
): Promise<TransferPlan> {
  const { layers } = planned
  const plan: TransferPlan = {
    digest: planned.digest,
    platforms: planned.platforms,
    layers: layers.length,
    layersThere: 0,
    layersMounted: 0,
    bytes: layers.reduce((sum, { size }) => sum + size, 0),
    bytesThere: 0,
    bytesMounted: 0,
    referrers: planned.referrers,
    existing: null,
    platformsLost: [],
    same: false,
    error: null,
  }
  const { registryId, repository, tag } = target
  try {
    await ask(registries, target, async (client) => {
      const digest = await digestOf(client, repository, tag)
      if (digest !== null) {
        plan.existing = { digest, created: null, platforms: [] }
        const held = await client.fetchManifest(repository, digest)
        plan.same = planned.isSame(held)
        const described = await describe(client, repository, held)
        plan.existing = { digest, ...described }
        if (!plan.same) plan.platformsLost = lost(described.platforms, planned.platforms)
      }
      await inParallel(layers, askedAtOnce, new AbortController().signal, async (layer, signal) => {
        for (const blob of layer.as) {
          if (!(await client.hasBlob(repository, blob.digest, { signal }))) continue
          plan.layersThere += 1
          plan.bytesThere += layer.size
          return
        }
        const others = layer.as.flatMap((blob) => known.repositoriesWithBlob(registryId, blob.digest))
        if (!others.some((name) => name !== repository)) return
        plan.layersMounted += 1
        plan.bytesMounted += layer.size
      })
    })
  } catch (thrown) {
    // What is known so far still counts: above all that the tag is taken.
    plan.error = toAppError(thrown).toInfo()
  }
  return plan
}
