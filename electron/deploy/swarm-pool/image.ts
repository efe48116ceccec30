/** The image of a deployment, named so that every node runs the same. */
import { AppError } from '@shared/error'
import type { DeploymentSpec } from '@shared/deployment'
import { isDigest, parseReference } from '@shared/reference'
import { registryAuth } from '../../engine/authorization'
import { withDeadline } from '../../engine/deadline'
import { toEngineError } from '../../engine/error'
import type { ChangeContext } from '../driver'
import { inspectReady, obtainImage } from '../engine-pool/image'
import type { Job } from '../engine-pool/job'
import { sentName } from '../engine-pool/send'
import { noImageFacts, type ImageFacts } from '../model/image'
import { engineOf } from './containers'
import { isReady, type SwarmNode } from './objects'

/** Asking a registry, with its token server, through the engine; milliseconds. */
const patience = 60_000

export interface ServiceImage {
  /** What the service names: with its digest, wherever a node can pull by it. */
  reference: string
  digest: string | null
  facts: Pick<ImageFacts, 'entrypoint' | 'command'>
  /** The one node that has the image, where the others are out of reach; null: any. */
  onlyNode: string | null
}

/** Brings about that every node can have the image. The registry's refusals come as the engine words them. */
export async function serviceImage(
  job: Job,
  spec: DeploymentSpec,
  nodes: readonly SwarmNode[],
  context: Pick<ChangeContext, 'auth' | 'send'>,
): Promise<ServiceImage> {
  if (spec.image.delivery === 'pull') {
    const digest = spec.image.digest ?? (await digestAtRegistry(job, spec.image.reference, context))
    const reference = `${spec.image.reference.replace(/@.*$/, '')}@${digest}`
    return { reference, digest, facts: await factsFor(job, spec, context), onlyNode: null }
  }
  if (spec.image.delivery === 'send') {
    const reference = sentName(spec.image)
    const sent = await sendToNodes(job, nodes, context)
    // A manager that takes no tasks has not got it.
    const ready = await inspectReady(job, reference)
    const digest = ready?.digest ?? sent.digest ?? spec.image.digest
    return { reference, digest, facts: ready?.facts ?? noImageFacts, onlyNode: sent.onlyNode }
  }
  const ready = await obtainImage(job, spec.image, spec.platform, context)
  const reference = ready.name.includes('/') || ready.name.includes(':') ? ready.name : spec.image.reference
  return { reference, digest: ready.digest, facts: ready.facts, onlyNode: null }
}

/** What a tag names now, asked by the manager's engine itself: if it cannot, neither can its nodes. */
async function digestAtRegistry(
  job: Job,
  reference: string,
  { auth }: Pick<ChangeContext, 'auth'>,
): Promise<string> {
  const authconfig = registryAuth(auth, job.connection.target)
  job.to('preparing')
  try {
    const answer = await withDeadline(patience, job.signal, () =>
      job.docker.getImage(reference).distribution({ authconfig: authconfig as never }),
    )
    const digest = answer.Descriptor?.digest
    if (!isDigest(digest)) throw new AppError('RESPONSE_INVALID', { side: 'engine', reference })
    job.log(`${reference} is ${digest}`)
    return digest
  } catch (thrown) {
    const error = toEngineError(thrown, { reference })
    const code = error.code === 'HOST_UNKNOWN' ? 'ENGINE_UNREACHABLE_REGISTRY' : error.code
    const host = parseReference(reference)?.host
    const told = { ...(host && { host }), ...(auth && { account: auth.username }), pool: job.connection.name }
    throw new AppError(code, { ...error.context, ...told }, { detail: error.detail })
  }
}

/** The image's own start words, which only a command before the start needs: for them the manager's engine pulls it. */
async function factsFor(
  job: Job,
  spec: DeploymentSpec,
  context: Pick<ChangeContext, 'auth' | 'send'>,
): Promise<Pick<ImageFacts, 'entrypoint' | 'command'>> {
  if (!spec.beforeStart || spec.entrypoint) return noImageFacts
  return (await obtainImage(job, spec.image, spec.platform, context)).facts
}

/** Sends the image to every engine within reach; answers the one node that has it, where there are others that have not. */
async function sendToNodes(
  job: Job,
  nodes: readonly SwarmNode[],
  { send }: Pick<ChangeContext, 'send'>,
): Promise<{ digest: string | null; onlyNode: string | null }> {
  job.to('copying')
  const ready = nodes.filter(isReady)
  const reached = ready.filter(({ ID }) => engineOf(job.connection, ID) !== null)
  let digest: string | null = null
  for (const { ID } of reached) {
    const docker = engineOf(job.connection, ID)
    if (docker) digest = await send(docker)
  }
  if (reached.length >= ready.length) return { digest, onlyNode: null }
  const [only, more] = reached
  if (!only || more) {
    const detail =
      'Some nodes are not within reach, so the image cannot be sent to them: add their engines as pools.'
    throw new AppError('POOL_UNSUPPORTED', { side: 'pool', pool: job.connection.name }, { detail })
  }
  job.log(`the image is on ${only.Description?.Hostname ?? only.ID} alone: its instances stay there`)
  return { digest, onlyNode: only.ID }
}
