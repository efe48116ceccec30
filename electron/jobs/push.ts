import { AppError, toAppError } from '@shared/error'
import type { JobResult, PushRequest } from '@shared/job'
import type { FetchedManifest } from '../registry/client'
import { pause } from '../engine/deadline'
import { type EngineAccess, engineSettled, orCancelled, throwIfAborted } from './engine-access'
import type { RegistryAccess } from './registry-access'
import { type RunContext, type Runner, Steps } from './runner'
import { isSameImage } from './same-image'
import { checkTarget, verifyTarget } from './target'
import type { TemporaryReferences } from './temporary-references'

export interface PushParts {
  registries: RegistryAccess
  engine: EngineAccess
  temporaries: Pick<TemporaryReferences, 'take'>
  /** A push has changed a repository. */
  onPushed: (registryId: string, repository: string, tag: string) => void
  /** Milliseconds between the questions whether the tag has arrived. */
  verifyPauses?: readonly number[]
  /** Milliseconds that a push which was cancelled waits for the engine to take the temporary name away. */
  patience?: number
}

/**
 * Pushes a local image: under a temporary name, with the account from the keychain. It has succeeded when the registry, asked
 * for the tag, answers the digest that was pushed. A tag that is there is covered only with the user's word.
 */
export function createPushRunner(parts: PushParts): Runner<PushRequest> {
  return (request, context) => push(parts, request, context)
}

async function push(parts: PushParts, request: PushRequest, context: RunContext): Promise<JobResult> {
  const { registries, engine, temporaries } = parts
  const { registryId, repository, tag } = request
  const { signal } = context
  const steps = new Steps(context.report)

  steps.to('preparing')
  await engineSettled(engine, signal)
  const host = registries.host(registryId)
  const name = `${host}/${repository}`
  const reference = `${name}:${tag}`
  const image = await orCancelled(signal, engine.inspectImage(request.imageId)).catch((thrown: unknown) => {
    const error = toAppError(thrown)
    // The user knows the image by its name, not by its ID.
    if (error.code !== 'IMAGE_NOT_FOUND') throw error
    throw new AppError(error.code, { ...error.context, reference: request.source }, { detail: error.detail })
  })
  const auth = await registries.engineAuth(registryId)
  const isSame = (held: FetchedManifest): boolean => isSameImage(held, image, name)
  const there = await checkTarget(registries, request, isSame, signal)
  if (there !== null) {
    context.log(`${reference} is this very image already`)
    return { digest: there, references: [reference] }
  }

  throwIfAborted(signal)
  steps.to('tagging')
  const giveBack = await temporaries.take(name, tag, image.id, signal)
  try {
    throwIfAborted(signal)
    steps.to('pushing')
    const { digest } = await engine
      .push({
        reference,
        auth,
        signal,
        onProgress: (progress) => steps.progress(progress),
        onLog: context.log,
      })
      .catch((thrown: unknown) => {
        throw toAppError(thrown).with({
          side: 'engine',
          registryId,
          host,
          reference,
          account: auth?.username,
        })
      })
    parts.onPushed(registryId, repository, tag)
    steps.to('verifying')
    await verifyTarget(registries, request, digest, { signal, pauses: parts.verifyPauses })
    steps.to('cleaning')
    return { digest, references: [reference] }
  } finally {
    const given = giveBack().then(
      (done) => context.log(`temporary name ${reference}: ${done}`),
      // The push itself went as it went; the name is on record and is taken away at the next connection.
      (thrown: unknown) =>
        context.log(`temporary name ${reference}: not taken away yet: ${toAppError(thrown).message}`),
    )
    // Who has cancelled waits for no engine that hangs: the name goes when it answers.
    await unlessCancelled(given, signal, parts.patience ?? 3000)
  }
}

/** Resolves with `work`, or so many milliseconds after the signal fired. */
async function unlessCancelled(work: Promise<void>, signal: AbortSignal, patience: number): Promise<void> {
  const over = new AbortController()
  const givenUp = async (): Promise<void> => {
    await new Promise<void>((done) => {
      if (signal.aborted) done()
      signal.addEventListener('abort', () => done(), { signal: over.signal })
    })
    await pause(patience, over.signal)
  }
  await Promise.race([work, givenUp()])
  over.abort()
}
