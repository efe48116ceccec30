import { Readable } from 'node:stream'
import type Dockerode from 'dockerode'
import type { DeploymentImage } from '@shared/deployment'
import { AppError, type ErrorContext } from '@shared/error'
import type { Part, Progress } from '@shared/job'
import { type Descriptor, formatPlatform, isAttestation, type Manifest } from '@shared/oci'
import { formatReference, isDigest, parseReference, shortDigest } from '@shared/reference'
import { runTransfer } from '../../engine/transfer'
import type { RegistryClient } from '../../registry/client'
import { Veil } from '../../veil'
import { end, header, padding } from './tar-stream'

export interface SendOptions {
  client: Pick<RegistryClient, 'fetchManifest' | 'fetchConfig' | 'openBlob'>
  /** The image's repository in that registry. */
  repository: string
  image: DeploymentImage
  /** `linux/arm64`: which one, where the image has several. */
  platform: string
  docker: Dockerode
  signal: AbortSignal
  report(progress: Progress): void
  log(line: string): void
}

/** The name under which an image that was sent is found in the engine: one that was named by digest alone gets a tag of it. */
export function sentName(image: DeploymentImage): string {
  const parsed = parseReference(image.reference)
  const digest = image.digest ?? parsed?.digest ?? null
  if (!parsed || (parsed.tag === null && digest === null)) return image.reference
  const tag = parsed.tag ?? `sha256-${shortDigest(digest ?? '')}`
  return formatReference({ ...parsed, tag, digest: null })
}

/**
 * Streams an image from its registry into an engine that cannot reach it, as `docker load` takes it: layers as they are, compressed,
 * each checked against its digest while it passes; nothing touches the disk here. Answers the manifest's or index's digest.
 * The registry's errors, DIGEST_MISMATCH, PLATFORM_MISSING, and what the engine says of the archive.
 */
export async function sendImage(options: SendOptions): Promise<string> {
  const { client, repository, image, signal } = options
  const reference = image.digest ?? image.tag ?? parseReference(image.reference)?.tag ?? 'latest'
  const root = await client.fetchManifest(repository, reference, { signal })
  const manifest = await manifestFor(options, root)
  const { bytes: config } = await client.fetchConfig(repository, manifest.config, { signal })
  const tell = new LayersTold(manifest.layers, options.report)
  const content = archive(options, manifest, config, tell)
  await loadArchive(options, Readable.from(content, { objectMode: false, highWaterMark: 1024 * 1024 }))
  return root.digest
}

/** Has an engine load a `docker save` archive while it is read. Fails with what the source fails with, or the engine's words. */
export async function loadArchive(
  { docker, signal, log, image }: Pick<SendOptions, 'docker' | 'signal' | 'log' | 'image'>,
  source: Readable,
): Promise<void> {
  const context: ErrorContext = { side: 'engine', reference: image.reference }
  const ending = new AbortController()
  let broken: Error | null = null
  const stop = (): void => ending.abort()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  source.on('error', (error) => {
    broken ??= error
    stop()
  })
  try {
    await runTransfer({
      open: (abortSignal) => docker.loadImage(source, { _query: { quiet: '1' }, abortSignal }),
      signal: ending.signal,
      context,
      // No account goes with it.
      veil: new Veil(),
      onMessage: () => undefined,
      onChunk: () => undefined,
      onLog: log,
    })
  } catch (thrown) {
    if (!signal.aborted && broken !== null) throw broken
    throw thrown
  } finally {
    signal.removeEventListener('abort', stop)
    source.destroy()
  }
}

async function* archive(
  { client, repository, image, signal }: SendOptions,
  manifest: Manifest,
  config: Buffer,
  tell: LayersTold,
): AsyncGenerator<Buffer> {
  const fileOf = ({ digest }: Pick<Descriptor, 'digest'>): string => digest.replace(/^[^:]+:/, '')
  const name = `${fileOf(manifest.config)}.json`
  yield* member(name, config)
  const written = new Set<string>()
  for (const layer of manifest.layers) {
    if (written.has(layer.digest)) continue
    written.add(layer.digest)
    yield header(`${fileOf(layer)}.tar`, layer.size)
    const content = await client.openBlob(repository, layer, { signal })
    for await (const chunk of content as AsyncIterable<Buffer>) {
      tell.passed(layer, chunk.length)
      yield chunk
    }
    tell.done(layer)
    yield padding(layer.size)
  }
  // Last, so that an archive that was cut off names no image.
  const Layers = manifest.layers.map((layer) => `${fileOf(layer)}.tar`)
  yield* member(
    'manifest.json',
    Buffer.from(JSON.stringify([{ Config: name, RepoTags: [sentName(image)], Layers }])),
  )
  yield end
}

function* member(name: string, bytes: Buffer): Generator<Buffer> {
  yield header(name, bytes.length)
  yield bytes
  yield padding(bytes.length)
}

type Root = Awaited<ReturnType<SendOptions['client']['fetchManifest']>>

async function manifestFor(
  { client, repository, platform, image, signal }: SendOptions,
  { content }: Root,
): Promise<Manifest> {
  if (content.kind === 'manifest') return content.manifest
  const entries = content.index.manifests.filter((entry) => !isAttestation(entry))
  const named = entries.map((entry) => ({
    entry,
    name: entry.platform ? plain(formatPlatform(entry.platform)) : '',
  }))
  const wanted = plain(platform)
  const found =
    named.find(({ name }) => name === wanted) ?? named.find(({ name }) => name.startsWith(`${wanted}/`))
  const context = { side: 'registry' as const, reference: image.reference }
  if (!found || !isDigest(found.entry.digest)) {
    const detail = `There is ${named.map(({ name }) => name).join(', ')}; the pool needs ${platform}.`
    throw new AppError('PLATFORM_MISSING', context, { detail })
  }
  const inner = await client.fetchManifest(repository, found.entry.digest, { signal })
  if (inner.content.kind === 'manifest') return inner.content.manifest
  throw new AppError('MANIFEST_INVALID', context, { detail: 'An index within an index.' })
}

/** arm64 has a single variant, v8, which is written or left out. */
const plain = (platform: string): string => platform.replace(/^(.*\/arm64)\/v8$/, '$1')

/** The progress of what is sent, told at every tenth of a second at most. */
class LayersTold {
  private readonly parts: Map<string, Part>
  private toldAt = 0

  constructor(
    layers: readonly Descriptor[],
    private readonly report: (progress: Progress) => void,
  ) {
    this.parts = new Map(
      layers.map(({ digest, size }) => [
        digest,
        { id: shortDigest(digest), state: 'waiting', completed: 0, total: size },
      ]),
    )
    this.tell()
  }

  passed({ digest }: Descriptor, bytes: number): void {
    const part = this.parts.get(digest)
    if (part) Object.assign(part, { state: 'active', completed: part.completed + bytes })
    if (performance.now() - this.toldAt > 100) this.tell()
  }

  done({ digest }: Descriptor): void {
    const part = this.parts.get(digest)
    if (part) part.state = 'done'
    this.tell()
  }

  private tell(): void {
    this.toldAt = performance.now()
    const parts = [...this.parts.values()].map((part) => ({ ...part }))
    const sum = (of: (part: Part) => number): number => parts.reduce((all, part) => all + of(part), 0)
    const completed = sum((part) => part.completed)
    this.report({ phase: 'copying', completed, total: sum(({ total }) => total ?? 0), parts })
  }
}
