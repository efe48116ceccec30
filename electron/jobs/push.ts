import { setTimeout as pause } from 'node:timers/promises'
import { AppError, toAppError } from '@shared/error'
import type { JobResult, PushRequest } from '@shared/job'
import { type EngineAccess, engineSettled, throwIfAborted } from './engine-access'
import { ask, digestOf, type RegistryAccess } from './registry-access'
import { type RunContext, type Runner, Steps } from './runner'
import { isSameImage } from './same-image'
import type { TemporaryReferences } from './temporary-references'

export interface PushParts {
  registries: RegistryAccess
  engine: EngineAccess
  temporaries: Pick<TemporaryReferences, 'take'>
  /** A push has changed a repository. */
  onPushed: (registryId: string, repository: string, tag: string) => void
  /** Milliseconds between the questions whether the tag has arrived; a registry of several parts may need a moment. */
  verifyPauses?: readonly number[]
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
  const image = await engine.inspectImage(request.imageId).catch((thrown: unknown) => {
    const error = toAppError(thrown)
    // The user knows the image by its name, not by its ID.
    if (error.code !== 'IMAGE_NOT_FOUND') throw error
    throw new AppError(error.code, { ...error.context, reference: request.source }, { detail: error.detail })
  })
  const auth = await registries.engineAuth(registryId)
  const there = await checkTarget(parts, request, { image, name, signal })
  if (there !== null) {
    context.log(`${reference} is this very image already`)
    return { digest: there, references: [reference] }
  }

  throwIfAborted(signal)
  steps.to('tagging')
  const giveBack = await temporaries.take(name, tag, image.id)
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
    await verify(parts, request, { digest, reference, signal })
    steps.to('cleaning')
    return { digest, references: [reference] }
  } finally {
    await giveBack().then(
      (done) => context.log(`temporary name ${reference}: ${done}`),
      // The push itself went as it went; the name is on record and is taken away at the next connection.
      (thrown: unknown) =>
        context.log(`temporary name ${reference}: not taken away yet: ${toAppError(thrown).message}`),
    )
  }
}

function currentDigest(
  { registries }: PushParts,
  request: PushRequest,
  signal: AbortSignal,
): Promise<string | null> {
  return ask(registries, request, (client) => digestOf(client, request.repository, request.tag, { signal }))
}

/**
 * Refuses to cover what the user did not agree to: TAG_EXISTS, or TAG_CHANGED where the tag moved since they did. Answers
 * the digest when the tag names this very image already, so that nothing is to be done; else null.
 */
async function checkTarget(
  parts: PushParts,
  request: PushRequest,
  about: { image: { id: string; repositoryDigests: readonly string[] }; name: string; signal: AbortSignal },
): Promise<string | null> {
  const { registryId, repository, tag, replaces } = request
  const { name, image, signal } = about
  const digest = await currentDigest(parts, request, signal)
  if (digest === null || digest === replaces) return null
  const same = await ask(parts.registries, request, async (client) => {
    return isSameImage(await client.fetchManifest(repository, digest, { signal }), image, name)
  }).catch((thrown: unknown) => {
    // Nothing that an engine of today has can be the same image.
    if (toAppError(thrown).code === 'SCHEMA1_UNSUPPORTED') return false
    throw thrown
  })
  if (same) return digest
  const context = {
    side: 'registry',
    registryId,
    repository,
    tag,
    digest,
    reference: `${name}:${tag}`,
  } as const
  throw new AppError(replaces === null ? 'TAG_EXISTS' : 'TAG_CHANGED', context)
}

async function verify(
  parts: PushParts,
  request: PushRequest,
  about: { digest: string; reference: string; signal: AbortSignal },
): Promise<void> {
  let found: string | null = null
  for (const milliseconds of [0, ...(parts.verifyPauses ?? [300, 1500])]) {
    await pause(milliseconds)
    throwIfAborted(about.signal)
    found = await currentDigest(parts, request, about.signal)
    if (found === about.digest) return
  }
  const { registryId, repository, tag } = request
  throw new AppError(
    'NOT_VERIFIED',
    { side: 'registry', registryId, repository, tag, digest: about.digest, reference: about.reference },
    { detail: found === null ? 'The registry does not know the tag.' : `The registry answers ${found}.` },
  )
}
