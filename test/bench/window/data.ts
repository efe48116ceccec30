/** The program's data folder as earlier use left it. */
import type { RegistryDraft } from '@shared/registry'
import { openCache } from '../../../electron/cache/cache'
import { silentLog } from '../../../electron/log'
import { draftOf, openServices } from '../services'
import type { Registry } from '../../lab/registry'

/** Lets the program's own services read a registry's catalog to its end into `folder`. */
export async function warmCatalog(folder: string, registry: Registry): Promise<void> {
  const { services, next, close } = openServices(folder)
  const { id } = await services.registries.add(draftOf(registry.host))
  const whole = next('catalog:changed', ({ complete, refreshing }) => complete && !refreshing)
  services.browse.catalogs.read({ registryId: id, section: 'public', refresh: 'auto' })
  await whole
  await close()
}

/** Adds a registry whose catalog was seen to list `names`; nothing is asked of it. */
export async function seedCatalog(
  folder: string,
  host: string,
  roles: Pick<RegistryDraft, 'publicRole' | 'privateRole'>,
  names: readonly string[],
): Promise<string> {
  const { services, close } = openServices(folder)
  const { id } = await services.registries.add(draftOf(host, roles))
  await close()
  const cache = openCache(folder, silentLog)
  const generation = cache.catalog.begin(id)
  cache.catalog.addPage(id, generation, names, Date.now())
  cache.catalog.end(id, generation, true, Date.now())
  cache.close()
  return id
}
