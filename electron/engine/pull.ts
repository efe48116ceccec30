import { AppError } from '@shared/error'
import { isDigest, shortDigest } from '@shared/reference'
import { registryAuth, secretsOfAuth } from './authorization'
import { inspectImage, type InspectedImage } from './images'
import type { Found } from './look'
import { pulledDigest, type Message } from './message'
import { TransferProgress } from './progress'
import { splitReference, type TransferOptions } from './push'
import { runTransfer, withoutBody } from './transfer'
import { Veil } from '../veil'

export interface PullOptions extends TransferOptions {
  /** `linux/arm64`; null for the engine's own. */
  platform: string | null
  /** Compressed layers as the manifest names them, where the caller knows them: the total is then known from the start. */
  layers?: readonly { digest: string; size: number }[]
}

/**
 * Has the engine pull a tag or a digest, and answers the image it has then. `digest` is the manifest's, or the index's, as
 * the engine tells it; null where it does not. Rejects with the registry's refusal as the engine words it, PLATFORM_MISSING,
 * CANCELLED, or ENGINE_LOST where the engine ended without saying that it has the image.
 */
export async function pullImage(
  engine: Found,
  options: PullOptions,
): Promise<{ digest: string | null; imageId: string }> {
  const { platform, signal, onProgress, onLog, layers = [] } = options
  const { repository, tag, digest: asked, context } = splitReference(options.reference)
  const authconfig = registryAuth(options.auth, engine.target)
  const known = layers.map(({ digest, size }) => ({ id: shortDigest(digest), size }))
  const progress = new TransferProgress('pulling', known)
  const told: { digest: string | null; last: Message | null } = { digest: null, last: null }
  await runTransfer({
    open: (abortSignal) =>
      engine.docker.createImage(authconfig, {
        ...withoutBody({
          fromImage: repository,
          tag: asked ?? tag ?? 'latest',
          ...(platform !== null && { platform }),
        }),
        abortSignal,
      }),
    signal,
    context,
    veil: new Veil(secretsOfAuth(options.auth)),
    onLog,
    onMessage: (message) => {
      progress.take(message)
      told.digest = pulledDigest(message) ?? told.digest
      told.last = message
    },
    onChunk: () => onProgress(progress.snapshot()),
  })
  onProgress(progress.snapshot('verifying'))
  const image = await inspectImage(engine.docker, options.reference)
  if (told.digest === null && !isPodmansLast(told.last, image)) {
    const detail = 'The engine ended the pull without saying that it has the image.'
    throw new AppError('ENGINE_LOST', context, { detail })
  }
  progress.finish()
  onProgress(progress.snapshot('verifying'))
  return { digest: digestOf(told.digest ?? asked, image, repository), imageId: image.id }
}

/** Podman names no digest: it ends with the ID of the image that it then has. */
function isPodmansLast(last: Message | null, image: InspectedImage): boolean {
  return last?.status === 'Download complete' && Boolean(last.id) && shortDigest(image.id) === last.id
}

function digestOf(told: string | null, image: InspectedImage, repository: string): string | null {
  if (told !== null) return isDigest(told) ? told : null
  const own = image.repositoryDigests.filter((name) => name.startsWith(`${repository}@`))
  const [only] = own
  return own.length === 1 && only ? only.slice(repository.length + 1) : null
}
