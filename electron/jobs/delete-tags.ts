import { AppError } from '@shared/error'
import type { DeleteTagsRequest, JobResult } from '@shared/job'
import { formatReference, referenceOf } from '@shared/reference'
import type { DeleteParts } from './delete'
import { ask } from './registry-access'
import type { Runner } from './runner'
import { TagsDeletion } from './tags-deletion'

/**
 * Deletes several tags of a repository. What a tag of the list does not name any more stays, and so does every tag outside
 * the list. Where some could not be taken, the job fails with the first reason, and its detail names the tags that are left;
 * those that are gone by then count as done when it is tried again.
 */
export function createDeleteTagsRunner({
  registries,
  deleted,
  onDeleted,
}: DeleteParts): Runner<DeleteTagsRequest> {
  return (request, context) =>
    ask(registries, request, async (client) => {
      const { registryId, repository } = request
      const deletion = new TagsDeletion(client, deleted, request, context)
      const { gone, left } = await deletion
        .run()
        .finally(() => onDeleted(registryId, repository, request.tags[0]?.tag ?? ''))
      const [first] = left
      if (first) {
        const { code, context: about, detail } = first.error
        const words = left.map(({ tag, error }) => `${tag} (${error.code})`).join(', ')
        throw new AppError(
          code,
          { ...about, tag: first.tag },
          {
            detail:
              `${gone.length} of ${request.tags.length} are gone. Left: ${words}. ${detail ?? ''}`.trim(),
          },
        )
      }
      const host = registries.host(registryId)
      const references = gone.map((tag) => formatReference(referenceOf(host, repository, tag)))
      return { digest: null, references } satisfies JobResult
    })
}
