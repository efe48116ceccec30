import { type ErrorInfo, toAppError } from '@shared/error'
import { formatPlatform, type Platform } from '@shared/oci'
import type { ArchivePlanRequest, TransferPlan } from '@shared/plan'
import type { ArchiveLayer, ArchiveRoot } from '../archive/archive'
import { digestOfImage, layersOf } from './archive-listing'
import { isSameRoot } from './archive-push'
import type { ArchiveShelf } from './archive-shelf'
import { sendableRoot } from './image-sender'
import type { KnownBlobs } from './layer-sender'
import { compressorName } from './layer-source'
import { checkNames, type PlannedLayer, planTransfer, type TransferPlanParts } from './transfer-plan'
import type { SentBlob, UploadJournal } from './upload-journal'

export interface ArchivePlanParts extends TransferPlanParts {
  known: Omit<KnownBlobs, 'addLayers'>
  shelf: Pick<ArchiveShelf, 'borrow'>
  uploads: Pick<UploadJournal, 'compressed'>
}

/** Tells what pushing an image of an archive would do before it does. Fails as opening the archive does. */
export function createArchivePlanner(
  parts: ArchivePlanParts,
): (request: ArchivePlanRequest) => Promise<TransferPlan> {
  return async (request) => {
    checkNames(request)
    const { path, image: index, registryId, repository } = request
    const { image, release } = await parts.shelf.borrow(path, index)
    try {
      const here = parts.known.knownDiffIds(registryId, repository)
      const all = parts.known.knownDiffIds(registryId)
      const seen = (diffId: string): SentBlob | undefined => here.get(diffId) ?? all.get(diffId)
      const { root, error } = await sendable(parts, request, image.root)
      const layers = [...layersOf(root).values()].filter(({ present }) => present)
      const plan = await planTransfer(parts, request, {
        digest: digestOfImage({ ...image, root }),
        platforms: platformsOf(root, image.platforms),
        layers: layers.map((layer) => planLayer(parts.uploads, layer, seen)),
        referrers: 0,
        isSame: (held) => isSameRoot(held, root),
      })
      return { ...plan, error: plan.error ?? error }
    } finally {
      release()
    }
  }
}

/** What would go up, and why it cannot be told or cannot go. */
async function sendable(
  { registries }: ArchivePlanParts,
  request: ArchivePlanRequest,
  root: ArchiveRoot,
): Promise<{ root: ArchiveRoot; error: ErrorInfo | null }> {
  try {
    return { root: await sendableRoot(registries, request, root), error: null }
  } catch (thrown) {
    return { root, error: toAppError(thrown).toInfo() }
  }
}

function platformsOf(root: ArchiveRoot, all: readonly Platform[]): string[] {
  const own = root.kind === 'manifest' ? root.descriptor.platform : undefined
  const platforms = own && own.os !== 'unknown' ? [own] : all
  return [...new Set(platforms.map(formatPlatform))]
}

function planLayer(
  uploads: ArchivePlanParts['uploads'],
  { descriptor, diffId, compression, rawSize }: ArchiveLayer,
  seen: (diffId: string) => SentBlob | undefined,
): PlannedLayer {
  if (descriptor) return { size: descriptor.size, as: [descriptor] }
  if (diffId === null || compression !== 'none') return { size: rawSize, as: [] }
  const before = uploads.compressed(diffId, compressorName)
  const other = seen(diffId)
  const as = [before, other].filter((blob): blob is SentBlob => blob !== null && blob !== undefined)
  return { size: as[0]?.size ?? rawSize, as }
}
