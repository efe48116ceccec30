/** A registry in memory: what the readers ask of a client, with counts, gates and faults. */
import { createHash } from 'node:crypto'
import { AppError, type ErrorCode } from '@shared/error'
import {
  mediaTypes,
  type Config,
  type Descriptor,
  type Index,
  type Manifest,
  type Platform,
} from '@shared/oci'
import type { BrowseClient } from '../../../electron/browse/registry-access'

type Content = { kind: 'manifest'; manifest: Manifest } | { kind: 'index'; index: Index }
interface Stored {
  digest: string
  mediaType: string
  bytes: Buffer
  content: Content
}

export const digestOf = (bytes: Buffer | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export interface ImageShape {
  created?: string
  labels?: Record<string, string>
  platform?: Platform
  layers?: number[]
  annotations?: Record<string, string>
}

export class FakeRegistry implements BrowseClient {
  readonly repositories = new Map<string, Map<string, string>>()
  readonly requests: string[] = []
  /** Pages of the catalog; null: everything in one. */
  pageSize = 1000
  listing: 'whole' | 'cut' | ErrorCode = 'whole'
  /** Thrown by every request. */
  down: ErrorCode | null = null
  /** Requests that match wait until `open` is called. */
  private gates: { pattern: RegExp; opened: Promise<void>; open: () => void }[] = []
  private readonly faults = new Map<string, ErrorCode>()
  private readonly manifests = new Map<string, Stored>()
  private readonly configs = new Map<string, { bytes: Buffer; config: Config }>()

  count(prefix: string): number {
    return this.requests.filter((request) => request.startsWith(prefix)).length
  }

  /** Holds back requests (`GET library/app v1`) until the returned function is called. */
  hold(pattern: RegExp): () => void {
    let open = (): void => undefined
    const opened = new Promise<void>((resolve) => (open = resolve))
    this.gates.push({ pattern, opened, open })
    return () => {
      this.gates = this.gates.filter((gate) => gate.opened !== opened)
      open()
    }
  }

  fail(request: string, code: ErrorCode | null): void {
    if (code) this.faults.set(request, code)
    else this.faults.delete(request)
  }

  tag(repository: string, tag: string, digest: string): void {
    const tags = this.repositories.get(repository) ?? new Map<string, string>()
    this.repositories.set(repository, tags.set(tag, digest))
  }

  untag(repository: string, tag: string): void {
    this.repositories.get(repository)?.delete(tag)
  }

  remove(digest: string): void {
    this.manifests.delete(digest)
  }

  image(shape: ImageShape = {}): Descriptor {
    const platform = shape.platform ?? { os: 'linux', architecture: 'amd64' }
    const layers = (shape.layers ?? [100]).map((size, index) => this.layer(`${size} ${index}`, size))
    const config: Config = {
      ...platform,
      created: shape.created,
      config: { Labels: shape.labels, Cmd: ['serve'], Env: ['A=1=2'] },
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => digestOf(`diff ${layer.digest}`)) },
      history: layers.map((_layer, index) => ({ created_by: `RUN /bin/sh -c step ${index} # buildkit` })),
    }
    const configBytes = Buffer.from(JSON.stringify(config))
    this.configs.set(digestOf(configBytes), { bytes: configBytes, config })
    return this.manifest({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: digestOf(configBytes), size: configBytes.length },
      layers,
      annotations: shape.annotations,
    })
  }

  artifact(mediaType: string): Descriptor {
    return this.manifest({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      artifactType: mediaType,
      config: { mediaType: mediaTypes.ociEmpty, digest: digestOf('{}'), size: 2 },
      layers: [
        { ...this.layer('chart', 77), annotations: { 'org.opencontainers.image.title': 'chart.tgz' } },
      ],
    })
  }

  attestation(): Descriptor {
    const manifest = this.manifest({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: digestOf('attested'), size: 8 },
      layers: [{ ...this.layer('provenance', 55), mediaType: 'application/vnd.in-toto+json' }],
    })
    return {
      ...manifest,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    }
  }

  index(manifests: Descriptor[], annotations?: Record<string, string>): Descriptor {
    const index: Index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests, annotations }
    return this.store(mediaTypes.ociIndex, { kind: 'index', index }, index)
  }

  manifest(manifest: Manifest): Descriptor {
    return this.store(mediaTypes.ociManifest, { kind: 'manifest', manifest }, manifest)
  }

  async ping(): Promise<void> {
    await this.ask('PING')
  }

  async *listRepositories(options?: {
    signal?: AbortSignal
  }): AsyncGenerator<{ items: string[]; cut: boolean }> {
    const names = [...this.repositories.keys()].sort()
    for (let from = 0; from === 0 || from < names.length; from += this.pageSize) {
      await this.ask(`CATALOG ${from / this.pageSize}`, options?.signal)
      if (this.listing !== 'whole' && this.listing !== 'cut') throw new AppError(this.listing)
      const isLast = from + this.pageSize >= names.length
      yield { items: names.slice(from, from + this.pageSize), cut: isLast && this.listing === 'cut' }
    }
  }

  async *listTags(
    repository: string,
    options?: { signal?: AbortSignal },
  ): AsyncGenerator<{ items: string[]; cut: boolean }> {
    const tags = this.repositories.get(repository)
    for (let from = 0; from === 0 || from < (tags?.size ?? 0); from += this.pageSize) {
      await this.ask(`TAGS ${repository} ${from / this.pageSize}`, options?.signal)
      if (!tags) throw new AppError('NAME_UNKNOWN', { repository })
      yield { items: [...tags.keys()].sort().slice(from, from + this.pageSize), cut: false }
    }
  }

  async headManifest(
    repository: string,
    reference: string,
    options?: { signal?: AbortSignal },
  ): Promise<{ digest: string; mediaType: string; size: number | null }> {
    await this.ask(`HEAD ${repository} ${reference}`, options?.signal)
    const { digest, mediaType, bytes } = this.find(repository, reference)
    return { digest, mediaType, size: bytes.length }
  }

  async fetchManifest(
    repository: string,
    reference: string,
    options?: { signal?: AbortSignal },
  ): Promise<Stored> {
    await this.ask(`GET ${repository} ${reference}`, options?.signal)
    return this.find(repository, reference)
  }

  async fetchConfig(
    repository: string,
    descriptor: Descriptor,
    options?: { signal?: AbortSignal },
  ): Promise<{ bytes: Buffer; config: Config }> {
    await this.ask(`CONFIG ${repository} ${descriptor.digest}`, options?.signal)
    const config = this.configs.get(descriptor.digest)
    if (!config) throw new AppError('BLOB_UNKNOWN', { digest: descriptor.digest })
    return config
  }

  private async ask(request: string, signal?: AbortSignal): Promise<void> {
    this.requests.push(request)
    await new Promise((resolve) => setImmediate(resolve))
    const gate = this.gates.find(({ pattern }) => pattern.test(request))
    if (gate && !signal?.aborted) {
      await Promise.race([gate.opened, new Promise((resolve) => signal?.addEventListener('abort', resolve))])
    }
    if (signal?.aborted) throw new AppError('CANCELLED')
    const code = this.down ?? this.faults.get(request)
    if (code) throw new AppError(code, { side: 'registry' })
  }

  private find(repository: string, reference: string): Stored {
    const digest = reference.startsWith('sha256:')
      ? reference
      : this.repositories.get(repository)?.get(reference)
    const stored = digest === undefined ? undefined : this.manifests.get(digest)
    if (!stored) throw new AppError('MANIFEST_UNKNOWN', { repository, reference })
    return stored
  }

  private layer(seed: string, size: number): Descriptor {
    return { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf(seed), size }
  }

  private store(mediaType: string, content: Content, json: Manifest | Index): Descriptor {
    const bytes = Buffer.from(JSON.stringify(json))
    const digest = digestOf(bytes)
    this.manifests.set(digest, { digest, mediaType, bytes, content })
    const platform = content.kind === 'manifest' ? this.platformOf(content.manifest) : undefined
    return { mediaType, digest, size: bytes.length, ...(platform ? { platform } : {}) }
  }

  private platformOf(manifest: Manifest): Platform | undefined {
    const config = this.configs.get(manifest.config.digest)?.config
    return config?.os && config.architecture
      ? { os: config.os, architecture: config.architecture }
      : undefined
  }
}
