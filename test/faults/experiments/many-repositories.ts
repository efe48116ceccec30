/** A registry of 10,000 repositories is read, and the program killed while it writes what it reads. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Sqlite from 'libsql'
import type { CatalogSnapshot } from '@shared/browse'
import { seedMany } from '../../lab/seed'
import { until } from '../../lab/until'
import type { Experiment } from '../experiment'
import { inWorld, type Scene } from '../in-world'
import { ManyRepositories } from '../many-repositories'
import { Random } from '../random'
import { namespace } from '../world'

const total = 10_000
/** How many have other names each time. */
const renamed = 60
const slow = { timeout: 120_000, interval: 5 }

/** In what the program is hit. `cold`: with no cache before. */
const moments = ['rows', 'rows cold', 'details', 'index cold'] as const
type Moment = (typeof moments)[number]

export const manyRepositories: Experiment = {
  name: 'many-repositories',
  what: 'kill -9 while 10,000 repositories are listed, described and indexed, from nothing and over an older list',
  ...{ quick: false, few: 4, full: 24 },
  run: (seed, runs) =>
    inWorld({}, async (scene) => {
      const { world, oracle } = scene
      const random = new Random(seed)
      const prefix = `${namespace}/many`
      await seedMany(world.target.storage, total, 3, prefix)
      const many = new ManyRepositories(world.target.storage.root, prefix, total)
      await refreshed(scene, many.names())
      await described(scene, many, random)
      const seen = new Map<string, number>()
      for (let run = 0; run < runs; run += 1) {
        const moment = moments[run % moments.length] ?? 'rows'
        const words = await hit(scene, many, moment, random, run)
        seen.set(words, (seen.get(words) ?? 0) + 1)
        oracle.counts.runs += 1
      }
      const said = [...seen].sort().map(([words, count]) => `${words}: ${count}`)
      process.stdout.write(`  ${said.join(', ')}\n`)
    }),
}

/** One kill and all that is looked at behind it; answers how the cache was found. */
async function hit(
  scene: Scene,
  many: ManyRepositories,
  moment: Moment,
  random: Random,
  run: number,
): Promise<string> {
  const { world, oracle, before } = scene
  const isCold = moment.endsWith('cold')
  const older = isCold ? new Set<string>() : many.names()
  if (isCold) await begunAnew(scene)
  many.rename(renamed, run, random)
  const newer = many.names()
  await read(scene, 'force')
  await untilMoment(scene, many, moment, random)
  await world.program.kill()
  oracle.databases()

  // Without the network: what the cache says now.
  world.way.faults.refuse = true
  await world.start()
  const found = await read(scene, 'never')
  const words = checkCache(scene, found, older, newer)
  const online = await read(scene, 'auto')
  if (online.repositories.length < found.repositories.length)
    oracle.count('lost', `${moment}: the cache answers less when the registry does not`)
  if (!isCold) await checkDetails(scene, older, newer)
  delete world.way.faults.refuse

  await refreshed(scene, newer)
  for (let one = 0; one < 3; one += 1) await checkSearch(scene, many.any(random))
  await until('the index', () => number(scene, 'SELECT count(*) FROM unindexed') === 0, slow)
  for (let one = 0; one < 3; one += 1) await checkSearch(scene, many.any(random))
  if (isCold) await described(scene, many, random)
  await oracle.sameSettings(before)
  oracle.uncaught()
  await oracle.leavings()
  return `${moment} -> ${words}`
}

const read = (
  { world }: Scene,
  refresh: 'force' | 'never' | 'auto',
  first?: number,
): Promise<CatalogSnapshot> =>
  world.program.call('catalog:read', {
    ...{ registryId: world.registries.target.id, section: 'private', refresh },
    ...(first !== undefined && { first }),
  })

/** The same program with an empty cache, as after its first start. */
async function begunAnew({ world }: Scene): Promise<void> {
  await world.program.stop()
  for (const part of ['cache.db', 'cache.db-wal', 'cache.db-shm'])
    rmSync(join(world.order.folder, part), { force: true })
  await world.start()
}

/** Refreshes to the end, which must bring exactly these names. */
async function refreshed(scene: Scene, names: ReadonlySet<string>): Promise<void> {
  await read(scene, 'force', 1)
  const isDone = async (): Promise<boolean> => {
    const { refreshing, complete, error } = await read(scene, 'never', 1)
    return !refreshing && complete && error === null
  }
  await until('the whole list', isDone, { ...slow, interval: 100 })
  const { repositories } = await read(scene, 'never')
  const missing = repositories.length !== names.size || repositories.some(({ name }) => !names.has(name))
  if (missing)
    scene.oracle.count('lost', `a whole refresh brought ${repositories.length} of ${names.size} names`)
}

/** Waits for a moment that the seed chooses within the work that is to be hit. */
async function untilMoment(
  scene: Scene,
  many: ManyRepositories,
  moment: Moment,
  random: Random,
): Promise<void> {
  const share = random.next()
  if (moment === 'details') {
    await pause(random.below(300))
    await Promise.all([describeSome(scene, many, random), pause(share * 1500)])
    return
  }
  const wanted = Math.floor(share * total)
  const [what, sql] =
    moment === 'index cold'
      ? ['terms', 'SELECT count(*) FROM term']
      : ['rows', 'SELECT count(*) FROM repository WHERE generation = (SELECT max(generation) FROM listing)']
  await until(what, () => number(scene, sql) >= wanted, slow)
  await pause(random.below(60))
}

/** Has the summaries and details of some read, as a window does that shows them. */
async function describeSome({ world }: Scene, many: ManyRepositories, random: Random): Promise<void> {
  const registryId = world.registries.target.id
  const names = Array.from({ length: 100 }, () => many.any(random))
  await world.program.call('catalog:summarize', { registryId, names })
  for (const repository of names.slice(0, 3))
    await world.program.call('repository:read', { registryId, repository, refresh: 'force' })
}

/** The same to its end: there are tags in the cache then. */
async function described(scene: Scene, many: ManyRepositories, random: Random): Promise<void> {
  await describeSome(scene, many, random)
  await until('some tags', () => number(scene, 'SELECT count(*) FROM tag') >= 30, slow)
}

/** Neither empty and called whole, nor without what both lists have, nor with what neither has. */
function checkCache(
  { oracle }: Scene,
  { repositories, complete }: CatalogSnapshot,
  older: ReadonlySet<string>,
  newer: ReadonlySet<string>,
): string {
  const found = new Set(repositories.map(({ name }) => name))
  const has = (all: ReadonlySet<string>): boolean => [...all].every((name) => found.has(name))
  const both = new Set([...older].filter((name) => newer.has(name)))
  if (found.size !== repositories.length) oracle.count('lost', 'the cache has names twice')
  if (!has(both)) oracle.count('lost', 'the cache misses what the older and the newer list have')
  if ([...found].some((name) => !older.has(name) && !newer.has(name)))
    oracle.count('lost', 'the cache has what no list ever had')
  if (complete && !has(older) && !has(newer))
    oracle.count('lost', `the cache calls ${found.size} names whole, which are neither list`)
  const size = (all: ReadonlySet<string>): boolean => all.size === found.size && has(all)
  const which = size(newer) ? 'newer' : size(older) ? 'older' : older.size > 0 ? 'both' : 'a part'
  return `${which}${complete ? '' : ', said to be incomplete'}`
}

/** Repositories whose tags were read are still there with them. */
async function checkDetails(
  scene: Scene,
  older: ReadonlySet<string>,
  newer: ReadonlySet<string>,
): Promise<void> {
  const { world, oracle } = scene
  const registryId = world.registries.target.id
  const known = rows<{ repository: string }>(
    scene,
    'SELECT DISTINCT repository FROM tag ORDER BY repository LIMIT 50',
  )
  const repository = known.find((one) => older.has(one.repository) && newer.has(one.repository))?.repository
  if (repository === undefined) return oracle.count('lost', 'no tags are left in the cache')
  const { tags } = await world.program.call('repository:read', { registryId, repository, refresh: 'never' })
  if (tags.length !== 3) oracle.count('lost', `${repository} has ${tags.length} tags in the cache`)
}

async function checkSearch({ world, oracle }: Scene, name: string): Promise<void> {
  const text = name.slice(name.lastIndexOf('/') + 1)
  const { hits } = await world.program.call('search:query', { text, limit: 20 })
  if (!hits.some(({ repository }) => repository === name)) oracle.count('lost', `${name} is not found`)
}

/** Read beside the program. */
function rows<T>({ world }: Scene, sql: string): T[] {
  const sqlite = new Sqlite(join(world.order.folder, 'cache.db'), { readonly: true })
  try {
    return sqlite.prepare(sql).all() as T[]
  } finally {
    sqlite.close()
  }
}

const number = (scene: Scene, sql: string): number =>
  Number(Object.values(rows<Record<string, number>>(scene, sql)[0] ?? {})[0] ?? 0)
