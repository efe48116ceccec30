import { createHash, randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { mediaTypes } from '@shared/oci'
import type { RegistryEndpoint } from '../../../electron/registry/endpoint'
import type { Certificate } from '../../lab/certificate'
import { refusal, type Recorded, TestServer } from './test-server'
import { Uploads } from './uploads'

interface StoredManifest {
  mediaType: string
  bytes: Buffer
}

interface Repository {
  tags: Map<string, string>
  manifests: Map<string, StoredManifest>
  blobs: Map<string, Buffer>
}

export interface SeededImage {
  digest: string
  manifest: Buffer
  config: Buffer
  configDigest: string
}

export const sha256 = (bytes: Buffer | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

const version = { 'docker-distribution-api-version': 'registry/2.0' }

/** A small registry in memory, as honest as distribution; rules (`on`) make it lie, stall or refuse. */
export class InProcessRegistry extends TestServer {
  readonly repositories = new Map<string, Repository>()
  readonly uploads = new Uploads((name) => this.repository(name).blobs)
  /** Whether it knows the referrers API. */
  referrers = true
  private readonly certified: Certificate | null

  private constructor(certificate: Certificate | null) {
    super(certificate, (request, response) => this.serve(request, response))
    this.certified = certificate
  }

  static override async start(options: { certificate?: Certificate } = {}): Promise<InProcessRegistry> {
    const registry = new InProcessRegistry(options.certificate ?? null)
    await registry.listen()
    return registry
  }

  /** `pem`: the authority that is trusted for it. */
  endpoint(pem?: string): RegistryEndpoint {
    return {
      host: this.host,
      protocol: this.certified ? 'https' : 'http',
      trust: pem === undefined ? { kind: 'system' } : { kind: 'pem', pem },
    }
  }

  repository(name: string): Repository {
    const known = this.repositories.get(name) ?? { tags: new Map(), manifests: new Map(), blobs: new Map() }
    this.repositories.set(name, known)
    return known
  }

  /** Stores an image of one random layer under a tag. */
  seed(name: string, tag: string): SeededImage {
    const repository = this.repository(name)
    const layer = randomBytes(64)
    const config = Buffer.from(
      JSON.stringify({
        os: 'linux',
        architecture: 'amd64',
        rootfs: { type: 'layers', diff_ids: [sha256(layer)] },
      }),
    )
    for (const blob of [layer, config]) repository.blobs.set(sha256(blob), blob)
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: { mediaType: mediaTypes.ociConfig, digest: sha256(config), size: config.length },
        layers: [
          {
            mediaType: 'application/vnd.oci.image.layer.v1.tar',
            digest: sha256(layer),
            size: layer.length,
          },
        ],
      }),
    )
    const digest = this.store(name, tag, mediaTypes.ociManifest, manifest)
    return { digest, manifest, config, configDigest: sha256(config) }
  }

  /** Stores a manifest as it is, right or wrong. */
  store(name: string, tag: string, mediaType: string, bytes: Buffer): string {
    const repository = this.repository(name)
    repository.manifests.set(sha256(bytes), { mediaType, bytes })
    repository.tags.set(tag, sha256(bytes))
    return sha256(bytes)
  }

  private serve(request: Recorded, response: ServerResponse): void {
    for (const [name, value] of Object.entries(version)) response.setHeader(name, value)
    const url = new URL(request.path, this.url)
    if (url.pathname === '/v2/') return sendJson(response, {})
    if (url.pathname === '/v2/_catalog') {
      return this.page(url, [...this.repositories.keys()].sort(), 'repositories', {}, response)
    }
    const match =
      /^\/v2\/(.+)\/(tags\/list|referrers\/[^/]+|manifests\/[^/]+|blobs\/uploads\/[^/]*|blobs\/[^/]+)$/.exec(
        url.pathname,
      )
    const [, name = '', rest = ''] = match ?? []
    const last = rest.slice(rest.lastIndexOf('/') + 1)
    if (rest === 'tags/list') {
      const known = this.repositories.get(name)
      if (!known) return void refusal(404, 'NAME_UNKNOWN')(request, response)
      return this.page(url, [...known.tags.keys()].sort(), 'tags', { name }, response)
    }
    if (rest.startsWith('manifests/')) return this.manifest(request, name, last, response)
    if (rest.startsWith('referrers/')) return this.listReferrers(name, last, response)
    if (rest.startsWith('blobs/uploads/')) return this.uploads.serve(request, name, url, response)
    if (rest.startsWith('blobs/')) return this.blob(request, name, last, response)
    response.writeHead(404).end()
  }

  private page(
    url: URL,
    all: string[],
    field: string,
    more: Record<string, string>,
    response: ServerResponse,
  ): void {
    const size = Number(url.searchParams.get('n') ?? all.length)
    const after = url.searchParams.get('last')
    const rest = after === null ? all : all.filter((name) => name > after)
    const names = rest.slice(0, size)
    if (rest.length > size) {
      const next = `${url.pathname}?n=${size}&last=${encodeURIComponent(names.at(-1) ?? '')}`
      response.setHeader('link', `<${next}>; rel="next"`)
    }
    sendJson(response, { ...more, [field]: names })
  }

  private manifest(request: Recorded, name: string, reference: string, response: ServerResponse): void {
    const repository = this.repositories.get(name)
    if (request.method === 'PUT') {
      const mediaType = String(request.headers['content-type'])
      const bytes = request.body
      const digest = sha256(bytes)
      const known = this.repository(name)
      known.manifests.set(digest, { mediaType, bytes })
      if (!reference.includes(':')) known.tags.set(reference, digest)
      const { subject } = JSON.parse(bytes.toString()) as { subject?: { digest: string } }
      const listed = subject && this.referrers ? { 'oci-subject': subject.digest } : {}
      return void response.writeHead(201, { 'docker-content-digest': digest, ...listed }).end()
    }
    const digest = reference.includes(':') ? reference : (repository?.tags.get(reference) ?? '')
    const stored = repository?.manifests.get(digest)
    if (!stored) return void refusal(404, 'MANIFEST_UNKNOWN')(request, response)
    if (request.method === 'DELETE') {
      if (!reference.includes(':')) return void refusal(405, 'UNSUPPORTED')(request, response)
      repository?.manifests.delete(digest)
      for (const [tag, named] of repository?.tags ?? []) if (named === digest) repository?.tags.delete(tag)
      return void response.writeHead(202).end()
    }
    response.writeHead(200, {
      'content-type': stored.mediaType,
      'content-length': stored.bytes.length,
      'docker-content-digest': digest,
    })
    response.end(request.method === 'HEAD' ? undefined : stored.bytes)
  }

  private blob(request: Recorded, name: string, digest: string, response: ServerResponse): void {
    const bytes = this.repositories.get(name)?.blobs.get(digest)
    if (!bytes) return void refusal(404, 'BLOB_UNKNOWN')(request, response)
    const from = Number(/^bytes=(\d+)-$/.exec(String(request.headers.range))?.[1] ?? 0)
    const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
    const type = { 'content-type': 'application/octet-stream', 'content-length': bytes.length - from }
    response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...type, ...range } : type)
    response.end(request.method === 'HEAD' ? undefined : bytes.subarray(from))
  }

  private listReferrers(name: string, digest: string, response: ServerResponse): void {
    if (!this.referrers) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404')
    const known = this.repositories.get(name)?.manifests ?? new Map<string, StoredManifest>()
    const manifests = [...known].flatMap(([own, { mediaType, bytes }]) => {
      const { subject } = JSON.parse(bytes.toString()) as { subject?: { digest: string } }
      return subject?.digest === digest ? [{ mediaType, digest: own, size: bytes.length }] : []
    })
    sendJson(response, { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests })
  }

  protected override broken(request: Recorded): void {
    this.uploads.cutOff(request)
  }
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
