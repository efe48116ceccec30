import { AppError } from '@shared/error'
import type { JobResult, RestoreRequest } from '@shared/job'
import { readManifest } from '../registry/manifest-content'
import type { DeletedTable, KeptManifest } from './deleted-table'
import { inParallel } from './parallel'
import { ask, type Client, type RegistryAccess } from './registry-access'
import { type Runner, Steps } from './runner'
import { checkTarget, targetName, verifyTarget } from './target'

export interface RestoreParts {
  registries: RegistryAccess
  deleted: Pick<DeletedTable, 'manifests' | 'drop'>
  /** A tag is back. */
  onPushed: (registryId: string, repository: string, tag: string) => void
  verifyPauses?: readonly number[]
}

const blobsAtOnce = 8

/**
 * Puts a deleted tag back from what was kept of it, what is below an index first. BLOB_UNKNOWN where the registry has let go
 * of the content, before anything is written; MANIFEST_UNKNOWN where nothing is kept any more; TAG_EXISTS, TAG_CHANGED.
 */
export function createRestoreRunner(parts: RestoreParts): Runner<RestoreRequest> {
  return async (request, { signal, report }): Promise<JobResult> => {
    const { registries, deleted } = parts
    const { registryId, repository, tag, digest } = request
    const steps = new Steps(report)
    steps.to('preparing')
    const reference = targetName(registries, request)
    const kept = deleted.manifests(digest)
    const root = kept.find((one) => one.digest === digest)
    if (!root)
      throw new AppError('MANIFEST_UNKNOWN', {
        side: 'store',
        registryId,
        repository,
        tag,
        digest,
        reference,
      })
    const there = await checkTarget(registries, request, (held) => held.digest === digest, signal)
    if (there === null) {
      await ask(registries, request, async (client) => {
        const order = childrenFirst(root, kept)
        for (const manifest of order) await checkBlobs(client, repository, manifest, signal)
        steps.to('pushing')
        for (const manifest of order.filter((one) => one !== root)) {
          await client.putManifest(repository, manifest.digest, manifest, { signal })
        }
        await client.putManifest(repository, tag, root, { signal })
      })
      parts.onPushed(registryId, repository, tag)
      steps.to('verifying')
      await verifyTarget(registries, request, digest, { signal, pauses: parts.verifyPauses })
    }
    deleted.drop(request, tag, digest)
    return { digest, references: [reference] }
  }
}

function contentOf({ digest, mediaType, bytes }: KeptManifest): ReturnType<typeof readManifest>['content'] {
  return readManifest(bytes, mediaType, { side: 'store', digest }).content
}

/** The manifests in the order in which a registry takes them; the root is the last. */
function childrenFirst(root: KeptManifest, kept: readonly KeptManifest[]): KeptManifest[] {
  const order: KeptManifest[] = []
  const seen = new Set<string>()
  const visit = (manifest: KeptManifest): void => {
    if (seen.has(manifest.digest)) return
    seen.add(manifest.digest)
    const content = contentOf(manifest)
    const entries = content.kind === 'index' ? content.index.manifests : []
    for (const { digest } of entries) {
      const child = kept.find((one) => one.digest === digest)
      if (child) visit(child)
    }
    order.push(manifest)
  }
  visit(root)
  return order
}

/** BLOB_UNKNOWN where the registry misses a blob of a manifest. */
async function checkBlobs(
  client: Client,
  repository: string,
  manifest: KeptManifest,
  signal: AbortSignal,
): Promise<void> {
  const content = contentOf(manifest)
  if (content.kind === 'index') return
  const { config, layers } = content.manifest
  const blobs = [config, ...layers].filter(({ urls }) => !urls?.length)
  await inParallel(blobs, blobsAtOnce, signal, async ({ digest }, inner) => {
    if (await client.hasBlob(repository, digest, { signal: inner })) return
    throw new AppError('BLOB_UNKNOWN', { side: 'registry', repository, digest })
  })
}
