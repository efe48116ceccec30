import { AppError } from '@shared/error'
import type { DeleteTagsPlan, DeleteTagsPlanRequest } from '@shared/plan'
import { isRepository, isTag } from '@shared/reference'
import { ask, type RegistryAccess } from './registry-access'
import { tagDigests } from './siblings'

/** Tells what deleting several tags would take and what stays though it shares a digest, fresh from the registry. */
export function createDeleteTagsPlanner(parts: {
  registries: RegistryAccess
}): (request: DeleteTagsPlanRequest) => Promise<DeleteTagsPlan> {
  return async (request) => {
    const { repository } = request
    if (!isRepository(repository))
      throw new AppError('INPUT_INVALID', { side: 'program', field: 'repository' })
    if (!request.tags.every(isTag)) throw new AppError('INPUT_INVALID', { side: 'program', field: 'tags' })
    const now = await ask(parts.registries, request, (client) => tagDigests(client, repository))
    const listed = [...new Set(request.tags)]
    const going = listed.flatMap((tag) => {
      const digest = now.get(tag)
      return digest === undefined ? [] : [{ tag, digest }]
    })
    const digests = new Set(going.map(({ digest }) => digest))
    const names = new Set(listed)
    const staying = [...now]
      .filter(([tag, digest]) => digests.has(digest) && !names.has(tag))
      .map(([tag, digest]) => ({ tag, digest }))
    return { going, staying, missing: listed.filter((tag) => !now.has(tag)) }
  }
}
