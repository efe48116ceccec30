import { AppError, toAppError } from '@shared/error'
import type { JobResult, PullRequest } from '@shared/job'
import { formatPlatform } from '@shared/oci'
import { formatReference, referenceOf } from '@shared/reference'
import { type EngineAccess, engineSettled, orCancelled, throwIfAborted } from './engine-access'
import { isSamePlatform } from './platform'
import { ask, type Client, manifestOf, type RegistryAccess } from './registry-access'
import { type RunContext, type Runner, Steps } from './runner'

export interface PullParts {
  registries: RegistryAccess
  engine: EngineAccess
}

/**
 * Pulls a tag or a digest into the engine. It has succeeded when the engine has the image under that name, and under the
 * digest that the registry gives for it.
 */
export function createPullRunner(parts: PullParts): Runner<PullRequest> {
  return (request, context) => pull(parts, request, context)
}

async function pull(
  { registries, engine }: PullParts,
  request: PullRequest,
  context: RunContext,
): Promise<JobResult> {
  const { registryId, repository, platform } = request
  const { signal } = context
  const steps = new Steps(context.report)

  steps.to('preparing')
  await engineSettled(engine, signal)
  const host = registries.host(registryId)
  const reference = formatReference(referenceOf(host, repository, request.reference))
  const offered = (): Promise<string> =>
    ask(registries, request, async (client) => {
      return (await client.headManifest(repository, request.reference, { signal })).digest
    })
  const before = await offered()
  const wanted = platform ?? engine.state.platform
  const layers = await ask(registries, request, (client) =>
    layersOf(client, repository, before, wanted, signal),
  )
  const auth = await registries.engineAuth(registryId)
  throwIfAborted(signal)

  steps.to('pulling')
  const pulled = await engine
    .pull({
      reference,
      auth,
      platform,
      layers,
      signal,
      onProgress: (progress) => steps.progress(progress),
      onLog: context.log,
    })
    .catch((thrown: unknown) => {
      throw toAppError(thrown).with({ side: 'engine', registryId, host, reference, account: auth?.username })
    })

  steps.to('verifying')
  const notVerified = (detail: string): AppError =>
    new AppError(
      'NOT_VERIFIED',
      { side: 'engine', registryId, repository, reference, digest: before },
      { detail },
    )
  if ((await orCancelled(signal, engine.imageIdOf(reference))) !== pulled.imageId)
    throw notVerified('The engine does not have the name.')
  const { repositoryDigests } = await orCancelled(signal, engine.inspectImage(pulled.imageId))
  const has = (digest: string): boolean =>
    pulled.digest === digest || repositoryDigests.includes(`${host}/${repository}@${digest}`)
  if (has(before)) return { digest: before, references: [reference] }
  // The tag may have moved between the question and the pull.
  const after = await offered()
  if (!has(after)) throw notVerified(`The engine has ${pulled.digest ?? 'no digest'}, the registry ${after}.`)
  return { digest: after, references: [reference] }
}

/**
 * The compressed layers that a pull is going to fetch, so that its total is known from the start; none where that cannot be
 * told. `platform` as `linux/amd64`.
 */
async function layersOf(
  client: Client,
  repository: string,
  digest: string,
  platform: string | null,
  signal: AbortSignal,
): Promise<{ digest: string; size: number }[]> {
  const held = await manifestOf(client, repository, digest, { signal })
  if (held?.content.kind === 'manifest') return held.content.manifest.layers
  const entry = held?.content.index.manifests.find((one) => {
    return one.platform && platform !== null && isSamePlatform(formatPlatform(one.platform), platform)
  })
  return entry ? layersOf(client, repository, entry.digest, null, signal) : []
}
