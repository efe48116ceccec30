import type { CatalogKey, CatalogSnapshot, RepositorySummary } from '@shared/browse'
import type { Registry } from '@shared/registry'
import type { Cache } from '../cache/cache'

/** The namespace that a section shows, empty for everything; null where the registry has no such role. */
function namespaceOf(registry: Registry, section: CatalogKey['section']): string | null {
  return (section === 'public' ? registry.publicRole : registry.privateRole)?.namespace ?? null
}

const isIn = (name: string, namespace: string | null): boolean =>
  namespace !== null && (namespace === '' || name.startsWith(`${namespace}/`))

/**
 * What the cache knows of one section of a registry. What was added by hand outside every namespace of the registry is
 * shown in each of its sections: else it would be nowhere.
 */
export function catalogContent(
  cache: Cache,
  registry: Registry,
  section: CatalogKey['section'],
  first?: number,
): Omit<CatalogSnapshot, 'source' | 'refreshing' | 'error' | 'revision'> {
  const namespace = namespaceOf(registry, section)
  const { fetchedAt, complete, refused } = cache.catalog.listing(registry.id)
  const repositories = namespace === null ? [] : repositoriesOf(cache, registry, namespace, first)
  const cut = namespace !== null && repositories.length === first
  return {
    registryId: registry.id,
    section,
    repositories,
    count: cut ? cache.catalog.count(registry.id, namespace) : repositories.length,
    listing: refused ? 'refused' : fetchedAt === null ? 'unknown' : 'supported',
    fetchedAt,
    complete,
  }
}

function repositoriesOf(
  cache: Cache,
  registry: Registry,
  namespace: string,
  first?: number,
): RepositorySummary[] {
  const inside = cache.catalog.repositories(registry.id, namespace, first)
  if (namespace === '' || inside.length === first) return inside
  const roles = [namespaceOf(registry, 'public'), namespaceOf(registry, 'private')]
  const stray = cache.catalog
    .addedByHand(registry.id)
    .filter(({ name }) => !roles.some((role) => isIn(name, role)))
  return stray.length === 0 ? inside : [...inside, ...stray].sort((a, b) => (a.name < b.name ? -1 : 1))
}
