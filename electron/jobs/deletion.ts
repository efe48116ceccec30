import { AppError } from '@shared/error'
import type { DeleteRequest } from '@shared/job'
import { throwIfAborted } from './engine-access'
import { type Keep, keepManifests } from './keep'
import { deleteTagsByPlaceholder, isPlaceholder, putBack } from './placeholder'
import { type Client, digestOf, manifestOf } from './registry-access'
import { type RunContext, Steps } from './runner'
import { tagsOfDigest } from './siblings'

/**
 * One deletion of a tag, or of a manifest with its tags. What shares the digest is looked up again just before: when it is
 * not what the user was shown, TAG_CHANGED, and nothing is taken. The manifests are kept first.
 */
export class Deletion {
  private readonly steps: Steps

  constructor(
    private readonly client: Client,
    private readonly deleted: Keep,
    private readonly request: DeleteRequest,
    private readonly context: Pick<RunContext, 'signal' | 'report' | 'log'>,
  ) {
    this.steps = new Steps(context.report)
  }

  /** The tags that are gone. */
  async run(): Promise<string[]> {
    const { repository, tag, digest, extent } = this.request
    const options = { signal: this.context.signal }
    this.steps.to('preparing')
    const now = await digestOf(this.client, repository, tag, options)
    if (now === null) {
      // An earlier attempt may have ended between the deletion and its note.
      this.confirm([tag])
      throw new AppError('MANIFEST_UNKNOWN', { side: 'registry', tag })
    }
    if (now !== digest) return this.finishEarlier(now)
    const shared = await tagsOfDigest(this.client, repository, digest, options)
    const siblings = shared.filter((other) => other !== tag)
    if (extent === 'manifest' && siblings.join() !== [...this.request.siblings].sort().join())
      throw this.changed(digest)
    const tags = extent === 'tag' ? [tag] : [tag, ...siblings]
    const unkept = await keepManifests(this.client, this.deleted, this.request, { tags, digest }, options)
    if (unkept !== null) this.context.log(`${tag} will not be restorable: ${unkept}`)
    throwIfAborted(this.context.signal)
    this.steps.to('deleting')
    if (extent === 'tag') return this.deleteTag(siblings)
    await this.client.deleteManifest(repository, digest)
    return this.verified(tags, [])
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
      await deleteTagsByPlaceholder(this.client, repository, [tag], held, { signal: this.context.signal })
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
    this.confirm(gone)
    for (const tag of staying) {
      const now = await digestOf(this.client, repository, tag)
      if (now !== digest)
        throw this.notVerified(tag, `The registry answers ${now ?? 'nothing'} for a tag that stays.`)
    }
    return gone
  }

  private confirm(tags: string[]): void {
    this.deleted.confirm(this.request, tags, this.request.digest, Date.now())
  }

  private changed(digest: string): AppError {
    const { tag } = this.request
    return new AppError('TAG_CHANGED', { side: 'registry', tag, digest })
  }

  private notVerified(tag: string, detail: string): AppError {
    return new AppError('NOT_VERIFIED', { side: 'registry', tag, digest: this.request.digest }, { detail })
  }
}
