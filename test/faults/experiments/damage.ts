import { cpSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'libsql'
import type { Experiment } from '../experiment'
import { inWorld } from '../in-world'
import type { Accepted } from '../oracle'
import { Random } from '../random'

const files = [
  'jobs.db',
  'cache.db',
  'jobs.db-wal',
  'registries.json',
  'places.json',
  'settings.json',
] as const
const harms = ['flipped', 'cut', 'emptied', 'newer'] as const

/** A file of the program is damaged while it does not run: what it holds is there again, as far as anything can know it. */
export const damage: Experiment = {
  name: 'damage',
  what: 'bytes flipped, the end cut off, emptied, or of a newer version: databases, their journal, settings',
  ...{ quick: true, few: 8, full: files.length * harms.length * 3 },
  async run(seed, runs) {
    const random = new Random(seed)
    return inWorld({}, async ({ world, oracle, before }) => {
      const { folder } = world.order
      const accepted: Accepted[] = []
      for (let run = 0; run < runs; run += 1) {
        // With few runs, other pairs than with all.
        const step = runs < files.length * harms.length ? run * 5 : run
        const file = files[step % files.length] ?? 'jobs.db'
        const harm = harms[Math.floor(step / files.length) % harms.length] ?? 'flipped'
        const requests = [
          await world.request('copy', `d${seed}-${run}-copy`, 20_000),
          await world.request('archive-push', `d${seed}-${run}-archive`, 20_000),
        ]
        const now = await world.enqueue(requests)
        accepted.push(...now)
        await world.program.settled()
        // A waiting job too, which goes on afterwards.
        world.way.faults.stall = true
        accepted.push(
          ...(await world.enqueue([await world.request('archive-push', `d${seed}-${run}-later`, 20_000)])),
        )
        const isJournal = file === 'jobs.db-wal'
        if (isJournal || random.next() < 0.5) await world.program.kill()
        else await world.program.stop()
        world.way.faults = {}
        const path = join(folder, file)
        const aside = readdirSync(folder)
        const done = spoil(path, harm, random)
        if (process.env.FAULTS_KEEP) cpSync(folder, process.env.FAULTS_KEEP, { recursive: true })
        try {
          await world.start()
        } catch (error) {
          oracle.count('lost', `after ${file} ${harm}, run ${run}: ${String(error)}`)
          return
        }
        const jobs = await world.program.settled()
        const failures = oracle.counts.lost
        await oracle.jobs(accepted.slice(-60), jobs)
        oracle.repeats(accepted.slice(-3))
        // A newer program's file is not understood: it is kept, whole, beside a new one.
        const kept = readdirSync(folder).some(
          (name) => !aside.includes(name) && name.startsWith(`${file}.broken-`),
        )
        if (done && harm === 'newer' && !kept && file !== 'settings.json')
          oracle.count('lost', `${file} of a newer version is not kept`)
        await oracle.sameSettings(before)
        await oracle.leavings()
        if (oracle.counts.lost > failures) process.stdout.write(`    after ${file} ${harm}, run ${run}\n`)
        await world.tidy(requests)
        oracle.counts.runs += 1
      }
    })
  },
}

/** Answers whether there was something to spoil. */
function spoil(path: string, harm: (typeof harms)[number], random: Random): boolean {
  if (!existsSync(path) || (harm === 'newer' && path.endsWith('-wal'))) return false
  const { size } = statSync(path)
  if (harm === 'emptied') truncateSync(path, 0)
  if (harm === 'cut') truncateSync(path, random.below(size))
  if (harm === 'flipped') {
    const bytes = readFileSync(path)
    for (let count = 0; count < 16; count += 1) {
      const at = random.below(size)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    }
    writeFileSync(path, bytes)
  }
  if (harm === 'newer') {
    if (path.endsWith('.json'))
      writeFileSync(path, readFileSync(path, 'utf8').replace('"version": 1', '"version": 99'))
    else if (path.endsWith('.db')) {
      const sqlite = new Sqlite(path)
      sqlite.exec('PRAGMA user_version = 99')
      sqlite.close()
    }
  }
  return true
}
