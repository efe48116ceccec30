import { AppError, toAppError } from '@shared/error'
import type { DeploymentImage } from '@shared/deployment'
import { z } from 'zod'
import { parseReference } from '@shared/reference'
import { normalizeId, requireName } from '../../engine/image-name'
import type { Found } from '../../engine/look'
import { pullImage } from '../../engine/pull'
import { toEngineError } from '../../engine/error'
import type { ChangeContext } from '../driver'
import { type ImageFacts, imageFactsOf, pinnedReference } from '../model/image'
import type { Job } from './job'
import { sentName } from './send'

/** An image that the engine has. */
export interface ReadyImage {
  id: string
  /** A name by which containers are made of it, which is the image's at this moment; else its ID. */
  name: string
  /** The manifest's, as the engine knows it. */
  digest: string | null
  facts: ImageFacts
}

const Inspected = z.object({
  Id: z.string(),
  RepoDigests: z.array(z.string()).nullish().catch(null),
})

/** Brings the image of a deployment into the engine, in the way that it says. The registry's refusals come as the engine words them. */
export async function obtainImage(
  job: Job,
  image: DeploymentImage,
  platform: string | null,
  context: Pick<ChangeContext, 'auth' | 'send'>,
): Promise<ReadyImage> {
  if (image.delivery === 'send') {
    job.to('copying')
    const sent = await context.send(job.docker)
    const ready = await inspectReady(job, sentName(image))
    // Podman makes up a digest for what it loads, which no registry knows.
    if (ready) return { ...ready, digest: sent ?? image.digest }
    throw missing(job, sentName(image))
  }
  const reference = pinnedReference(image)
  const local = image.digest || image.delivery === 'present' ? reference : null
  const there = local === null ? null : await inspectReady(job, local)
  if (there) return { ...there, digest: image.digest ?? there.digest }
  // What is only here cannot be fetched; what is pinned and gone can.
  if (image.delivery === 'present' && !image.digest) throw missing(job, image.reference)
  const pulled = await pull(job, reference, platform, context)
  const ready = await inspectReady(job, pulled.imageId)
  if (!ready) throw missing(job, reference)
  const named = await inspectReady(job, reference)
  return {
    ...ready,
    name: named?.id === ready.id ? reference : ready.id,
    digest: image.digest ?? pulled.digest ?? ready.digest,
  }
}

/** What the engine knows of an image that an instance runs; null where it has no image of that name or ID. */
export async function inspectReady(job: Job, name: string): Promise<ReadyImage | null> {
  try {
    const raw: unknown = await job.docker.getImage(requireName(name)).inspect()
    const { Id, RepoDigests } = Inspected.parse(raw)
    return { id: normalizeId(Id), name, digest: digestOf(RepoDigests ?? [], name), facts: imageFactsOf(raw) }
  } catch (thrown) {
    const error = toEngineError(thrown, { reference: name })
    if (error.code === 'IMAGE_NOT_FOUND') return null
    throw error
  }
}

async function pull(
  job: Job,
  reference: string,
  platform: string | null,
  { auth }: Pick<ChangeContext, 'auth'>,
): Promise<{ digest: string | null; imageId: string }> {
  const { docker, target, kind, version } = job.connection
  const engine: Found = {
    ...{ docker, target, version, platform: '' },
    product: kind === 'podman' ? 'podman' : 'docker',
  }
  job.to('pulling')
  try {
    return await pullImage(engine, {
      ...{ reference, auth, platform, signal: job.signal },
      onProgress: (progress) => job.progress(progress),
      onLog: (line) => job.log(line),
    })
  } catch (thrown) {
    const error = toAppError(thrown)
    // That the engine does not know the host says nothing about whether we do.
    const code = error.code === 'HOST_UNKNOWN' ? 'ENGINE_UNREACHABLE_REGISTRY' : error.code
    const host = parseReference(reference)?.host
    const told = { side: 'engine' as const, reference, ...(host && { host }), account: auth?.username }
    throw new AppError(
      code,
      { ...told, ...error.context, pool: job.connection.name },
      { detail: error.detail },
    )
  }
}

/** The one digest that an image has under a name's repository. */
function digestOf(digests: readonly string[], name: string): string | null {
  const at = name.indexOf('@')
  if (at > 0) return name.slice(at + 1)
  const parsed = parseReference(name)
  if (!parsed) return null
  const own = digests.filter((digest) => {
    const other = parseReference(digest)
    return other?.host === parsed.host && other.repository === parsed.repository
  })
  return own.length === 1 ? (own[0]?.split('@')[1] ?? null) : null
}

const missing = (job: Job, reference: string): AppError =>
  new AppError('IMAGE_NOT_FOUND', { side: 'engine', reference, pool: job.connection.name })
