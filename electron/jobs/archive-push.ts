import type { ArchivePushRequest, JobResult } from '@shared/job'
import type { ArchiveRoot } from '../archive/archive'
import type { FetchedManifest } from '../registry/client'
import { digestOfImage } from './archive-listing'
import type { ArchiveShelf, BorrowedImage } from './archive-shelf'
import { ImageSender, sendableRoot } from './image-sender'
import type { LayerSenderParts } from './layer-sender'
import { PartList } from './part-list'
import type { RunContext, Runner } from './runner'
import { isSameImage } from './same-image'
import { checkTarget, type Target, targetName, verifyTarget } from './target'

export interface ArchivePushParts extends LayerSenderParts {
  shelf: Pick<ArchiveShelf, 'borrow'>
  /** A push has changed a repository. */
  onPushed: (registryId: string, repository: string, tag: string) => void
  verifyPauses?: readonly number[]
}

/**
 * Pushes an image of an archive without an engine. It goes on from its journal, and has succeeded when the registry, asked
 * for the tag, answers the digest that was pushed. ARCHIVE_CHANGED, TAG_EXISTS, TAG_CHANGED, NOT_VERIFIED.
 */
export function createArchivePushRunner(parts: ArchivePushParts): Runner<ArchivePushRequest> {
  return async (request, context) => {
    const { path, image, digest } = request
    const borrowed = await borrowReporting(parts, { path, image, digest }, context)
    try {
      return await sendImage(parts, request, borrowed, context)
    } finally {
      borrowed.release()
    }
  }
}

/** Takes an image off the shelf; while a compressed archive is unpacked, that is what is shown. */
export function borrowReporting(
  { shelf }: Pick<ArchivePushParts, 'shelf'>,
  { path, image, digest, keep }: { path: string; image: number; digest?: string; keep?: boolean },
  { signal, report }: RunContext,
): Promise<BorrowedImage> {
  return shelf.borrow(path, image, {
    digest,
    keep,
    signal,
    onReading: (completed, total) => report({ phase: 'reading', completed, total, parts: [] }),
  })
}

/** Sends a borrowed image to its tag, and sees that it has arrived. */
export async function sendImage(
  parts: ArchivePushParts,
  target: Target,
  { image }: Pick<BorrowedImage, 'image'>,
  context: RunContext,
): Promise<JobResult> {
  const { registries } = parts
  const { signal } = context
  const reference = targetName(registries, target)
  const root = await sendableRoot(registries, target, image.root, signal)
  if (root !== image.root)
    context.log(`the archive has one platform of ${digestOfImage(image)}: it is pushed alone`)
  const there = await checkTarget(registries, target, (held) => isSameRoot(held, root), signal)
  if (there !== null) {
    context.log(`${reference} is this very image already`)
    return { digest: there, references: [reference] }
  }
  const list = new PartList(context.report)
  const digest = await new ImageSender(parts, target, root, { id: context.id, list, signal }).run()
  list.to('verifying')
  // Asked before the window is told: what that reads then is not waited for.
  const verified = verifyTarget(registries, target, digest, { signal, pauses: parts.verifyPauses })
  parts.onPushed(target.registryId, target.repository, target.tag)
  await verified
  return { digest, references: [reference] }
}

/** Whether what a registry holds is what would be pushed. */
export function isSameRoot(held: FetchedManifest, root: ArchiveRoot): boolean {
  if (root.kind !== 'docker-image') return held.digest === root.descriptor.digest
  return isSameImage(held, { id: root.config.descriptor.digest, repositoryDigests: [] }, '')
}
