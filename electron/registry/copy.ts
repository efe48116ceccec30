import { AppError, type ErrorCode, toAppError } from '@shared/error'
import type { Progress } from '@shared/job'
import type { Descriptor } from '@shared/oci'
import type { RegistryClient, UploadSession } from './client'
import { CopyProgress } from './copy-progress'
import { type ImageGraph, readGraph, readReferrers } from './image-graph'
import { inParallel, together } from './parallel'
import { addReferrer, readSignatures, type TaggedGraph } from './referrers-copy'
import { cancelled, joinSignals } from './signal'

/** What a copy needs of a registry's client. */
export type CopyClient = Pick<
  RegistryClient,
  | 'fetchManifest'
  | 'headManifest'
  | 'putManifest'
  | 'hasBlob'
  | 'mountBlob'
  | 'uploadStream'
  | 'openBlob'
  | 'listReferrers'
>

/** Keeps upload sessions by the blob's digest, so that a copy goes on after the program has ended. */
export interface CopyJournal {
  session(digest: string): UploadSession | null
  /** Null: there is none any more. */
  note(digest: string, session: UploadSession | null): void
}

export interface CopyRequest {
  source: { client: CopyClient; repository: string; reference: string }
  target: { client: CopyClient; repository: string; tag: string }
  /** Both are one registry: blobs are mounted, and their bytes move only where it refuses that. */
  sameRegistry: boolean
  /** Signatures, SBOMs and whatever else refers to the image come along. */
  referrers: boolean
  /** Blobs that are looked at or sent at once; 6 when not given. */
  concurrency?: number
  journal?: CopyJournal
  /** A repository of the target's registry that may hold a blob. */
  mountFrom?(digest: string): string | null
  onProgress(progress: Progress): void
  signal: AbortSignal
}

const absent = new Set<ErrorCode>(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN'])

/**
 * Copies a manifest, or an index with everything below it, digests unchanged: blobs, then manifests byte for byte and
 * children first, the tag last. Rejects as the two registries do, and with CANCELLED; upload sessions stay in the journal.
 */
export async function copyImage(request: CopyRequest): Promise<{ digest: string }> {
  const { source, target, sameRegistry } = request
  const copy = new ImageCopy(request)
  if (sameRegistry && source.repository === target.repository) {
    const digest = await copy.retag()
    if (digest !== null) return { digest }
  }
  try {
    return await copy.run(true)
  } catch (thrown) {
    // What stood for a whole image there was not whole: everything is looked at.
    if (toAppError(thrown).code !== 'MANIFEST_BLOB_UNKNOWN') throw thrown
    return copy.run(false)
  }
}

class ImageCopy {
  private readonly progress: CopyProgress
  private readonly reading: { signal: AbortSignal; concurrency: number }

  constructor(private readonly request: CopyRequest) {
    this.progress = new CopyProgress((progress) => request.onProgress(progress))
    this.reading = { signal: request.signal, concurrency: request.concurrency ?? 6 }
  }

  /** Another tag for what the repository holds; null where it turns out not to hold all of it. */
  async retag(): Promise<string | null> {
    const { source, target, signal } = this.request
    const root = await source.client.fetchManifest(source.repository, source.reference, { signal })
    try {
      await target.client.putManifest(target.repository, target.tag, root, { signal })
      return root.digest
    } catch (thrown) {
      if (toAppError(thrown).code === 'MANIFEST_BLOB_UNKNOWN') return null
      throw thrown
    }
  }

  /** `trusting`: a manifest that the target has stands for all that it names. */
  async run(trusting: boolean): Promise<{ digest: string }> {
    const { source, target, signal } = this.request
    const graph = await readGraph(source.client, source.repository, source.reference, this.reading)
    const present = new Set<string>()
    const brought = new Set<string>()
    const bring = async (graphs: readonly ImageGraph[], from: AbortSignal): Promise<void> => {
      if (trusting) for (const each of graphs) await this.findPresent(each, [each.root], present)
      await this.bringBlobs(graphs, present, brought, from)
    }
    // What is attached to an image is looked for while its blobs go over.
    let attached: Attachments = { referrers: [], signatures: [] }
    await together(signal, [
      (from) => bring([graph], from),
      async (from) => void (attached = await this.attachments(graph, from)),
    ])
    const { referrers, signatures } = attached
    await bring([...referrers, ...signatures.map((each) => each.graph)], signal)
    await this.putBelow(graph, present)
    for (const each of referrers) await this.putReferrer(each, present)
    for (const each of signatures) await this.putSignature(each, present)
    if (signal.aborted) throw cancelled()
    const root = graph.nodes.get(graph.root)?.manifest
    if (root === undefined) throw new AppError('INTERNAL', { side: 'program' })
    await target.client.putManifest(target.repository, target.tag, root, { signal })
    this.progress.report()
    return { digest: root.digest }
  }

  private async attachments(graph: ImageGraph, signal: AbortSignal): Promise<Attachments> {
    const { source } = this.request
    if (!this.request.referrers) return { referrers: [], signatures: [] }
    const digests = [...graph.nodes.keys()]
    const reading = { ...this.reading, signal }
    const [referrers, signatures] = await Promise.all([
      readReferrers(source.client, source.repository, digests, reading),
      readSignatures(source.client, source.repository, digests, reading),
    ])
    return { referrers, signatures }
  }

  /** Brings what the graphs name over, without what lies below a manifest that is there, and each blob once. */
  private async bringBlobs(
    graphs: readonly ImageGraph[],
    present: ReadonlySet<string>,
    brought: Set<string>,
    signal: AbortSignal,
  ): Promise<void> {
    const needed = new Map<string, Descriptor>()
    const there: Descriptor[] = []
    for (const [digest, { blobs }] of graphs.flatMap(({ nodes }) => [...nodes])) {
      if (present.has(digest)) there.push(...blobs)
      else for (const blob of blobs) if (!brought.has(blob.digest)) needed.set(blob.digest, blob)
    }
    this.progress.add(needed.values(), 'waiting')
    this.progress.add(there, 'exists')
    await this.bringAll(
      [...needed.values()].sort((a, b) => b.size - a.size),
      signal,
    )
    for (const digest of needed.keys()) brought.add(digest)
  }

  /** Adds to `present` what the target's repository holds already, with all below it. */
  private async findPresent(
    graph: ImageGraph,
    digests: readonly string[],
    present: Set<string>,
  ): Promise<void> {
    const { target, signal } = this.request
    const absentOnes: string[] = []
    await inParallel(digests, this.reading.concurrency, async (digest) => {
      try {
        await target.client.headManifest(target.repository, digest, { signal })
        for (const each of below(graph, digest)) present.add(each)
      } catch (thrown) {
        if (!absent.has(toAppError(thrown).code)) throw thrown
        absentOnes.push(digest)
      }
    })
    const next = absentOnes.flatMap((digest) => graph.nodes.get(digest)?.children ?? [])
    if (next.length > 0) await this.findPresent(graph, [...new Set(next)], present)
  }

  /** The first failure stops the others, which keep what they have sent. */
  private async bringAll(blobs: readonly Descriptor[], outer: AbortSignal): Promise<void> {
    const failing = new AbortController()
    const { signal, release } = joinSignals(outer, failing.signal)
    try {
      await inParallel(blobs, this.reading.concurrency, async (blob) => {
        try {
          await this.bring(blob, signal)
        } catch (thrown) {
          if (!signal.aborted) this.progress.set(blob, 'failed')
          failing.abort()
          throw thrown
        }
      })
    } finally {
      release()
    }
  }

  private async bring(blob: Descriptor, signal: AbortSignal): Promise<void> {
    const { source, target, journal } = this.request
    const session = journal?.session(blob.digest) ?? (await this.findBlob(blob, signal))
    if (session === 'exists' || session === 'mounted') return this.progress.set(blob, session)
    this.progress.set(blob, 'active')
    const bytes = {
      digest: blob.digest,
      size: blob.size,
      open: (from: number) => source.client.openBlob(source.repository, blob, { from, signal }),
    }
    await target.client.uploadStream(target.repository, bytes, {
      signal,
      session,
      onSession: (now) => journal?.note(blob.digest, now),
      onBytes: (offset) => this.progress.set(blob, 'active', offset),
    })
    this.progress.set(blob, 'done')
  }

  /** Whether the blob is there or could be mounted; else perhaps a session that the registry opened instead. */
  private async findBlob(
    { digest }: Descriptor,
    signal: AbortSignal,
  ): Promise<'exists' | 'mounted' | UploadSession | null> {
    const { source, target, sameRegistry, mountFrom } = this.request
    const { client, repository } = target
    // A mount that succeeds is one request, as asking first would be.
    if (!sameRegistry && (await client.hasBlob(repository, digest, { signal }))) return 'exists'
    const others = new Set([sameRegistry ? source.repository : null, mountFrom?.(digest) ?? null, repository])
    others.delete(repository)
    for (const other of others) {
      if (other === null) continue
      const mounted = await client.mountBlob(repository, digest, other, { signal })
      if (mounted !== null) return mounted
    }
    return sameRegistry && (await client.hasBlob(repository, digest, { signal })) ? 'exists' : null
  }

  /** Puts what lies below the root, which itself waits for its tag. */
  private async putBelow(graph: ImageGraph, present: Set<string>): Promise<void> {
    for (const level of graph.levels) {
      const missing = level.filter((digest) => digest !== graph.root && !present.has(digest))
      await inParallel(missing, this.reading.concurrency, (digest) => this.put(graph, digest))
    }
  }

  private async putReferrer(graph: ImageGraph, present: Set<string>): Promise<void> {
    const { target, signal } = this.request
    const root = graph.nodes.get(graph.root)?.manifest
    if (root === undefined || present.has(graph.root)) return
    await this.putBelow(graph, present)
    const { subject } = await this.put(graph, graph.root)
    if (!subject) await addReferrer(target.client, target.repository, root, { signal })
  }

  private async putSignature({ graph, tag }: TaggedGraph, present: Set<string>): Promise<void> {
    const { target, signal } = this.request
    const root = graph.nodes.get(graph.root)?.manifest
    if (root === undefined) return
    try {
      // The target's own signatures are not covered by those of the source.
      await target.client.headManifest(target.repository, tag, { signal })
    } catch (thrown) {
      if (!absent.has(toAppError(thrown).code)) throw thrown
      await this.putBelow(graph, present)
      await target.client.putManifest(target.repository, tag, root, { signal })
    }
  }

  private put(graph: ImageGraph, digest: string): Promise<{ digest: string; subject?: boolean }> {
    const { target, signal } = this.request
    const manifest = graph.nodes.get(digest)?.manifest
    if (manifest === undefined) throw new AppError('INTERNAL', { side: 'program' })
    return target.client.putManifest(target.repository, digest, manifest, { signal })
  }
}

interface Attachments {
  referrers: ImageGraph[]
  signatures: TaggedGraph[]
}

/** A manifest and all that it names, by digest. */
function below(graph: ImageGraph, digest: string): Set<string> {
  const found = new Set([digest])
  for (const each of found) for (const child of graph.nodes.get(each)?.children ?? []) found.add(child)
  return found
}
