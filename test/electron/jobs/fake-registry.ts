import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { AppError } from '@shared/error'
import { Index, Manifest, mediaTypes } from '@shared/oci'
import type { Client, RegistryAccess } from '../../../electron/jobs/registry-access'
import type { FetchedManifest, UploadSession } from '../../../electron/registry/client'

const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Waits until the signal is aborted, and fails as a request does then. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_done, fail) => {
    const stop = (): void => fail(new AppError('CANCELLED', { side: 'registry' }))
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
  })
}

/** A registry with one repository, in memory, as far as jobs use one; deletes manifests with all their tags. */
export class FakeRegistry implements Client {
  readonly tags = new Map<string, string>()
  readonly manifests = new Map<string, { mediaType: string; bytes: Buffer }>()
  readonly blobs = new Map<string, Buffer>()
  /** What happened to the registry, in order. */
  readonly writes: string[] = []
  deletion: 'digest' | 'tag' | 'off' = 'digest'
  /** Blobs of other repositories, which can be mounted from there. */
  readonly elsewhere = new Map<string, Map<string, Buffer>>()
  /** Bytes that uploads have brought, by their location; a journal's session goes on here. */
  readonly uploads = new Map<string, Buffer>()
  /** Bytes after which an upload stands still until it is aborted. */
  stallAfter: number | null = null
  /** The list of tags breaks off. */
  cut = false

  /** Puts an image under tags and answers its digest. */
  seed(config: object, ...tags: string[]): string {
    const bytes = Buffer.from(JSON.stringify(config))
    const digest = sha256(bytes)
    this.blobs.set(digest, bytes)
    const descriptor = { mediaType: mediaTypes.ociConfig, digest, size: bytes.length }
    return this.seedManifest(
      { schemaVersion: 2, config: descriptor, layers: [] },
      mediaTypes.ociManifest,
      ...tags,
    )
  }

  seedManifest(manifest: object, mediaType: string, ...tags: string[]): string {
    const bytes = Buffer.from(JSON.stringify(manifest))
    const digest = sha256(bytes)
    this.manifests.set(digest, { mediaType, bytes })
    for (const tag of tags) this.tags.set(tag, digest)
    return digest
  }

  access(report: RegistryAccess['report'] = () => undefined): RegistryAccess {
    return {
      client: () => this,
      host: () => 'registry.example.com',
      engineAuth: () => Promise.resolve(null),
      report,
    }
  }

  headManifest(
    _repository: string,
    reference: string,
  ): Promise<{ digest: string; mediaType: string; size: number }> {
    return this.answer(() => {
      const { digest, mediaType, bytes } = this.find(reference)
      return { digest, mediaType, size: bytes.length }
    })
  }

  fetchManifest(_repository: string, reference: string): Promise<FetchedManifest> {
    return this.answer(() => {
      const found = this.find(reference)
      const json: unknown = JSON.parse(found.bytes.toString())
      return {
        ...found,
        content:
          found.mediaType === mediaTypes.ociIndex
            ? { kind: 'index', index: Index.parse(json) }
            : { kind: 'manifest', manifest: Manifest.parse(json) },
      }
    })
  }

  fetchConfig: Client['fetchConfig'] = (_repository, { digest }) =>
    this.answer(() => {
      const bytes = this.blobs.get(digest)
      if (!bytes) throw new AppError('BLOB_UNKNOWN', { side: 'registry' })
      return { bytes, config: JSON.parse(bytes.toString()) as object }
    })

  async *listTags(): AsyncIterable<{ items: string[]; cut: boolean }> {
    const all = [...this.tags.keys()]
    yield await Promise.resolve({ items: all.slice(0, 2), cut: false })
    yield { items: all.slice(2), cut: this.cut }
  }

  putManifest(
    _repository: string,
    reference: string,
    manifest: { mediaType: string; bytes: Buffer },
  ): Promise<{ digest: string }> {
    return this.answer(() => {
      const digest = sha256(manifest.bytes)
      this.checkParts(manifest)
      this.manifests.set(digest, manifest)
      if (reference !== digest) this.tags.set(reference, digest)
      this.writes.push(`put ${reference === digest ? 'untagged' : reference}`)
      return { digest }
    })
  }

  uploadBlob(_repository: string, bytes: Buffer): Promise<{ digest: string; size: number }> {
    return this.answer(() => {
      this.blobs.set(sha256(bytes), bytes)
      return { digest: sha256(bytes), size: bytes.length }
    })
  }

  hasBlob(_repository: string, digest: string): Promise<boolean> {
    return this.answer(() => this.blobs.has(digest))
  }

  mountBlob(_repository: string, digest: string, from: string): Promise<'mounted' | UploadSession | null> {
    return this.answer(() => {
      const bytes = this.elsewhere.get(from)?.get(digest)
      if (!bytes) return null
      this.blobs.set(digest, bytes)
      this.writes.push(`mount from ${from}`)
      return 'mounted'
    })
  }

  uploadStream: Client['uploadStream'] = async (_repository, source, options = {}) => {
    const { signal, onSession, onBytes } = options
    const location = options.session?.location ?? `upload ${this.uploads.size}`
    let held = this.uploads.get(location) ?? Buffer.alloc(0)
    const from = held.length
    onSession?.({ location, offset: from })
    for await (const chunk of await source.open(from)) {
      if (this.stallAfter !== null && held.length >= this.stallAfter) await aborted(signal)
      if (signal?.aborted) throw new AppError('CANCELLED', { side: 'registry' })
      held = Buffer.concat([held, chunk as Buffer])
      this.uploads.set(location, held)
      onSession?.({ location, offset: held.length })
      onBytes?.(held.length)
    }
    const digest = source.digest ?? (await source.finished?.())?.digest
    if (digest !== sha256(held)) throw new AppError('DIGEST_INVALID', { side: 'registry' })
    this.uploads.delete(location)
    this.blobs.set(digest, held)
    this.writes.push(from === 0 ? 'upload' : `upload from ${from}`)
    return { digest, size: held.length, sent: held.length - from }
  }

  abortUpload(session: UploadSession): Promise<void> {
    return this.answer(() => {
      this.uploads.delete(session.location)
      this.writes.push('abort upload')
    })
  }

  openBlob: Client['openBlob'] = (_repository, { digest }) =>
    this.answer(() => {
      const bytes = this.blobs.get(digest)
      if (!bytes) throw new AppError('BLOB_UNKNOWN', { side: 'registry' })
      return Readable.from([bytes])
    })

  listReferrers: Client['listReferrers'] = () => this.answer(() => [])

  deleteManifest(_repository: string, digest: string): Promise<void> {
    return this.answer(() => {
      if (this.deletion === 'off') throw new AppError('DELETE_DISABLED', { side: 'registry' })
      if (!this.manifests.delete(digest)) throw new AppError('MANIFEST_UNKNOWN', { side: 'registry' })
      const gone = [...this.tags].filter(([, named]) => named === digest).map(([tag]) => tag)
      for (const tag of gone) this.tags.delete(tag)
      this.writes.push(`delete ${gone.join(' ') || 'untagged'}`)
    })
  }

  deleteTag(_repository: string, tag: string): Promise<'deleted' | 'unsupported'> {
    return this.answer(() => {
      if (this.deletion !== 'tag') return 'unsupported'
      this.tags.delete(tag)
      this.writes.push(`delete tag ${tag}`)
      return 'deleted'
    })
  }

  /** A registry takes nothing whose parts it does not have. */
  private checkParts({ bytes }: { bytes: Buffer }): void {
    const {
      config,
      layers = [],
      manifests = [],
    } = JSON.parse(bytes.toString()) as {
      config?: { digest: string }
      layers?: { digest: string }[]
      manifests?: { digest: string }[]
    }
    const blobs = [...(config ? [config] : []), ...layers]
    if (
      blobs.every(({ digest }) => this.blobs.has(digest)) &&
      manifests.every(({ digest }) => this.manifests.has(digest))
    )
      return
    throw new AppError('MANIFEST_BLOB_UNKNOWN', { side: 'registry' })
  }

  private find(reference: string): { digest: string; mediaType: string; bytes: Buffer } {
    const digest = this.tags.get(reference) ?? reference
    const manifest = this.manifests.get(digest)
    if (!manifest) throw new AppError('MANIFEST_UNKNOWN', { side: 'registry' })
    return { digest, ...manifest }
  }

  /** Answers or rejects as a request would, never by throwing at once. */
  private async answer<T>(work: () => T): Promise<T> {
    await Promise.resolve()
    return work()
  }
}
