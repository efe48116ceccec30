import { AppError } from '@shared/error'
import type { CopyPlanRequest, TransferPlan } from '@shared/plan'
import { isDigest, isRepository, isTag } from '@shared/reference'
import { readCopySource } from './copy-source'
import { ask } from './registry-access'
import { checkNames, planTransfer, type TransferPlanParts } from './transfer-plan'

/** Tells what a copy would do before it does. Fails where the source cannot be read. */
export function createCopyPlanner(
  parts: TransferPlanParts,
): (request: CopyPlanRequest) => Promise<TransferPlan> {
  return async (request) => {
    checkNames(request)
    const { from, registryId } = request
    const isSource = isRepository(from.repository) && (isTag(from.reference) || isDigest(from.reference))
    if (!isSource) throw new AppError('INPUT_INVALID', { side: 'program', field: 'from' })
    const source = await ask(parts.registries, from, (client) =>
      readCopySource(client, from.repository, from.reference),
    )
    // Inside a registry the source itself is where every layer is mounted from.
    const repositoriesWithBlob = (id: string, digest: string): string[] =>
      from.registryId === registryId ? [from.repository] : parts.known.repositoriesWithBlob(id, digest)
    return planTransfer({ registries: parts.registries, known: { repositoriesWithBlob } }, request, {
      digest: source.digest,
      platforms: source.platforms,
      layers: [...source.layers].map(([digest, size]) => ({ size, as: [{ digest, size }] })),
      referrers: source.referrers,
      isSame: (held) => held.digest === source.digest,
    })
  }
}
