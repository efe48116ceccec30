/**
 * An hour of everything at once on a network that spoils one request in twenty and now and then cuts the way to the engine, with what
 * the process holds watched. Every minute ends with a rest, at which nothing may be left of the work.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Sqlite from 'libsql'
import { until } from '../../lab/until'
import { type BrokenGateway, type Fault, startBrokenGateway } from '../broken-gateway'
import type { Experiment } from '../experiment'
import { Gauge, type Reading } from '../gauge'
import { held, Limits, type Sample } from '../flat'
import { MixedJobs } from '../mixed-jobs'
import { furnish, MixedLooking } from '../mixed-looking'
import { Oracle } from '../oracle'
import { Random } from '../random'
import { World } from '../world'

const share = 0.05
const faults: readonly Fault[] = [429, 500, 502, 503, 'cut', 'lose', 'stall', 'delay']
/** Milliseconds of work in each minute; the rest is rest. */
const work = 45_000
const minute = 60_000
/** What the last connections and timers of a minute's work need to go. */
const patience = 60_000

export const mixedHour: Experiment = {
  name: 'mixed-hour',
  what: 'minutes of browsing, jobs of all kinds, deployments and logs with 5 % faults; sockets, handles, memory watched',
  ...{ quick: false, few: 2, full: 60, isLong: true },
  async run(seed, minutes) {
    const random = new Random(seed)
    const say = (words: string): void => void process.stdout.write(`  ${words}\n`)
    let gateway!: BrokenGateway
    const before = async (host: string): Promise<BrokenGateway> => (gateway = await startBrokenGateway(host))
    const folder = join(process.cwd(), 'out/faults')
    mkdirSync(folder, { recursive: true })
    const gauge = new Gauge(join(folder, `gauge-${process.pid}.json`))
    const world = await World.open({ engine: true, engineWay: true, before, order: { env: gauge.env } })
    const oracle = new Oracle(world)
    /** Manifests that were written and whose answer was lost: they are written again, and rightly. */
    const unanswered = new Map<string, number>()
    gateway.spoil = () => null
    const spoil: BrokenGateway['spoil'] = ({ method, url = '' }) => {
      if (random.next() >= share) return null
      const fault = faults[random.below(faults.length)] ?? 500
      if (fault === 'lose' && method === 'PUT') unanswered.set(url, (unanswered.get(url) ?? 0) + 1)
      return fault
    }
    try {
      const repositories = await furnish(world)
      const jobs = new MixedJobs(world, oracle, random, seed)
      const looking = new MixedLooking(world, oracle, random, repositories)
      const settings = await oracle.settings()
      const limits = new Limits(minutes)
      const ports = [world.source.port, world.way.port]
      const take = async (isIdle: boolean): Promise<Sample> => {
        const reading = await gauge.read(ports)
        return { at: hours(), isIdle, reading, rows: rowsOf(world.order.folder) }
      }
      const began = Date.now()
      const hours = (): number => (Date.now() - began) / (60 * minute)
      const isOver = (): boolean => hours() * 60 >= minutes && oracle.counts.runs >= 2
      while (!isOver()) {
        const start = Date.now()
        gateway.spoil = spoil
        const loop = async (step: () => Promise<void>): Promise<void> => {
          while (Date.now() - start < work) await step()
        }
        const middle = pause(work / 2).then(() => take(false))
        // Looked at behind the work, which may fail first.
        middle.catch(() => undefined)
        await Promise.all([
          ...[loop(() => jobs.one()), loop(() => jobs.one()), loop(() => jobs.one())],
          ...[loop(() => looking.browse()), loop(() => looking.deploy())],
          pause(random.below(work)).then(() => world.engineWay?.cutAll()),
        ])
        gateway.spoil = () => null
        await world.program.settled()
        limits.add(await middle)
        // Rest: what the work needed goes.
        const idle = limits.isBase(hours())
          ? await deepest(() => take(true))
          : await atRest(() => take(true), limits)
        const wrong = limits.add(idle)
        for (const words of wrong) oracle.count('leaked', words)
        oracle.uncaught()
        world.program.uncaught.length = 0
        oracle.counts.runs += 1
        say(
          `minute ${(idle.at * 60).toFixed(1)} of ${minutes}: ${describe(idle.reading)}; ${jobs.accepted.length} jobs, ` +
            `${gateway.spoiled} of ${gateway.seen} requests spoiled`,
        )
        writeFileSync(join(folder, 'mixed-hour.json'), JSON.stringify(limits.samples.map(short), null, 1))
        if (!isOver()) await pause(Math.max(0, start + minute - Date.now()))
      }
      for (const words of limits.trends(say)) oracle.count('leaked', words)
      await oracle.leavings()
      await oracle.sameSettings(settings)
      written(world.target.accessLog(), unanswered, jobs.failures, oracle)
      say(
        [...jobs.ends]
          .sort()
          .map(([end, count]) => `${end}: ${count}`)
          .join(', '),
      )
      say(
        [...looking.calls]
          .sort()
          .map(([name, count]) => `${name}: ${count}`)
          .join(', '),
      )
      await world.program.stop()
      oracle.databases()
      return oracle.counts
    } catch (error) {
      say(readFileSync(`${world.order.folder}.out`, 'utf8').slice(-4000))
      throw error
    } finally {
      await world.close()
      gauge.remove()
    }
  },
}

/** The sample that holds the least, of half a minute. */
async function deepest(take: () => Promise<Sample>): Promise<Sample> {
  let best = await take()
  for (const end = Date.now() + patience / 2; Date.now() < end;) {
    await pause(3000)
    const next = await take()
    if (held(next) <= held(best)) best = next
  }
  return best
}

/** The first sample that is within the limits, or the last one. */
function atRest(take: () => Promise<Sample>, limits: Limits): Promise<Sample> {
  const isIt = async (): Promise<Sample | false> => {
    const sample = await take()
    return limits.isAtRest(sample) && sample
  }
  return until('rest', isIt, { timeout: patience, interval: 3000 }).catch(take)
}

const MB = 1_000_000
const describe = ({ heapUsed, rss, descriptors, resources, objects }: Reading): string => {
  const { file, pipe, socket, kept, archive } = descriptors
  const held = Object.values(resources).reduce((sum, count) => sum + count, 0)
  return (
    `heap ${(heapUsed / MB).toFixed(1)} MB, rss ${(rss / MB).toFixed(0)} MB, ${file} files, ${pipe} pipes, ` +
    `${socket} sockets, ${kept} kept, ${archive} archives, ${held} handles, ${objects.Timeout} timers, ${objects.AbortSignal} signals`
  )
}

const short = ({ at, isIdle, reading, rows }: Sample): object => {
  const { names, ...rest } = reading
  return { at, isIdle, ...rest, descriptorCount: names.length, rows }
}

/** How many rows each table has, read beside the program. */
function rowsOf(folder: string): Record<string, number> {
  const rows: Record<string, number> = {}
  for (const name of ['jobs.db', 'cache.db']) {
    const sqlite = new Sqlite(join(folder, name), { readonly: true })
    try {
      const tables = sqlite
        .prepare(
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%!_text%' ESCAPE '!'",
        )
        .all() as { name: string }[]
      for (const { name: table } of tables) {
        const { n } = sqlite.prepare(`SELECT count(*) AS n FROM "${table}"`).get() as { n: number }
        rows[table] = n
      }
    } finally {
      sqlite.close()
    }
  }
  return rows
}

/**
 * A tag is written once, and once more for each answer that was lost and each attempt that failed behind it. Taken from beside its siblings and put back it is written
 * twice, and twice more for each attempt that failed on the way.
 */
function written(
  log: readonly string[],
  unanswered: ReadonlyMap<string, number>,
  failures: ReadonlyMap<string, number>,
  oracle: Oracle,
): void {
  const writes = new Map<string, number>()
  for (const line of log) {
    const url = / 201 /.test(line) ? /"PUT (\/v2\/\S+\/manifests\/\S+) /.exec(line)?.[1] : undefined
    if (url) writes.set(url, (writes.get(url) ?? 0) + 1)
  }
  for (const [url, count] of writes) {
    const repository = /\/v2\/(.+)\/manifests\//.exec(url)?.[1] ?? ''
    const own =
      (repository.endsWith('-delete') ? 2 : 1) +
      (/-(delete|delete-tags|rename)$/.test(repository) ? 2 : 1) * (failures.get(repository) ?? 0)
    const allowed = own + (unanswered.get(url) ?? 0)
    if (count > allowed) oracle.count('duplicated', `${url} was written ${count} times, ${allowed} expected`)
  }
}
