import { z } from 'zod'
import { withDeadline } from '../../engine/deadline'
import { normalizeId, realDigests } from '../../engine/image-name'
import { understood } from '../../engine/understood'
import type { PoolConnection } from '../driver'
import { asking } from './error'
import { patience } from './listing'
import type { DeploymentFacts } from './summary'

const Images = z.array(z.object({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() }))

/**
 * The manifest digests of images that were pulled, by the deployment's id, for deployments whose version does not know its
 * own; one question for all of them. An image that was sent has none: an engine makes one up that no registry knows.
 */
export async function digestsOf(
  { docker }: PoolConnection,
  facts: readonly DeploymentFacts[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const wanting = facts.filter(
    ({ versions: [{ digest, spec }] }) => digest === null && spec.image.delivery === 'pull',
  )
  if (wanting.length === 0) return new Map()
  const images = understood(
    Images,
    await asking({}, () =>
      withDeadline(patience, signal, (abortSignal) => docker.listImages({ abortSignal })),
    ),
  )
  const names = new Map(images.map((image) => [normalizeId(image.Id), realDigests(image.RepoDigests)]))
  return new Map(
    wanting.flatMap(({ id, members, versions: [{ spec }] }) => {
      const imageId = members.find(({ container }) => container.role === 'instance')?.container.imageId
      const found = digestIn(names.get(imageId ?? '') ?? [], spec.image.reference)
      return found === null ? [] : [[id, found] as const]
    }),
  )
}

/** The digest under the reference's own repository; under another one it may be another manifest of the same image. */
function digestIn(names: readonly string[], reference: string): string | null {
  const split = names.map((name) => ({
    repository: name.slice(0, name.indexOf('@')),
    digest: name.slice(name.indexOf('@') + 1),
  }))
  const own = split.find(({ repository }) => namesRepository(reference, repository))
  const different = new Set(split.map(({ digest }) => digest))
  return own?.digest ?? (different.size === 1 ? (split[0]?.digest ?? null) : null)
}

const namesRepository = (reference: string, repository: string): boolean =>
  reference === repository ||
  (reference.startsWith(repository) && /^[:@][^/]*$/.test(reference.slice(repository.length)))
