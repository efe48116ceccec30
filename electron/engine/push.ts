import { AppError } from '@shared/error'
import type { Progress } from '@shared/job'
import { formatReference, isDigest, parseReference, type Reference } from '@shared/reference'
import { registryAuth, secretsOfAuth, type EngineAuth } from './authorization'
import { inspectImage } from './images'
import type { Found } from './look'
import { pushedDigest } from './message'
import { TransferProgress, type Layer } from './progress'
import { runTransfer, withoutBody } from './transfer'
import { Veil } from '../veil'

export interface TransferOptions {
  /** `host/repository:tag` */
  reference: string
  auth: EngineAuth | null
  signal: AbortSignal
  onProgress(progress: Progress): void
  onLog(line: string): void
}

/**
 * Has the engine push a name that it has, and answers the manifest's digest as the engine tells it. Rejects with the
 * registry's refusal as the engine words it, CANCELLED, or ENGINE_LOST where the engine ended without naming a digest.
 */
export async function pushImage(engine: Found, options: TransferOptions): Promise<{ digest: string }> {
  const { signal, onProgress, onLog } = options
  const { repository, tag, context } = splitReference(options.reference)
  if (tag === null) throw new AppError('INPUT_INVALID', context)
  const authconfig = registryAuth(options.auth, engine.target)
  const image = await inspectImage(engine.docker, options.reference)
  const progress = new TransferProgress('pushing', layersOf(image.diffIds, image.layerSizes))
  const told: { digest: string | null } = { digest: null }
  await runTransfer({
    open: (abortSignal) =>
      engine.docker.getImage(repository).push({ ...withoutBody({ tag }), authconfig, abortSignal }),
    signal,
    context,
    veil: new Veil(secretsOfAuth(options.auth)),
    onLog,
    onMessage: (message) => {
      progress.take(message)
      told.digest = pushedDigest(message) ?? told.digest
    },
    onChunk: () => onProgress(progress.snapshot()),
  })
  const { digest } = told
  if (digest === null || !isDigest(digest)) {
    const detail = 'The engine ended the push without naming the digest.'
    throw new AppError('ENGINE_LOST', context, { detail })
  }
  progress.finish()
  onProgress(progress.snapshot('pushing'))
  return { digest }
}

/** A reference in parts for the engine's API; INPUT_INVALID where it is none. */
export function splitReference(text: string): {
  /** Host and repository. */
  repository: string
  tag: string | null
  digest: string | null
  context: { side: 'engine'; host?: string; reference: string }
} {
  const parsed: Reference | null = parseReference(text)
  if (!parsed) throw new AppError('INPUT_INVALID', { side: 'engine', reference: text.slice(0, 300) })
  const { host, tag, digest } = parsed
  const repository = formatReference({ ...parsed, tag: null, digest: null })
  return { repository, tag, digest, context: { side: 'engine', host, reference: text } }
}

/** Docker names a layer of a push by the first twelve digits of its diff id. The same layer twice is sent once. */
function layersOf(diffIds: string[], sizes: number[]): Layer[] {
  const layers = new Map<string, number>()
  diffIds.forEach((diffId, index) =>
    layers.set(diffId.replace(/^sha256:/, '').slice(0, 12), sizes[index] ?? 0),
  )
  return [...layers].map(([id, size]) => ({ id, size }))
}
