import { AppError } from '@shared/error'
import type { DeleteRequest, JobResult } from '@shared/job'
import { formatReference, referenceOf } from '@shared/reference'
import { throwIfAborted } from './engine-access'
import { deleteTagByPlaceholder, isPlaceholder, putBack } from './placeholder'
import { ask, type Client, digestOf, manifestOf, type RegistryAccess } from './registry-access'
import { type RunContext, type Runner, Steps } from './runner'
import { tagsOfDigest } from './siblings'

export interface DeleteParts {
  registries: RegistryAccess
  /** Tags of a repository have gone, or may have. */
  onDeleted: (registryId: string, repository: string, tag: string) => void
}

/**
 * Deletes one tag, or a manifest with all its tags. What shares the digest is looked up again just before: when it is not
 * what the user was shown, TAG_CHANGED, and nothing is taken. DELETE_DISABLED where the registry deletes nothing.
 */
export function createDeleteRunner({ registries, onDeleted }: DeleteParts): Runner<DeleteRequest> {
  return (request, context) =>
    ask(registries, request, async (client) => {
      const deletion = new Deletion(client, request, context)
      const gone = await deletion
        .run()
        .finally(() => onDeleted(request.registryId, request.repository, request.tag))
      const host = registries.host(request.registryId)
      const references = gone.map((tag) => formatReference(referenceOf(host, request.repository, tag)))
      return { digest: request.digest, references } satisfies JobResult
    })
}

class Deletion {
  private readonly steps: Steps

  constructor(
    private readonly client: Client,
    private readonly request: DeleteRequest,
    private readonly context: RunContext,
  ) {
    this.steps = new Steps(context.report)
  }

  /** The tags that are gone. */
  async run(): Promise<string[]> {
    const { repository, tag, digest, extent } = this.request
    const options = { signal: this.context.signal }
    this.steps.to('preparing')
    const now = await digestOf(this.client, repository, tag, options)
    if (now === null) throw new AppError('MANIFEST_UNKNOWN', { side: 'registry', tag })
    if (now !== digest) return this.finishEarlier(now)
    const shared = await tagsOfDigest(this.client, repository, digest, options)
    const siblings = shared.filter((other) => other !== tag)
    throwIfAborted(this.context.signal)
    this.steps.to('deleting')
    if (extent === 'tag') return this.deleteTag(siblings)
    if (siblings.join() !== [...this.request.siblings].sort().join()) throw this.changed(digest)
    await this.client.deleteManifest(repository, digest)
    return this.verified([tag, ...siblings], [])
  }

  /** An earlier attempt may have ended between its two steps, with the tag on a placeholder. */
  private async finishEarlier(now: string): Promise<string[]> {
    const { repository, tag } = this.request
    const held = await manifestOf(this.client, repository, now, { signal: this.context.signal })
    if (!held || !isPlaceholder(held)) throw this.changed(now)
    await this.client.deleteManifest(repository, now)
    return this.verified([tag], [])
  }

  private async deleteTag(siblings: string[]): Promise<string[]> {
    const { repository, tag, digest } = this.request
    if (siblings.length === 0) {
      if ((await this.client.deleteTag(repository, tag)) === 'unsupported') {
        await this.client.deleteManifest(repository, digest)
      }
      return this.verified([tag], [])
    }
    // Its bytes are at hand before anything is taken away, so that everything can be put back.
    const held = await this.client.fetchManifest(repository, digest)
    if ((await this.client.deleteTag(repository, tag)) === 'deleted') {
      // Some registries take the whole manifest when they are asked for a tag.
      for (const sibling of siblings) await putBack(this.client, repository, sibling, held)
    } else {
      this.context.log(
        `${tag} shares its digest with ${siblings.join(', ')}: it is moved to a placeholder first`,
      )
      await deleteTagByPlaceholder(this.client, repository, tag, held, { signal: this.context.signal })
    }
    return this.verified([tag], siblings)
  }

  /** The registry must not know any more what has gone, and must still have what stays. */
  private async verified(gone: string[], staying: string[]): Promise<string[]> {
    this.steps.to('verifying')
    const { repository, digest } = this.request
    for (const tag of gone) {
      const now = await digestOf(this.client, repository, tag)
      if (now !== null) throw this.notVerified(tag, `The registry still answers ${now}.`)
    }
    for (const tag of staying) {
      const now = await digestOf(this.client, repository, tag)
      if (now !== digest)
        throw this.notVerified(tag, `The registry answers ${now ?? 'nothing'} for a tag that stays.`)
    }
    return gone
  }

  private changed(digest: string): AppError {
    const { tag } = this.request
    return new AppError('TAG_CHANGED', { side: 'registry', tag, digest })
  }

  private notVerified(tag: string, detail: string): AppError {
    return new AppError('NOT_VERIFIED', { side: 'registry', tag, digest: this.request.digest }, { detail })
  }
}
