import { AppError, toAppError } from '@shared/error'
import { isAttestation } from '@shared/oci'
import type { ArchiveDocument, ArchiveLayer, ArchiveNode, ArchiveRoot } from '../archive/archive'
import { assembleManifest, type SentLayer } from '../archive/docker-manifest'
import { keyOfLayer, layersOf } from './archive-listing'
import { LayerSender, type LayerSenderParts } from './layer-sender'
import { inParallel } from './parallel'
import type { PartList } from './part-list'
import { ask, digestOf, type Place, type RegistryAccess } from './registry-access'
import type { Target } from './target'

/** Layers that are read, compressed and sent at a time. */
const layersAtOnce = 4
const documentsAtOnce = 8

/**
 * What of an image can go up: an index whose entries the archive leaves out (an engine saves only the platforms that it has)
 * goes whole where the repository has the others, and else its one platform goes alone. ARCHIVE_INVALID otherwise.
 */
export async function sendableRoot(
  registries: RegistryAccess,
  place: Place,
  root: ArchiveRoot,
  signal?: AbortSignal,
): Promise<ArchiveRoot> {
  if (root.kind !== 'index' || root.missing.length === 0) return root
  const found = await ask(registries, place, (client) =>
    Promise.all(root.missing.map(({ digest }) => digestOf(client, place.repository, digest, { signal }))),
  )
  if (!found.includes(null)) return root
  const images = root.children.filter((child) => !isAttestation(child.descriptor))
  const [only] = images
  if (images.length === 1 && only) return sendableRoot(registries, place, only, signal)
  const detail = `The index names ${root.missing.length} images that are not in the archive.`
  throw new AppError('ARCHIVE_INVALID', { side: 'archive', digest: root.descriptor.digest }, { detail })
}

/** Sends an image of an archive: its layers and configs side by side, manifests from below, and the tag last. */
export class ImageSender {
  private readonly layers: Map<string, ArchiveLayer>
  private readonly sender: LayerSender
  private readonly sent = new Map<string, SentLayer>()

  constructor(
    private readonly parts: LayerSenderParts,
    private readonly target: Target,
    private readonly root: ArchiveRoot,
    private readonly job: { id: string; list: PartList; signal: AbortSignal },
  ) {
    this.layers = layersOf(root)
    this.sender = new LayerSender(parts, target, job.id, job.list)
  }

  /** Answers the digest that the tag has then. */
  async run(): Promise<string> {
    const layers = [...this.layers.values()].filter(({ present }) => present)
    for (const layer of layers) this.sender.announce(layer)
    this.job.list.to('pushing')
    try {
      return await this.once(layers)
    } catch (thrown) {
      const { code } = toAppError(thrown)
      if (code !== 'MANIFEST_BLOB_UNKNOWN') throw thrown
      // It was there when it was asked for, and is not any more: what is missing now is sent.
      return this.once(layers)
    }
  }

  private async once(layers: readonly ArchiveLayer[]): Promise<string> {
    // The largest first, so that none of them is what all wait for at the end.
    const ordered = [...layers].sort((a, b) => b.rawSize - a.rawSize)
    const configs = new Map(configsOf(this.root).map((config) => [config.descriptor.digest, config]))
    type Work = (signal: AbortSignal) => Promise<unknown>
    const sendConfigs = [...configs.values()].map(
      ({ bytes }): Work =>
        (signal) =>
          this.ask((client) => client.uploadBlob(this.target.repository, bytes, { signal })),
    )
    const sendLayers = ordered.map((layer): Work => async (signal) => {
      this.sent.set(keyOfLayer(layer), await this.sender.send(layer, signal))
    })
    // The configs are small, and go while the first layers are still being compressed.
    const works = [
      ...sendLayers.slice(0, layersAtOnce - 1),
      ...sendConfigs,
      ...sendLayers.slice(layersAtOnce - 1),
    ]
    await inParallel(works, layersAtOnce, this.job.signal, async (work, signal) => void (await work(signal)))
    if (this.root.kind !== 'docker-image') {
      await this.putBelow(this.root)
      return this.put(this.target.tag, this.root)
    }
    const layersOfIt = this.root.layers.map((layer) => this.sentAs(layer))
    return this.put(this.target.tag, assembleManifest(this.root.config, layersOfIt))
  }

  /** Every manifest below an index, an index after its children. */
  private async putBelow(node: ArchiveNode, put = new Set<string>()): Promise<void> {
    if (node.kind === 'manifest') return
    for (const child of node.children) await this.putBelow(child, put)
    const fresh = node.children.filter(({ descriptor }) => !put.has(descriptor.digest))
    for (const { descriptor } of fresh) put.add(descriptor.digest)
    const once = new Map(fresh.map((child) => [child.descriptor.digest, child]))
    await inParallel(once, documentsAtOnce, this.job.signal, async ([digest, child]) => {
      await this.put(digest, child)
    })
  }

  private put(reference: string, { descriptor, bytes }: ArchiveDocument): Promise<string> {
    const { signal } = this.job
    const manifest = { mediaType: descriptor.mediaType, bytes }
    return this.ask(async (client) => {
      return (await client.putManifest(this.target.repository, reference, manifest, { signal })).digest
    })
  }

  private sentAs(layer: ArchiveLayer): SentLayer {
    const sent = this.sent.get(keyOfLayer(layer))
    if (!sent) throw new AppError('INTERNAL', { side: 'program' }, { detail: 'a layer was left out' })
    return sent
  }

  private async ask<T>(request: Parameters<typeof ask<T>>[2]): Promise<T> {
    return ask(this.parts.registries, this.target, request)
  }
}

function configsOf(root: ArchiveRoot): ArchiveDocument[] {
  return root.kind === 'index' ? root.children.flatMap(configsOf) : [root.config]
}
