import { performance } from 'node:perf_hooks'
import { AppError, type ErrorCode, toAppError } from '@shared/error'
import type { DeleteTagsRequest } from '@shared/job'
import { throwIfAborted } from './engine-access'
import { type Keep, keepManifests } from './keep'
import { inParallel } from './parallel'
import { deleteTagsByPlaceholder, isPlaceholder, putBack } from './placeholder'
import { type Client, digestOf, manifestOf } from './registry-access'
import type { RunContext } from './runner'
import { namesOfDigest, tagDigests } from './siblings'
import { TagProgress } from './tag-progress'

export interface LeftTag {
  tag: string
  error: AppError
}

/** The registry may still take the other tags; after anything else it will refuse them too, or cannot be reached. */
const ofOneTag: readonly ErrorCode[] = [
  'TAG_CHANGED',
  'NOT_VERIFIED',
  'MANIFEST_UNKNOWN',
  'MANIFEST_INVALID',
  'RESPONSE_INVALID',
  'SCHEMA1_UNSUPPORTED',
  'DIGEST_MISMATCH',
]
/** A look at all tags is good for so many milliseconds, and for so many times as long as it took. */
const goodFor = 5_000
const goodTimes = 4
const verifiedAtOnce = 8

/** One run over the tags of a request, digest by digest. */
export class TagsDeletion {
  private readonly progress: TagProgress
  private readonly gone: string[] = []
  private readonly left: LeftTag[] = []
  private look: { tags: Map<string, string>; until: number } = { tags: new Map(), until: 0 }
  /** Null until the registry was asked to delete a tag alone. */
  private takesTags: boolean | null = null

  constructor(
    private readonly client: Client,
    private readonly deleted: Keep,
    private readonly request: DeleteTagsRequest,
    private readonly context: RunContext,
  ) {
    this.progress = new TagProgress(
      request.tags.map(({ tag }) => tag),
      context.report,
    )
  }

  /** What is gone, by this run or before, and what is left with the reason. CANCELLED by the signal. */
  async run(): Promise<{ gone: string[]; left: LeftTag[] }> {
    const groups = new Map<string, string[]>()
    for (const { tag, digest } of this.request.tags) {
      groups.set(digest, [...(groups.get(digest) ?? []), tag])
    }
    let stopped: AppError | null = null
    for (const [digest, tags] of groups) {
      throwIfAborted(this.context.signal)
      if (stopped) {
        this.leave(tags, stopped)
        continue
      }
      try {
        await this.takeGroup(digest, tags)
      } catch (thrown) {
        throwIfAborted(this.context.signal)
        const error = toAppError(thrown)
        this.leave(tags, error)
        if (!ofOneTag.includes(error.code)) stopped = error
      }
    }
    return { gone: this.gone, left: this.left }
  }

  private async takeGroup(digest: string, listed: string[]): Promise<void> {
    await this.lookAgain()
    const going = await this.stillNamed(digest, listed)
    if (going.length === 0) return
    const outside = namesOfDigest(this.look.tags, digest).filter((tag) => !listed.includes(tag))
    this.progress.to('deleting')
    this.progress.set(going, 'active')
    const options = { signal: this.context.signal }
    const about = { tags: going, digest }
    const unkept = await keepManifests(this.client, this.deleted, this.request, about, options)
    if (unkept !== null) this.context.log(`${going.join(', ')} will not be restorable: ${unkept}`)
    throwIfAborted(this.context.signal)
    // The registry is asked what has gone in any case; the first failure is the one that tells.
    const failures: unknown[] = []
    const noteFailure = (thrown: unknown): void => void failures.push(thrown)
    await this.take(digest, going, outside).catch(noteFailure)
    await this.settle(digest, going, outside).catch(noteFailure)
    if (failures.length > 0) throw failures[0]
  }

  /** Those that name the digest now; what is gone counts as done, what names another digest is left. */
  private async stillNamed(digest: string, listed: string[]): Promise<string[]> {
    const going: string[] = []
    for (const tag of listed) {
      let now = this.look.tags.get(tag) ?? null
      if (now !== null && now !== digest && (await this.endEarlier(now))) now = null
      if (now === digest) going.push(tag)
      else if (now === null) this.note([tag], digest, 'exists')
      else this.leave([tag], new AppError('TAG_CHANGED', { side: 'registry', tag, digest: now }))
    }
    return going
  }

  /** An earlier run may have ended with tags on a placeholder. */
  private async endEarlier(now: string): Promise<boolean> {
    const { repository } = this.request
    const held = await manifestOf(this.client, repository, now, { signal: this.context.signal })
    if (held === null) return true
    if (!isPlaceholder(held)) return false
    await this.client.deleteManifest(repository, now)
    for (const tag of namesOfDigest(this.look.tags, now)) this.look.tags.delete(tag)
    return true
  }

  private async take(digest: string, going: string[], outside: string[]): Promise<void> {
    const { repository } = this.request
    const held = outside.length > 0 ? await this.client.fetchManifest(repository, digest) : null
    if (this.takesTags !== false && (await this.takeOneByOne(going))) {
      // Some registries take the whole manifest when they are asked for a tag.
      if (held) for (const tag of outside) await putBack(this.client, repository, tag, held)
    } else if (held) {
      this.context.log(`${going.join(', ')}: moved to a placeholder, since ${outside.join(', ')} stay`)
      const options = { signal: this.context.signal }
      await deleteTagsByPlaceholder(this.client, repository, going, held, options)
    } else await this.client.deleteManifest(repository, digest)
  }

  /** False where the registry deletes manifests only; nothing was taken then. */
  private async takeOneByOne(going: string[]): Promise<boolean> {
    for (const tag of going) {
      try {
        this.takesTags = (await this.client.deleteTag(this.request.repository, tag)) === 'deleted'
      } catch (thrown) {
        // It went with the one before, or by somebody else's hand: the registry is asked at the end.
        if (toAppError(thrown).code !== 'MANIFEST_UNKNOWN') throw thrown
      }
      if (this.takesTags === false) return false
    }
    return true
  }

  /** Asks the registry what has gone, whatever was answered before. NOT_VERIFIED for the first that is not as it should be. */
  private async settle(digest: string, going: string[], outside: string[]): Promise<void> {
    const { repository } = this.request
    const wrong: AppError[] = []
    const gone: string[] = []
    // What was begun is looked at even when the job is being cancelled.
    const { signal } = new AbortController()
    await inParallel([...going, ...outside], verifiedAtOnce, signal, async (tag) => {
      const now = await digestOf(this.client, repository, tag)
      const stays = outside.includes(tag)
      if (!stays && now === null) gone.push(tag)
      if (stays ? now === digest : now === null) return
      const detail = `The registry answers ${now ?? 'nothing'}${stays ? ' for a tag that stays' : ''}.`
      wrong.push(new AppError('NOT_VERIFIED', { side: 'registry', tag, digest }, { detail }))
    })
    this.note(gone, digest, 'done')
    if (wrong[0]) throw wrong[0]
  }

  private note(tags: readonly string[], digest: string, state: 'done' | 'exists'): void {
    this.gone.push(...tags)
    for (const tag of tags) this.look.tags.delete(tag)
    this.deleted.confirm(this.request, tags, digest, Date.now())
    this.progress.set(tags, state)
  }

  private leave(tags: readonly string[], error: AppError): void {
    const settled = new Set([...this.gone, ...this.left.map(({ tag }) => tag)])
    const open = tags.filter((tag) => !settled.has(tag))
    this.left.push(...open.map((tag) => ({ tag, error })))
    this.progress.set(open, 'failed')
  }

  /** Deleting by digest takes every tag along that names it, so that the look at them must be young. */
  private async lookAgain(): Promise<void> {
    const begun = performance.now()
    if (begun < this.look.until) return
    const tags = await tagDigests(this.client, this.request.repository, { signal: this.context.signal })
    const took = performance.now() - begun
    this.look = { tags, until: performance.now() + Math.max(goodFor, took * goodTimes) }
  }
}
