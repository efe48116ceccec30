import { createHash } from 'node:crypto'
import { AppError } from '@shared/error'
import { Index, Manifest, mediaTypes } from '@shared/oci'
import type { Client, RegistryAccess } from '../../../electron/jobs/registry-access'
import type { FetchedManifest } from '../../../electron/registry/client'

const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** A registry with one repository, in memory, as far as jobs use one; deletes manifests with all their tags. */
export class FakeRegistry implements Client {
  readonly tags = new Map<string, string>()
  readonly manifests = new Map<string, { mediaType: string; bytes: Buffer }>()
  readonly blobs = new Map<string, Buffer>()
  /** What happened to the registry, in order. */
  readonly writes: string[] = []
  deletion: 'digest' | 'tag' | 'off' = 'digest'
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
