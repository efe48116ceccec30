import type { DeleteRequest, JobResult } from '@shared/job'
import { formatReference, referenceOf } from '@shared/reference'
import { Deletion } from './deletion'
import type { Keep } from './keep'
import { ask, type RegistryAccess } from './registry-access'
import type { Runner } from './runner'

export interface DeleteParts {
  registries: RegistryAccess
  /** Where the manifests of what is deleted are kept. */
  deleted: Keep
  /** Tags of a repository have gone, or may have. */
  onDeleted: (registryId: string, repository: string, tag: string) => void
}

/** Deletes one tag, or a manifest with all its tags. DELETE_DISABLED where the registry deletes nothing; see `Deletion`. */
export function createDeleteRunner({ registries, deleted, onDeleted }: DeleteParts): Runner<DeleteRequest> {
  return (request, context) =>
    ask(registries, request, async (client) => {
      const deletion = new Deletion(client, deleted, request, context)
      const gone = await deletion
        .run()
        .finally(() => onDeleted(request.registryId, request.repository, request.tag))
      const host = registries.host(request.registryId)
      const references = gone.map((tag) => formatReference(referenceOf(host, request.repository, tag)))
      return { digest: request.digest, references } satisfies JobResult
    })
}
