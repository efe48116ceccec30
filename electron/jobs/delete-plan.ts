import { AppError } from '@shared/error'
import type { DeletePlan, DeletePlanRequest } from '@shared/plan'
import { isRepository, isTag } from '@shared/reference'
import { ask, type RegistryAccess } from './registry-access'
import { tagsOfDigest } from './siblings'

/** Tells which tags share the digest of the one that is to be deleted, fresh from the registry. MANIFEST_UNKNOWN. */
export function createDeletePlanner(parts: {
  registries: RegistryAccess
}): (request: DeletePlanRequest) => Promise<DeletePlan> {
  return async (request) => {
    const { repository, tag } = request
    if (!isRepository(repository))
      throw new AppError('INPUT_INVALID', { side: 'program', field: 'repository' })
    if (!isTag(tag)) throw new AppError('INPUT_INVALID', { side: 'program', field: 'tag' })
    return ask(parts.registries, request, async (client) => {
      const { digest } = await client.headManifest(repository, tag)
      const shared = await tagsOfDigest(client, repository, digest)
      return { digest, siblings: shared.filter((other) => other !== tag) }
    })
  }
}
