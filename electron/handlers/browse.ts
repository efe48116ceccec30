import type { Handlers } from '@shared/contract'
import type { Browse } from '../browse/browse'

type Calls = Extract<keyof Handlers, `catalog:${string}` | `repository:${string}` | 'image:read'>

/** Calls that read registries through the cache. */
export function browseHandlers({ catalogs, repositories, images }: Browse): Pick<Handlers, Calls> {
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
