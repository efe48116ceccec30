import type { ArchiveLayer } from '../archive/archive'
import { compressionOf } from '../archive/decompress'
import type { SentLayer } from '../archive/docker-manifest'
import type { BlobSource, UploadSession } from '../registry/client'
import { keyOfLayer } from './archive-listing'
import { compressorName, CompressedSource, hashLayer, plainSource } from './layer-source'
import type { PartList } from './part-list'
import { askAnew, type Client, type Place, type RegistryAccess } from './registry-access'
import type { SentBlob, UploadJournal } from './upload-journal'

/** What was seen at registries before. */
export interface KnownBlobs {
  /** The layers that a registry (or one repository of it) holds, by diff ID. */
  knownDiffIds(registryId: string, repository?: string): ReadonlyMap<string, SentBlob>
  /** The repositories of a registry that were seen to hold a blob. */
  repositoriesWithBlob(registryId: string, digest: string): string[]
  /** Notes layers that a repository holds. */
  addLayers(registryId: string, repository: string, layers: readonly (SentBlob & { diffId: string })[]): void
}

export interface LayerSenderParts {
  registries: RegistryAccess
  known: KnownBlobs
  uploads: UploadJournal
}

/** Repositories that are asked for a mount before a layer is sent after all. */
const mostMounts = 3

/** Brings one layer after the other into a repository, each in the cheapest way: it is there, it is mounted, it is sent. */
export class LayerSender {
  private readonly seen: ReadonlyMap<string, SentBlob>
  private readonly seenHere: ReadonlyMap<string, SentBlob>

  constructor(
    private readonly parts: LayerSenderParts,
    private readonly place: Place,
    private readonly jobId: string,
    private readonly list: PartList,
  ) {
    const { registryId, repository } = place
    this.seen = parts.known.knownDiffIds(registryId)
    this.seenHere = parts.known.knownDiffIds(registryId, repository)
  }

  /** Adds the layer to the parts, with what an earlier run has sent of it. */
  announce(layer: ArchiveLayer): void {
    const blob = blobNameOf(layer)
    const sent = this.parts.uploads.session(this.jobId, blob)?.offset ?? 0
    const total = layer.descriptor?.size ?? this.compressedBefore(layer)?.size ?? layer.rawSize
    this.list.set({ id: idOf(layer), state: 'waiting', completed: Math.min(sent, total), total })
  }

  /** Answers the blob that the repository has afterwards. Fails as the registry and the archive do, CANCELLED by the signal. */
  async send(layer: ArchiveLayer, signal: AbortSignal): Promise<SentLayer> {
    try {
      const sent = await this.bring(layer, signal)
      this.remember(layer, sent)
      return sent
    } catch (thrown) {
      this.list.change(idOf(layer), { state: signal.aborted ? 'waiting' : 'failed' })
      throw thrown
    }
  }

  /** Browsing reads one platform of an index; the layers of the others are known from here on, to be mounted elsewhere. */
  private remember({ diffId }: ArchiveLayer, { digest, size }: SentBlob): void {
    if (diffId === null) return
    const { registryId, repository } = this.place
    this.parts.known.addLayers(registryId, repository, [{ diffId, digest, size }])
  }

  private async bring(layer: ArchiveLayer, signal: AbortSignal): Promise<SentLayer> {
    const { descriptor, compression } = layer
    if (descriptor) {
      const blob = { digest: descriptor.digest, size: descriptor.size }
      const found = await this.find(layer, blob, signal)
      if (!found.there) await this.upload(layer, plainSource(layer, blob), found.session, signal)
      return { ...blob, compression }
    }
    if (compression !== 'none') {
      // A digest that nothing tells: a pass over the disk is cheaper than sending what is there.
      const blob = await hashLayer(layer, signal)
      const found = await this.find(layer, blob, signal)
      if (!found.there) await this.upload(layer, plainSource(layer, blob), found.session, signal)
      return { ...blob, compression }
    }
    return this.bringCompressed(layer, signal)
  }

  private async bringCompressed(layer: ArchiveLayer, signal: AbortSignal): Promise<SentLayer> {
    const before = this.compressedBefore(layer)
    let session: UploadSession | null = null
    if (before) {
      const found = await this.find(layer, before, signal)
      if (found.there) return { ...before, compression: 'gzip' }
      session = found.session
    }
    const diffId = layer.diffId ?? ''
    const seen = this.seenHere.get(diffId) ?? this.seen.get(diffId)
    if (seen && seen.digest !== before?.digest) {
      const blob = { digest: seen.digest, size: seen.size }
      const found = await this.find(layer, blob, signal, session === null)
      if (found.there) return { ...blob, compression: await this.compressionAt(blob, signal) }
      session ??= found.session
    }
    const source = new CompressedSource(layer, before, signal)
    const blob = await this.upload(layer, source, session, signal)
    this.parts.uploads.noteCompressed(diffId, compressorName, blob)
    return { ...blob, compression: 'gzip' }
  }

  private compressedBefore({ descriptor, compression, diffId }: ArchiveLayer): SentBlob | null {
    if (descriptor || compression !== 'none' || diffId === null) return null
    return this.parts.uploads.compressed(diffId, compressorName)
  }

  /** Whether the repository has the blob, or gets it from another one; else perhaps a session that the registry opened. */
  private async find(
    layer: ArchiveLayer,
    { digest, size }: SentBlob,
    signal: AbortSignal,
    mayMount = true,
  ): Promise<{ there: boolean; session: UploadSession | null }> {
    const { registryId, repository } = this.place
    const id = idOf(layer)
    const there = (state: 'exists' | 'mounted'): { there: boolean; session: null } => {
      this.list.change(id, { total: size })
      this.list.there(id, state)
      this.parts.uploads.note(this.jobId, blobNameOf(layer), null)
      return { there: true, session: null }
    }
    if (await this.ask(signal, (client) => client.hasBlob(repository, digest, { signal })))
      return there('exists')
    const begun = this.parts.uploads.session(this.jobId, blobNameOf(layer))
    if (begun || !mayMount) return { there: false, session: begun }
    const others = this.parts.known.repositoriesWithBlob(registryId, digest)
    for (const other of others.filter((name) => name !== repository).slice(0, mostMounts)) {
      const mounted = await this.ask(signal, (client) =>
        client.mountBlob(repository, digest, other, { signal }),
      )
      if (mounted === 'mounted') return there('mounted')
      if (mounted !== null) return { there: false, session: mounted }
    }
    return { there: false, session: null }
  }

  private async upload(
    layer: ArchiveLayer,
    source: BlobSource,
    session: UploadSession | null,
    signal: AbortSignal,
  ): Promise<SentBlob> {
    const { uploads } = this.parts
    const id = idOf(layer)
    const blob = blobNameOf(layer)
    const total = (): number =>
      source.size ?? (source instanceof CompressedSource ? source.expected : layer.rawSize)
    if (session) uploads.note(this.jobId, blob, session)
    this.list.change(id, { state: 'active' })
    const { digest, size } = await this.ask(signal, (client) =>
      client.uploadStream(this.place.repository, source, {
        signal,
        session: uploads.session(this.jobId, blob),
        onSession: (now) => uploads.note(this.jobId, blob, now),
        onBytes: (offset) => {
          this.list.change(id, { state: 'active', completed: offset, total: Math.max(offset, total()) })
        },
      }),
    )
    uploads.note(this.jobId, blob, null)
    this.list.change(id, { state: 'done', completed: size, total: size })
    return { digest, size }
  }

  /** How a blob is compressed that somebody else has sent, by its first bytes: its media type has to say it. */
  private async compressionAt(
    { digest, size }: SentBlob,
    signal: AbortSignal,
  ): Promise<SentLayer['compression']> {
    return this.ask(signal, async (client) => {
      const stream = await client.openBlob(this.place.repository, { digest, size }, { signal })
      for await (const chunk of stream as AsyncIterable<Buffer>) return compressionOf(chunk) ?? 'gzip'
      return 'gzip'
    })
  }

  private ask<T>(signal: AbortSignal, request: (client: Client) => Promise<T>): Promise<T> {
    return askAnew(this.parts.registries, this.place, signal, request)
  }
}

/** As docker shortens IDs. */
function idOf(layer: ArchiveLayer): string {
  return keyOfLayer(layer)
    .replace(/^sha\d+:/, '')
    .slice(0, 12)
}

/** What the bytes that are sent depend on: a session that was begun with others cannot go on. */
function blobNameOf(layer: ArchiveLayer): string {
  if (layer.descriptor) return layer.descriptor.digest
  return layer.compression === 'none'
    ? `${compressorName} ${layer.diffId ?? ''}`
    : `as it is ${layer.diffId ?? ''}`
}
