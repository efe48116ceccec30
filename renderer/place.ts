/** Places of the window that can be pinned and visited again, as addresses and as names. */
import { isDigest, shortDigest } from '@shared/reference'
import type { Place, SearchHit } from '@shared/search'
import type { RouteLocationNormalized, RouteLocationRaw } from 'vue-router'

/** One line that two places share exactly when they are the same. */
export const placeKey = ({ registryId, section, repository, reference }: Place): string =>
  [section, registryId, repository, reference ?? ''].join(' ')

export function addressOf({ registryId, section, repository, reference }: Place): RouteLocationRaw {
  if (repository === '') return { name: section, params: { registryId } }
  if (reference === null) return { name: 'repository', params: { section, registryId, repository } }
  return { name: 'image', params: { section, registryId, repository, reference } }
}

/** `library/nginx`, `library/nginx:1.27` or `library/nginx@4c0d…`; '' for a catalog. */
export function placeName({ repository, reference }: Pick<Place, 'repository' | 'reference'>): string {
  if (reference === null) return repository
  return isDigest(reference) ? `${repository}@${shortDigest(reference)}` : `${repository}:${reference}`
}

/** The repository or image that a route shows; null for every other page. */
export function placeOfRoute({
  name,
  params,
}: Pick<RouteLocationNormalized, 'name' | 'params'>): Place | null {
  const { section, registryId, repository, reference } = params
  if (name !== 'repository' && name !== 'image') return null
  if (section !== 'public' && section !== 'private') return null
  if (typeof registryId !== 'string' || typeof repository !== 'string') return null
  return { registryId, section, repository, reference: typeof reference === 'string' ? reference : null }
}

/** Where a hit leads: its tag, an image without one by its digest, or else the repository. */
export const placeOfHit = ({ registryId, section, repository, kind, tag, digest }: SearchHit): Place => ({
  registryId,
  section,
  repository,
  reference: kind === 'repository' ? null : (tag ?? digest),
})
