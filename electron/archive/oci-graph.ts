import {
  Config,
  type Descriptor,
  Index,
  isAttestation,
  isIndexMediaType,
  Manifest,
  manifestLimit,
  mediaTypes,
  type Platform,
} from '@shared/oci'
import { AppError } from '@shared/error'
import type { Compression } from './decompress'
import { platformsOf } from './docker-archive'
import { invalid, quote } from './error'
import type { ArchiveDocument, ArchiveLayer, ArchiveNode } from './image'
import { parseDocument } from './json'
import { foreignLayer, memberLayer } from './layer'
import type { Members } from './members'
import { checkBytes } from './verify'

const deepest = 8
/** Manifests, indexes and layers, each as often as it is named. */
const mostNodes = 100_000
/** All manifests and configs together: they stay in memory while the archive is open. */
const mostBytes = 64 * 1024 * 1024

const blobName = ({ digest }: Descriptor): string => `blobs/${digest.replace(':', '/')}`

/** What the media type says of a layer: `...tar+gzip`, `...tar.gzip`, `...tar+zstd`. */
function compressionOfType(mediaType: string): Compression {
  if (/[+.]gzip$/.test(mediaType)) return 'gzip'
  return /[+.]zstd$/.test(mediaType) ? 'zstd' : 'none'
}

/** The blobs of a layout as a graph of nodes; each is read once, hashed, and bounded by the whole's size. */
export class OciGraph {
  private readonly nodes = new Map<string, ArchiveNode>()
  private readonly documents = new Map<string, ArchiveDocument>()
  /** By the digest of a manifest. */
  private readonly platforms = new Map<string, Platform[]>()
  /** Nodes of the tree below each, itself included, and whether each was left out: an index may name one ten thousand times. */
  private readonly counts = new Map<string, number>()
  private readonly absent = new Map<string, boolean>()
  private bytes = 0

  constructor(private readonly members: Members) {}

  /** Reads a manifest or index and all below it; ARCHIVE_INVALID or DIGEST_MISMATCH for what is missing or damaged. */
  async read(descriptor: Descriptor, depth = 0): Promise<ArchiveNode> {
    const known = this.nodes.get(descriptor.digest)
    if (known) return known
    if (depth > deepest) throw invalid('indexes in indexes without end')
    const document = await this.document(descriptor)
    const node = isIndexMediaType(descriptor.mediaType)
      ? await this.index(document, depth)
      : await this.manifest(document)
    // A few indexes that name each other many times over would be a tree without end to whoever walks it.
    const count = this.countOf(node)
    if (count > mostNodes) throw invalid('indexes in indexes without end')
    this.counts.set(descriptor.digest, count)
    this.nodes.set(descriptor.digest, node)
    return node
  }

  /** Of a manifest by its config; of an index all of its entries', without attestations. */
  platformsOf(node: ArchiveNode): Platform[] {
    if (node.kind === 'manifest') return this.platforms.get(node.descriptor.digest) ?? []
    const all = node.children.flatMap((child) => {
      if (isAttestation(child.descriptor)) return []
      const { platform } = child.descriptor
      return child.kind === 'manifest' && platform
        ? platform.os === 'unknown'
          ? []
          : [platform]
        : this.platformsOf(child)
    })
    return [...new Map(all.map((platform) => [JSON.stringify(platform), platform])).values()]
  }

  private countOf(node: ArchiveNode): number {
    if (node.kind === 'manifest') return 1 + node.layers.length
    return node.children.reduce((sum, child) => sum + (this.counts.get(child.descriptor.digest) ?? 1), 1)
  }

  private async document(descriptor: Descriptor): Promise<ArchiveDocument> {
    const known = this.documents.get(descriptor.digest)
    if (known) return { ...known, descriptor }
    const name = blobName(descriptor)
    const size = await this.members.sizeOf(name)
    if (size === null) throw invalid(`${quote(name)} is missing`, { digest: descriptor.digest })
    if (size !== descriptor.size)
      throw invalid(`${size} bytes where ${descriptor.size} were announced`, { digest: descriptor.digest })
    this.bytes += size
    if (this.bytes > mostBytes) throw invalid('too many and too large manifests')
    const bytes = await this.members.read(name, manifestLimit)
    checkBytes(bytes, descriptor.digest)
    this.documents.set(descriptor.digest, { descriptor, bytes })
    return { descriptor, bytes }
  }

  private async index(document: ArchiveDocument, depth: number): Promise<ArchiveNode> {
    const index = parse(document, Index)
    const children: ArchiveNode[] = []
    const missing: Descriptor[] = []
    for (const entry of index.manifests) {
      if (await this.isAbsent(entry)) missing.push(entry)
      // The same manifest may stand in several places with other platforms or annotations.
      else children.push({ ...(await this.read(entry, depth + 1)), descriptor: entry })
    }
    if (children.length === 0 && missing.length > 0)
      throw invalid('an index of which nothing is there', { digest: document.descriptor.digest })
    return { kind: 'index', ...document, children, missing }
  }

  /** Whether an index's entry was left out, with what it needs: the platforms that an engine does not have. */
  private async isAbsent(entry: Descriptor): Promise<boolean> {
    const key = `${entry.mediaType} ${entry.digest}`
    const known = this.absent.get(key) ?? (await this.findAbsent(entry))
    this.absent.set(key, known)
    return known
  }

  private async findAbsent(entry: Descriptor): Promise<boolean> {
    if ((await this.members.sizeOf(blobName(entry))) === null) return true
    if (isIndexMediaType(entry.mediaType)) return false
    const { config, layers } = parse(await this.document(entry), Manifest)
    for (const blob of [config, ...layers]) {
      if (!blob.urls?.length && (await this.members.sizeOf(blobName(blob))) === null) return true
    }
    return false
  }

  private async manifest(document: ArchiveDocument): Promise<ArchiveNode> {
    const manifest = parse(document, Manifest)
    const config = await this.document(manifest.config)
    const isImage = [mediaTypes.ociConfig, mediaTypes.dockerConfig].some(
      (type) => type === manifest.config.mediaType,
    )
    const parsed = isImage ? parse(config, Config) : null
    const diffIds = parsed?.rootfs?.diff_ids ?? []
    const layers: ArchiveLayer[] = []
    for (const [index, descriptor] of manifest.layers.entries()) {
      const diffId = diffIds.length === manifest.layers.length ? (diffIds[index] ?? null) : null
      layers.push(await this.layer(descriptor, diffId))
    }
    const node: ArchiveNode = { kind: 'manifest', ...document, config, layers }
    this.platforms.set(document.descriptor.digest, parsed ? platformsOf(parsed) : [])
    return node
  }

  private async layer(descriptor: Descriptor, diffId: string | null): Promise<ArchiveLayer> {
    const { digest, size, urls, mediaType } = descriptor
    const name = blobName(descriptor)
    const rawSize = await this.members.sizeOf(name)
    if (rawSize === null && urls?.length) return foreignLayer(descriptor, diffId)
    if (rawSize === null) throw invalid(`the layer ${quote(name)} is missing`, { digest })
    if (rawSize !== size)
      throw invalid(`a layer of ${rawSize} bytes where ${size} were announced`, { digest })
    const compression = compressionOfType(mediaType)
    return memberLayer(this.members, name, digest, { descriptor, diffId, compression, rawSize })
  }
}

interface Parser<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: { path: PropertyKey[] }[] } }
}

function parse<T>({ descriptor, bytes }: ArchiveDocument, schema: Parser<T>): T {
  const { digest, mediaType } = descriptor
  const value = parseDocument(bytes, digest)
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const broken = (why: string): AppError => invalid(`${quote(digest)}: ${why}`, { digest })
  if (fields.schemaVersion === 1) throw new AppError('SCHEMA1_UNSUPPORTED', { side: 'archive', digest })
  // CVE-2021-41190: no document may be read as a manifest here and as an index elsewhere.
  if (
    fields.manifests !== undefined &&
    (fields.layers !== undefined || fields.config !== undefined) &&
    'schemaVersion' in fields
  )
    throw broken('both a manifest and an index')
  if (typeof fields.mediaType === 'string' && 'schemaVersion' in fields && fields.mediaType !== mediaType)
    throw broken(`called ${mediaType}, calls itself ${fields.mediaType}`)
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw broken(parsed.error.issues[0]?.path.map(String).join('.') ?? 'broken')
}

/** Bytes of every blob below a node, each digest once; foreign layers that are left out do not count. */
export function blobSizes(node: ArchiveNode, sizes = new Map<string, number>()): Map<string, number> {
  sizes.set(node.descriptor.digest, node.bytes.length)
  if (node.kind === 'index') for (const child of node.children) blobSizes(child, sizes)
  else {
    sizes.set(node.config.descriptor.digest, node.config.bytes.length)
    for (const layer of node.layers) if (layer.descriptor) sizes.set(layer.descriptor.digest, layer.rawSize)
  }
  return sizes
}
