import type { ImageKey, ImageSnapshot } from '@shared/browse'
import { toAppError, type ErrorInfo } from '@shared/error'
import { isDigest } from '@shared/reference'
import { readContent, readFact, readImage, type ReadManifest } from './content'
import { isFreshSince, wantsRefresh, type Policy } from './freshness'
import { imageContent, resolveCached, variantEntries } from './image-snapshot'
import { Recent } from './recent'
import { Refreshes, type Run } from './refreshes'
import { isAboutContent } from './registry-error'
import type { ReaderOptions } from './repository'
import { each, openSource, priorities, reporting, type ReadOptions, type Source } from './source'
import { readTagContent } from './tag'

/** What is remembered of an image while the program runs. */
interface Look {
  key: ImageKey
  /** By digest of the manifest: why it or its config could not be read. */
  failed: Map<string, ErrorInfo>
}

const concurrency = 4

const keyOf = ({ registryId, repository, reference }: ImageKey): string =>
  `${registryId} ${repository} ${reference}`

/** Images by tag or digest with every variant, answered from the cache and refreshed behind. */
export class ImageReader {
  private readonly looks = new Recent<Look>({
    make: (key) => {
      const [registryId = '', repository = '', reference = ''] = key.split(' ')
      return { key: { registryId, repository, reference }, failed: new Map() }
    },
    mayGo: () => true,
  })
  private readonly refreshes: Refreshes
  private readonly now: () => number
  private readonly began: number

  constructor(private readonly options: ReaderOptions) {
    this.now = options.now ?? Date.now
    this.began = this.now()
    this.refreshes = new Refreshes({ show: (key) => this.show(key), log: options.log })
  }

  /** What the cache knows, at once; `image:changed` follows while a refresh runs behind. REGISTRY_UNKNOWN. */
  read(input: ImageKey & { refresh: Policy }): ImageSnapshot {
    this.options.registries.get(input.registryId)
    const look = this.look(input)
    const content = imageContent(this.options.cache, look.key, look.failed)
    // What a digest names does not change: it is never old.
    const isGood =
      content.complete &&
      (isDigest(input.reference) || isFreshSince(this.began, content.fetchedAt, this.now()))
    if (wantsRefresh(input.refresh, isGood)) void this.refresh(look)
    return { ...content, ...this.refreshes.freshness(keyOf(look.key)) }
  }

  /** Ends everything that runs for a registry and forgets how it went. */
  async forgetRegistry(registryId: string): Promise<void> {
    await this.refreshes.forget(`${registryId} `)
    for (const key of this.looks.keys()) if (key.startsWith(`${registryId} `)) this.looks.delete(key)
  }

  /** Ends everything that runs; nothing is told any more. */
  async stop(): Promise<void> {
    await this.refreshes.stop()
  }

  private refresh(look: Look): Promise<void> {
    const { registries, cache } = this.options
    const { registryId } = look.key
    return this.refreshes.start(keyOf(look.key), (run) =>
      reporting(registries, registryId, run.signal, async () => {
        const source = openSource(look.key, { registries, cache, now: this.now })
        const options = { signal: run.signal, priority: priorities.focused }
        const top = await this.readTop(source, look.key, options)
        this.refreshes.changed(keyOf(look.key))
        await this.readVariants(source, look, top, run)
      }),
    )
  }

  private async readTop(source: Source, key: ImageKey, options: ReadOptions): Promise<ReadManifest> {
    if (!isDigest(key.reference)) return (await readTagContent(source, key.reference, options)).read()
    // A digest known here cannot have changed, but it may have been deleted: that is worth the question.
    if (resolveCached(source.cache, key))
      await source.client.headManifest(source.repository, key.reference, options)
    return readContent(source, key.reference, options)
  }

  private async readVariants(source: Source, look: Look, top: ReadManifest, { signal }: Run): Promise<void> {
    const options = { signal, priority: priorities.focused }
    const digests =
      top.content.kind === 'index'
        ? variantEntries(top.content.index).map((entry) => entry.digest)
        : [top.digest]
    await each(
      () => digests.shift() ?? null,
      concurrency,
      async (digest) => {
        await this.readVariant(source, look, digest, options)
        this.refreshes.changed(keyOf(look.key))
      },
    )
    await this.keepFact(source, top, options)
  }

  private async readVariant(source: Source, look: Look, digest: string, options: ReadOptions): Promise<void> {
    try {
      const { content } = await readContent(source, digest, options)
      if (content.kind === 'manifest') await readImage(source, content.manifest, options)
      look.failed.delete(digest)
    } catch (thrown) {
      const error = toAppError(thrown)
      if (options.signal.aborted || !isAboutContent(error)) throw error
      look.failed.set(digest, error.toInfo())
    }
  }

  /** What was read here serves the repository's list too. */
  private async keepFact(source: Source, top: ReadManifest, options: ReadOptions): Promise<void> {
    try {
      await readFact(source, top, options)
    } catch (thrown) {
      const error = toAppError(thrown)
      // The variant that stands for the index could not be read; its own row says so already.
      if (options.signal.aborted || !isAboutContent(error)) throw error
    }
  }

  private show(key: string): void {
    const look = this.looks.find(key)
    if (!look) return
    const content = imageContent(this.options.cache, look.key, look.failed)
    this.options.emit('image:changed', { ...content, ...this.refreshes.freshness(key) })
  }

  private look({ registryId, repository, reference }: ImageKey): Look {
    return this.looks.of(keyOf({ registryId, repository, reference }))
  }
}
