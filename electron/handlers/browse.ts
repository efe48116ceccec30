import type { Handlers } from '@shared/contract'
import type { CatalogReader } from '../browse/catalog'
import type { ImageReader } from '../browse/image'
import type { RepositoryReader } from '../browse/repository'

type Calls = Extract<keyof Handlers, `catalog:${string}` | `repository:${string}` | 'image:read'>

/** Calls that read registries through the cache. */
export function browseHandlers(parts: {
  catalogs: CatalogReader
  repositories: RepositoryReader
  images: ImageReader
}): Pick<Handlers, Calls> {
  const { catalogs, repositories, images } = parts
  return {
    'catalog:read': (input) => catalogs.read(input),
    'catalog:summarize': ({ registryId, names }) => {
      catalogs.summarize(registryId, names)
      return undefined
    },
    'catalog:add-repository': async ({ registryId, repository }) => {
      await catalogs.addRepository(registryId, repository)
      return undefined
    },
    'catalog:remove-repository': async ({ registryId, repository }) => {
      await catalogs.removeRepository(registryId, repository)
      return undefined
    },
    'repository:read': (input) => repositories.read(input),
    'repository:focus': ({ registryId, repository, tags }) => {
      repositories.focus({ registryId, repository, tags })
      return undefined
    },
    'repository:leave': (key) => {
      repositories.leave(key)
      return undefined
    },
    'image:read': (input) => images.read(input),
  }
}
