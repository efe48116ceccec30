/** What an archive holds, as those see it who send it: descriptors, bytes of documents, and streams of layers. */
import type { Readable } from 'node:stream'
import type { Descriptor, Platform } from '@shared/oci'
import type { BlockPool } from './block-pool'
import type { Compression } from './decompress'

export interface ArchiveLayer {
  /** Null where the blob that is sent does not exist yet: an uncompressed layer of a docker archive. */
  descriptor: Descriptor | null
  /** Digest of the uncompressed tar; null where nothing tells it. */
  diffId: string | null
  compression: Compression
  /** Bytes that `open()` streams: compressed where the archive holds the layer compressed. */
  rawSize: number
  /** False for a foreign layer (`urls`) that the archive leaves out; it cannot be opened. */
  present: boolean
  /**
   * The bytes as they are in the archive, from a byte on; may be called again, and side by side. Read from byte 0 they are
   * held against descriptor or diffId: the stream then fails with DIGEST_MISMATCH where it would have ended. A layer
   * that a docker archive holds compressed has neither for its bytes; its own CRC is all there is. With a pool the reader
   * gives each chunk back to it.
   */
  open(from?: number, blocks?: BlockPool): Promise<Readable>
}

/** A document of known bytes. */
export interface ArchiveDocument {
  descriptor: Descriptor
  bytes: Buffer
}

export interface IndexNode extends ArchiveDocument {
  kind: 'index'
  children: ArchiveNode[]
  /** Entries that the archive leaves out (an engine saves only the platforms that it has). Not empty: the index cannot go up whole. */
  missing: Descriptor[]
}

export interface ManifestNode extends ArchiveDocument {
  kind: 'manifest'
  config: ArchiveDocument
  layers: ArchiveLayer[]
}

/** An image of a docker archive: its manifest is only known when its layers are compressed (`assembleManifest`). */
export interface DockerNode {
  kind: 'docker-image'
  config: ArchiveDocument
  layers: ArchiveLayer[]
}

export type ArchiveNode = IndexNode | ManifestNode
export type ArchiveRoot = ArchiveNode | DockerNode

export interface ArchiveImage {
  /** As they are written in the archive, `app:v1` or `docker.io/library/app:v1` or a mere tag; may be empty. */
  references: string[]
  root: ArchiveRoot
  /** Without attestations. */
  platforms: Platform[]
  /** Of all blobs below it, each counted once, as they lie in the archive. */
  bytes: number
}

export interface Archive {
  kind: 'docker-archive' | 'oci-layout'
  images: ArchiveImage[]
  /** Bytes of the file; of the blobs for a folder. */
  size: number
  /** Ends it; streams that are still open fail. */
  close(): Promise<void>
}
