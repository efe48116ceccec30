import { createHash, randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { refusal, type Recorded } from './test-server'

interface Upload {
  name: string
  bytes: Buffer
  /** In every Location; only the newest is taken for a chunk or a commit. */
  state: number
}

const digestOf = (bytes: Buffer, like: string): string => {
  const algorithm = like.split(':')[0] === 'sha512' ? 'sha512' : 'sha256'
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** The upload sessions of a registry in memory, by the letter of distribution-spec 1.1. */
export class Uploads {
  readonly sessions = new Map<string, Upload>()
  /** What it does with the bytes of a chunk that was cut: keeps them, drops them, or drops the whole session. */
  onCut: 'keep' | 'drop' | 'forget' = 'keep'
  /** Bytes; told as OCI-Chunk-Min-Length. */
  minimum: number | null = null
  /** What stands before every Location: nothing, or scheme and host. */
  root = ''
  /** Whether a mount of what is there succeeds. */
  mounts = true
  /** Bytes of chunks and commits so far, cut ones included. */
  received = 0

  constructor(private readonly blobsOf: (repository: string) => Map<string, Buffer>) {}

  serve(request: Recorded, name: string, url: URL, response: ServerResponse): void {
    if (request.method === 'POST') return this.start(name, url, response)
    const id = url.pathname.slice(url.pathname.lastIndexOf('/') + 1)
    const upload = this.sessions.get(id)
    if (!upload || upload.name !== name) return void refusal(404, 'BLOB_UPLOAD_UNKNOWN')(request, response)
    if (request.method === 'GET') return this.answer(204, id, upload, response)
    if (request.method === 'DELETE') {
      this.sessions.delete(id)
      return void response.writeHead(204).end()
    }
    this.received += request.body.length
    if (!url.search.startsWith(`?_state=a%2Fb${upload.state}`)) {
      return void refusal(400, 'BLOB_UPLOAD_INVALID')(request, response)
    }
    const range = /^(\d+)-\d+$/.exec(String(request.headers['content-range']))
    if (range && Number(range[1]) !== upload.bytes.length) {
      return this.answer(416, id, upload, response)
    }
    const digest = url.searchParams.get('digest')
    const isSmall = request.body.length < (this.minimum ?? 0)
    upload.bytes = Buffer.concat([upload.bytes, request.body])
    upload.state += 1
    if (request.method === 'PATCH') {
      // Only the last chunk may be smaller, which is told by the next request.
      if (isSmall) this.smallChunks += 1
      return this.answer(202, id, upload, response)
    }
    this.sessions.delete(id)
    if (digest !== digestOf(upload.bytes, digest ?? '')) {
      return void refusal(400, 'DIGEST_INVALID')(request, response)
    }
    this.blobsOf(name).set(digest, upload.bytes)
    response.writeHead(201, { 'docker-content-digest': digest }).end()
  }

  /** Chunks below the minimum. */
  smallChunks = 0

  cutOff(request: Recorded): void {
    this.received += request.body.length
    const id = /uploads\/([0-9a-f]+)/.exec(request.path)?.[1] ?? ''
    const upload = this.sessions.get(id)
    if (upload && this.onCut === 'keep') upload.bytes = Buffer.concat([upload.bytes, request.body])
    if (this.onCut === 'forget') this.sessions.delete(id)
  }

  private start(name: string, url: URL, response: ServerResponse): void {
    const mount = url.searchParams.get('mount')
    const bytes = mount === null ? undefined : this.blobsOf(url.searchParams.get('from') ?? '').get(mount)
    if (mount !== null && bytes && this.mounts) {
      this.blobsOf(name).set(mount, bytes)
      return void response.writeHead(201, { 'docker-content-digest': mount }).end()
    }
    const id = randomBytes(8).toString('hex')
    const upload = { name, bytes: Buffer.alloc(0), state: 0 }
    this.sessions.set(id, upload)
    this.answer(202, id, upload, response)
  }

  private answer(status: number, id: string, upload: Upload, response: ServerResponse): void {
    response.writeHead(status, {
      location: `${this.root}/v2/${upload.name}/blobs/uploads/${id}?_state=a%2Fb${upload.state}`,
      range: `0-${Math.max(0, upload.bytes.length - 1)}`,
      ...(this.minimum === null ? {} : { 'oci-chunk-min-length': String(this.minimum) }),
    })
    response.end()
  }
}
