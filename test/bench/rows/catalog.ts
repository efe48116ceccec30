import Sqlite from 'libsql'
import { join } from 'node:path'
import { startRegistry } from '../../lab/registry'
import { seedMany } from '../../lab/seed'
import { until } from '../../lab/until'
import { bareClient } from '../bare'
import { draftOf, openServices } from '../services'
import { timed, type Row } from '../row'

export const repositories = 10_000

/** Reads a list of 10,000 names to its end, whatever the client: the registry walks its folders for every page. */
async function fetchPages(url: string): Promise<void> {
  const client = bareClient(url, 1)
  let path: string | undefined = '/v2/_catalog?n=1000'
  let names = 0
  while (path !== undefined) {
    const { body, link } = await client.fetch(path)
    names += (JSON.parse(body.toString()) as { repositories: string[] }).repositories.length
    path = link && /<([^>]+)>/.exec(link)?.[1]
  }
  client.close()
  if (names !== repositories) throw new Error(`${names} names`)
}

/** Resolves when the store, looked at from beside the program, holds the whole list. */
async function wholeInStore(folder: string): Promise<void> {
  const store = new Sqlite(join(folder, 'cache.db'), { readonly: true })
  try {
    const listing = store.prepare('SELECT complete FROM listing')
    const isWhole = (): boolean => (listing.get() as { complete: number } | undefined)?.complete === 1
    await until('the whole catalog', isWhole, { interval: 4 })
    const { n } = store.prepare('SELECT count(*) AS n FROM repository').get() as { n: number }
    if (n !== repositories) throw new Error(`${n} repositories in the store`)
  } finally {
    store.close()
  }
}

export const catalog: Row = {
  name: 'catalog-10k',
  unit: 'ms',
  what: 'a catalog of 10,000 repositories, cold, complete in the store',
  peerName: 'the same pages fetched one after another, bare',
  goal: 1.15,
  async open(ground) {
    const registry = ground.own(await startRegistry({ name: 'bench' }), (part) => part.stop())
    await seedMany(registry.storage, repositories, 3)
    await fetchPages(registry.url)
    return {
      async ours() {
        const { services, folder, close } = openServices()
        const { id } = await services.registries.add(draftOf(registry.host))
        const time = await timed(async () => {
          services.browse.catalogs.read({ registryId: id, section: 'public', refresh: 'auto' })
          await wholeInStore(folder)
        })
        await close()
        return time
      },
      peer: () => timed(() => fetchPages(registry.url)),
    }
  },
}
