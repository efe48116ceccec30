import type { Config, Descriptor } from '@shared/oci'
import type { Log } from '../log'
import { Authorizer } from './authorizer'
import { fetchConfig } from './blob'
import { Carrier } from './carrier'
import { listRepositories } from './catalog'
import { deleteManifest, deleteTag } from './delete'
import { baseUrl, type Credential, type RegistryEndpoint, type RequestOptions } from './endpoint'
import { Limit } from './limit'
import { type FetchedManifest, fetchManifest, headManifest, type ManifestHead, putManifest } from './manifest'
import type { Page } from './pages'
import { ping } from './ping'
import { type ProxyFor, proxyFromEnvironment } from './proxy'
import { Session } from './session'
import { listTags } from './tags'
import { defaultTiming, type Timing } from './timing'
import { Transport } from './transport'
import { tlsTrustOf } from './trust'
import { type UploadedBlob, uploadBlob } from './upload'

export type {
  Credential,
  FetchedManifest,
  ManifestHead,
  Page,
  RegistryEndpoint,
  RequestOptions,
  UploadedBlob,
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

/** One registry as one account sees it: the facade of this folder. Every rejection is an AppError that names the host. */
export class RegistryClient {
  private readonly closing = new AbortController()
  private readonly limit = new Limit(places)
  private readonly transport: Transport
  private readonly authorizer: Authorizer
  private readonly session: Session
  private readonly log: Log

  constructor(options: RegistryClientOptions) {
    const { endpoint, resolveCredential, confirmedRealms, log } = options
    const timing = { ...defaultTiming, ...options.timing }
    const registry = baseUrl(endpoint)
    const closing = this.closing.signal
    this.log = log
    this.transport = new Transport({
      tls: tlsTrustOf(endpoint.trust),
      proxyFor: options.proxyFor ?? proxyFromEnvironment(process.env),
      timing,
    })
    const carrier = new Carrier(this.transport, timing, log)
    this.authorizer = new Authorizer({
      ...{ registry, carrier, timing, resolveCredential, confirmedRealms, log, closing },
    })
    const { limit, authorizer } = this
    this.session = new Session({ registry, carrier, authorizer, limit, timing, closing })
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
  ): Promise<{ digest: string }> {
    return putManifest(this.session, repository, reference, manifest, options)
  }

  /** Sends a small blob, unless it is there already. */
  uploadBlob(repository: string, bytes: Buffer, options?: RequestOptions): Promise<UploadedBlob> {
    return uploadBlob(this.session, repository, bytes, options)
  }

  deleteManifest(repository: string, digest: string, options?: RequestOptions): Promise<void> {
    return deleteManifest(this.session, repository, digest, options)
  }

  deleteTag(repository: string, tag: string, options?: RequestOptions): Promise<'deleted' | 'unsupported'> {
    return deleteTag(this.session, repository, tag, options)
  }

  /** Ends what runs and what waits with CANCELLED, and closes the sockets. */
  close(): void {
    this.closing.abort()
    this.limit.close()
    this.transport.close()
  }
}
