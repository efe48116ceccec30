import type Dockerode from 'dockerode'
import { z } from 'zod'
import type { LocalImage, LocalImages } from '@shared/engine'
import { AppError } from '@shared/error'
import { withDeadline } from './deadline'
import { toEngineError } from './error'
import { normalizeId, realDigests, realReferences } from './image-name'

const Names = z.array(z.string()).nullish()
const Listing = z.array(
  z.object({
    Id: z.string(),
    RepoTags: Names,
    RepoDigests: Names,
    Size: z.number(),
    /** Seconds since 1970. */
    Created: z.number(),
    /** Docker: -1 where it did not count. */
    Containers: z.number().nullish(),
  }),
)

/** Events come in bursts: a build or a prune is one refresh. Milliseconds. */
const burst = 200
const patience = 30_000

/** The engine's images as they were listed last, and when to list them again. */
export class ImageList {
  readonly #onChange: (images: LocalImages) => void
  #images: LocalImages = { images: [], fetchedAt: null, error: null, revision: 0 }
  #docker: Dockerode | null = null
  #engineId: string | null = null
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | null = null
  #next: Promise<void> | null = null

  constructor(onChange: (images: LocalImages) => void) {
    this.#onChange = onChange
  }

  get current(): LocalImages {
    return this.#images
  }

  /** From now on this engine is asked. Another one's images are not shown while the new one has not answered. */
  connect(docker: Dockerode, engineId: string): void {
    if (this.#engineId !== null && this.#engineId !== engineId) this.#set({ images: [], fetchedAt: null })
    this.#docker = docker
    this.#engineId = engineId
    void this.refresh()
  }

  /** The engine is gone: what it had stays, marked with the reason. */
  disconnect(error: AppError): void {
    this.#cancelTimer()
    this.#docker = null
    this.#set({ error: error.toInfo() })
  }

  /** Lists again soon, however often this is called until then. */
  invalidate(): void {
    // Not started anew by each event: a long burst would put it off for ever.
    this.#timer ??= setTimeout(() => void this.refresh(), burst)
  }

  /** Lists now, after a listing that is under way; a failure is in the answer's `error`. Never rejects. */
  async refresh(): Promise<LocalImages> {
    this.#cancelTimer()
    if (this.#running) {
      this.#next ??= this.#running.then(() => {
        this.#next = null
        return this.#run()
      })
      await this.#next
    } else await this.#run()
    return this.#images
  }

  /** Nothing is listed any more. */
  stop(): void {
    this.#cancelTimer()
    this.#docker = null
  }

  #cancelTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #run(): Promise<void> {
    this.#running ??= this.#list().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #list(): Promise<void> {
    const docker = this.#docker
    if (!docker) return
    try {
      const images = await withDeadline(patience, null, (abortSignal) => listImages(docker, abortSignal))
      if (docker === this.#docker) this.#set({ images, fetchedAt: Date.now(), error: null })
    } catch (error) {
      if (docker === this.#docker) this.#set({ error: toEngineError(error).toInfo() })
    }
  }

  #set(change: Partial<LocalImages>): void {
    const before = this.#images
    const next = { ...before, ...change }
    const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
    const seen = before.fetchedAt !== null || next.fetchedAt === null
    if (seen && same(before.images, next.images) && same(before.error, next.error)) {
      this.#images = next
      return
    }
    this.#images = { ...next, revision: before.revision + 1 }
    this.#onChange(this.#images)
  }
}

/** Every image of the engine, newest first. Rejects with whatever dockerode throws, or ENGINE_FAILED on another shape. */
async function listImages(docker: Dockerode, abortSignal: AbortSignal): Promise<LocalImage[]> {
  const answer = Listing.safeParse(await docker.listImages({ abortSignal }))
  if (!answer.success) {
    const detail = `The list of images has another shape: ${answer.error.issues[0]?.path.join('.')}`
    throw new AppError('ENGINE_FAILED', { side: 'engine' }, { detail })
  }
  return answer.data
    .map((image) => ({
      id: normalizeId(image.Id),
      references: realReferences(image.RepoTags),
      repositoryDigests: realDigests(image.RepoDigests),
      size: Math.max(0, image.Size),
      created: image.Created * 1000,
      containers: typeof image.Containers === 'number' && image.Containers >= 0 ? image.Containers : null,
    }))
    .sort((a, b) => b.created - a.created || (a.id < b.id ? -1 : 1))
}
