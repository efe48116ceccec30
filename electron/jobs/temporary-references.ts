import { AppError, toAppError } from '@shared/error'
import { formatReference, parseReference } from '@shared/reference'
import type { Log } from '../log'
import { type EngineAccess, orCancelled } from './engine-access'
import type { JobTable, TemporaryReference } from './job-table'

type Names = Pick<
  EngineAccess,
  'state' | 'on' | 'inspectImage' | 'tagImage' | 'imageIdOf' | 'removeReference'
>
type Journal = Pick<JobTable, 'temporaryReferences' | 'noteTemporary' | 'dropTemporary'>

/** Puts a name back to what it was; says in one line what was done. Fails as the engine does; it is then tried again later. */
export type GiveBack = () => Promise<string>

/** Milliseconds before what could not be taken away is tried again, at an engine that is connected all the while; the last for ever. */
const defaultPauses: readonly number[] = [1000, 5000, 30_000]

/**
 * Names that pushes give to images at the engine for as long as they need them. Each is noted on disk before it is given,
 * so that after a crash the next start takes it away again.
 */
export class TemporaryReferences {
  private readonly held = new Set<string>()
  /** What is done about each name last. */
  private readonly turns = new Map<string, Promise<unknown>>()
  private readonly journal: Journal
  private readonly engine: Names
  private readonly log: Log
  private readonly pauses: readonly number[]
  private timer: NodeJS.Timeout | undefined
  /** The record may be closed already: what is left is for the next start. */
  private ended = false
  /** How often it was tried again since the engine was connected, or all was taken away. */
  private attempts = 0

  constructor(parts: { journal: Journal; engine: Names; log: Log; pauses?: readonly number[] }) {
    this.pauses = parts.pauses ?? defaultPauses
    this.journal = parts.journal
    this.engine = parts.engine
    this.log = parts.log
  }

  /** Gives back what earlier runs left, now and whenever an engine is connected. The answer ends that. */
  start(): () => void {
    const clean = (status: string): void => {
      this.attempts = 0
      this.unschedule()
      if (status === 'connected') void this.giveBackLeft()
    }
    clean(this.engine.state.status)
    const stop = this.engine.on('state', (state) => clean(state.status))
    return () => {
      this.ended = true
      stop()
      this.unschedule()
    }
  }

  /**
   * Names an image `repository:tag` (host and repository). A name that it has already is left to it afterwards. CANCELLED as soon
   * as the signal fires, however long the engine takes: what it then gives all the same is given back before anybody else's turn.
   */
  async take(repository: string, tag: string, imageId: string, signal: AbortSignal): Promise<GiveBack> {
    const key = keyOf({ endpoint: this.endpoint(), repository, tag })
    const taking = this.inTurn(key, async (): Promise<GiveBack> => {
      const note = await this.takeNow(repository, tag, imageId)
      if (note === null) return () => Promise.resolve('the name was there before and stays')
      if (signal.aborted) {
        await this.release(note)
        throw new AppError('CANCELLED')
      }
      return () => this.inTurn(key, () => this.release(note))
    })
    // What fails there is on record, and tried again.
    return orCancelled(signal, taking, (giveBack) => void giveBack().catch(() => undefined))
  }

  /** Null where the image has the name already. */
  private async takeNow(
    repository: string,
    tag: string,
    imageId: string,
  ): Promise<TemporaryReference | null> {
    const endpoint = this.endpoint()
    const left = this.left().find((note) => note.repository === repository && note.tag === tag)
    if (left) await this.giveBack(left)
    const previousId = await this.engine.imageIdOf(`${repository}:${tag}`)
    if (previousId === imageId) return null
    const note = { endpoint, repository, tag, imageId, previousId }
    this.journal.noteTemporary(note)
    this.held.add(keyOf(note))
    try {
      await this.engine.tagImage(imageId, repository, tag)
    } catch (thrown) {
      this.held.delete(keyOf(note))
      // An engine that was cut off may have given the name all the same, or be about to.
      if (toAppError(thrown).code === 'ENGINE_LOST') this.giveBackLater()
      else this.journal.dropTemporary(note)
      throw thrown
    }
    return note
  }

  private async release(note: TemporaryReference): Promise<string> {
    this.held.delete(keyOf(note))
    try {
      return await this.giveBack(note)
    } catch (thrown) {
      this.giveBackLater()
      throw thrown
    }
  }

  /** One after the other for each name: what is taken away must not be what was given meanwhile. */
  private async inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.turns.get(key)
    const turn = (async () => {
      await before?.catch(() => undefined) // Told to whoever waits for it.
      return work()
    })()
    this.turns.set(key, turn)
    try {
      return await turn
    } finally {
      if (this.turns.get(key) === turn) this.turns.delete(key)
    }
  }

  /** Gives back what earlier runs left at the engine that is connected now. Failures go to the log. */
  private async giveBackLeft(): Promise<void> {
    for (const note of this.left()) {
      const fields = { reference: `${note.repository}:${note.tag}` }
      try {
        const done = await this.inTurn(keyOf(note), async () => {
          const isLeft = this.left().some((other) => keyOf(other) === keyOf(note))
          return isLeft ? this.giveBack(note) : 'somebody else has taken it'
        })
        this.log.info('a temporary name of an earlier push', { ...fields, done })
      } catch (thrown) {
        const level = this.attempts < this.pauses.length ? 'warn' : 'debug'
        this.log[level]('a temporary name cannot be taken away now', { ...fields, error: toAppError(thrown) })
        this.giveBackLater()
      }
    }
    if (this.timer === undefined) this.attempts = 0
  }

  /** An engine that was restarted may be connected again before the failure of the one before is known. */
  private giveBackLater(): void {
    if (this.timer !== undefined || this.ended) return
    const wait = this.pauses[Math.min(this.attempts, this.pauses.length - 1)]
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.attempts += 1
      if (this.engine.state.status === 'connected') void this.giveBackLeft()
    }, wait).unref()
  }

  private unschedule(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private left(): TemporaryReference[] {
    const endpoint = this.engine.state.endpoint?.id
    const notes = this.journal.temporaryReferences()
    return notes.filter((note) => note.endpoint === endpoint && !this.held.has(keyOf(note)))
  }

  private endpoint(): string {
    const { endpoint, error } = this.engine.state
    if (endpoint) return endpoint.id
    throw new AppError(error?.code ?? 'ENGINE_MISSING', { side: 'engine' }, { detail: error?.detail })
  }

  private async giveBack(note: TemporaryReference): Promise<string> {
    // Another engine may have been chosen meanwhile; it is none of its business, and the note waits for the right one.
    if (this.endpoint() !== note.endpoint) throw new AppError('ENGINE_LOST', { side: 'engine' })
    const done = await this.restore(note)
    this.journal.dropTemporary(note)
    return done
  }

  private async restore({ repository, tag, imageId, previousId }: TemporaryReference): Promise<string> {
    const reference = `${repository}:${tag}`
    if ((await this.engine.imageIdOf(reference)) !== imageId)
      return 'the name was changed meanwhile and stays as it is'
    if (previousId !== null && (await this.engine.imageIdOf(previousId)) !== null) {
      await this.engine.tagImage(previousId, repository, tag)
      return 'the name was given back to the image that had it'
    }
    // Taking an image's only name away would delete the image.
    if (!(await this.hasOtherName(imageId, repository, reference)))
      return 'it is the only name of the image and stays'
    await this.engine.removeReference(reference)
    return 'the name was taken away'
  }

  /**
   * Docker also keeps an image that was pulled by digest, and drops a repository's digests with its last tag; so digests of
   * other repositories count. For Podman only tags are names.
   */
  private async hasOtherName(imageId: string, repository: string, reference: string): Promise<boolean> {
    const image = await this.engine.inspectImage(imageId)
    if (image.references.some((other) => fullName(other) !== fullName(reference))) return true
    if (this.engine.state.product !== 'docker') return false
    const own = fullName(`${repository}:x`).slice(0, -2)
    return image.repositoryDigests.some((digest) => !fullName(digest).startsWith(`${own}@`))
  }
}

const keyOf = ({
  endpoint,
  repository,
  tag,
}: Pick<TemporaryReference, 'endpoint' | 'repository' | 'tag'>): string => `${endpoint} ${repository}:${tag}`

/** `nginx:1.25` and `docker.io/library/nginx:1.25` are one name. */
function fullName(text: string): string {
  const reference = parseReference(text)
  return reference ? formatReference(reference) : text
}
