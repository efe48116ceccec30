import type { Readable } from 'node:stream'
import type { Config, Descriptor } from '@shared/oci'
import type { Log } from '../log'
import { Authorizer } from './authorizer'
import { fetchConfig, hasBlob } from './blob'
import type { BlobSource } from './blob-feed'
import { type BlobStreamOptions, openBlob } from './blob-stream'
import { Carrier } from './carrier'
import { listRepositories } from './catalog'
import { deleteManifest, deleteTag } from './delete'
import { baseUrl, type Credential, type RegistryEndpoint, type RequestOptions } from './endpoint'
import { Limit } from './limit'
import { type FetchedManifest, fetchManifest, headManifest, type ManifestHead, putManifest } from './manifest'
import type { Page } from './pages'
import { ping } from './ping'
import { listReferrers } from './referrers'
import { type ProxyFor, proxyFromEnvironment } from './proxy'
import { Session } from './session'
import { listTags } from './tags'
import { defaultTiming, type Timing } from './timing'
import { Transport } from './transport'
import { tlsTrustOf } from './trust'
import { type UploadedBlob, uploadBlob } from './upload'
import { abortUpload, mountBlob, type UploadSession } from './upload-session'
import type { StreamedBlob, UploadStreamOptions } from './upload-options'
import { UploadStream } from './upload-stream'
import { Veil } from '../veil'

export type {
  BlobSource,
  BlobStreamOptions,
  Credential,
  FetchedManifest,
  ManifestHead,
  Page,
  RegistryEndpoint,
  RequestOptions,
  StreamedBlob,
  UploadedBlob,
  UploadSession,
  UploadStreamOptions,
}

export interface RegistryClientOptions {
  endpoint: RegistryEndpoint
  /** Asked only when a challenge wants it; null = anonymous. */
  resolveCredential: () => Promise<Credential | null>
  confirmedRealms: () => readonly string[]
  log: Log
  /** How a URL is reached; by the environment's HTTP(S)_PROXY and NO_PROXY when not given. */
  proxyFor?: ProxyFor
  timing?: Partial<Timing>
}

/** Requests of one client at once. More sockets bring little: the registry and its disks are the bound then. */
const places = 16
/** Blobs that are sent at once. They are long, and take none of the places, so that browsing goes on beside them. */
const transfers = 4

/** One registry as one account sees it: the facade of this folder. Every rejection is an AppError that names the host. */
export class RegistryClient {
  private readonly closing = new AbortController()
  private readonly limit = new Limit(places)
  private readonly transport: Transport
  private readonly authorizer: Authorizer
  private readonly session: Session
  private readonly transfers = new Limit(transfers)
  private readonly timing: Timing
  private readonly log: Log
  private readonly veil = new Veil()

  constructor(options: RegistryClientOptions) {
    const { endpoint, resolveCredential, confirmedRealms, log } = options
    const timing = { ...defaultTiming, ...options.timing }
    const registry = baseUrl(endpoint)
    const closing = this.closing.signal
    const { veil } = this
    this.log = log
    this.timing = timing
    this.transport = new Transport({
      tls: tlsTrustOf(endpoint.trust),
      proxyFor: options.proxyFor ?? proxyFromEnvironment(process.env),
      timing,
      veil,
    })
    const carrier = new Carrier(this.transport, timing, log)
    this.authorizer = new Authorizer({
      ...{ registry, carrier, timing, resolveCredential, confirmedRealms, log, veil, closing },
    })
    const { limit, authorizer } = this
    this.session = new Session({ registry, carrier, authorizer, limit, timing, veil, closing })
  }

  /** `/v2/` answers, and the account (if any) is accepted. NOT_A_REGISTRY, UNAUTHORIZED. */
  async ping(options?: RequestOptions): Promise<void> {
    await ping(this.session, options)
    // A registry that lets nobody in has not looked at the account yet.
    if (this.authorizer.challenged || !(await this.authorizer.hasAccount())) return
    await ping(this.session, options, 'account')
  }

  /** The repositories, page by page. LISTING_UNSUPPORTED where the registry does not list. */
  listRepositories(options?: RequestOptions & { pageSize?: number }): AsyncIterable<Page> {
    return listRepositories(this.session, this.log, options)
  }

  /** A repository's tags, page by page. NAME_UNKNOWN. */
  listTags(repository: string, options?: RequestOptions): AsyncIterable<Page> {
    return listTags(this.session, this.log, repository, options)
  }

  headManifest(repository: string, reference: string, options?: RequestOptions): Promise<ManifestHead> {
    return headManifest(this.session, repository, reference, options)
  }

  fetchManifest(repository: string, reference: string, options?: RequestOptions): Promise<FetchedManifest> {
    return fetchManifest(this.session, repository, reference, options)
  }

  fetchConfig(
    repository: string,
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    options?: RequestOptions,
  ): Promise<{ bytes: Buffer; config: Config }> {
    return fetchConfig(this.session, repository, descriptor, options)
  }

  putManifest(
    repository: string,
    reference: string,
    manifest: { mediaType: string; bytes: Buffer },
    options?: RequestOptions,
  ): Promise<{ digest: string; subject?: boolean }> {
    return putManifest(this.session, this.timing, repository, reference, manifest, options)
  }

  /** Sends a small blob, unless it is there already. */
  uploadBlob(repository: string, bytes: Buffer, options?: RequestOptions): Promise<UploadedBlob> {
    return uploadBlob(this.session, repository, bytes, options)
  }

  /** Whether a repository holds a blob, as somebody who may want to send it. */
  hasBlob(repository: string, digest: string, options?: RequestOptions): Promise<boolean> {
    return hasBlob(this.session, repository, digest, options, 'push')
  }

  /** `mounted`, or the session that the registry opened instead, or null where it refuses. */
  async mountBlob(
    repository: string,
    digest: string,
    fromRepository: string,
    options?: RequestOptions,
  ): Promise<'mounted' | UploadSession | null> {
    const opened = await mountBlob(this.session, repository, digest, fromRepository, options)
    if (opened === null || opened === 'mounted' || this.mayKeep(opened)) return opened
    await abortUpload(this.session, opened, options).catch(() => undefined) // It ends by itself some time.
    return null
  }

  /**
   * Sends a blob in chunks, at most four of a client at once, and goes on from `options.session` where one is given. A session
   * whose address says a secret back is told as none: it is not to be written down, and the next run begins anew.
   */
  uploadStream(
    repository: string,
    source: BlobSource,
    options: UploadStreamOptions = {},
  ): Promise<StreamedBlob> {
    const onSession = (now: UploadSession | null): void =>
      options.onSession?.(now && this.mayKeep(now) ? now : null)
    const upload = new UploadStream(this.session, this.timing, repository, source, { ...options, onSession })
    return this.transfers.run(() => upload.run(), 0, options.signal)
  }

  /** Takes an upload away that is not wanted any more. */
  abortUpload(session: UploadSession, options?: RequestOptions): Promise<void> {
    return abortUpload(this.session, session, options)
  }

  /** A blob as a stream, hashed while it is read from its first byte on. */
  openBlob(
    repository: string,
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    options?: BlobStreamOptions,
  ): Promise<Readable> {
    return openBlob(this.session, this.timing, repository, descriptor, options)
  }

  /** What refers to a manifest: signatures, SBOMs and the like; none where nothing does. */
  listReferrers(repository: string, digest: string, options?: RequestOptions): Promise<Descriptor[]> {
    return listReferrers(this.session, this.log, repository, digest, options)
  }

  deleteManifest(repository: string, digest: string, options?: RequestOptions): Promise<void> {
    return deleteManifest(this.session, repository, digest, options)
  }

  deleteTag(repository: string, tag: string, options?: RequestOptions): Promise<'deleted' | 'unsupported'> {
    return deleteTag(this.session, repository, tag, options)
  }

  private mayKeep({ location }: UploadSession): boolean {
    return !this.veil.holds(location)
  }

  /** Ends what runs and what waits with CANCELLED, and closes the sockets. */
  close(): void {
    this.closing.abort()
    this.limit.close()
    this.transfers.close()
    this.transport.close()
  }
}
