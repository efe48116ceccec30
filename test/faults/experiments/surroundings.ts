import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startKeyring } from '../../lab/keyring'
import { temporaryFolder } from '../../lab/temporary'
import { undoLater } from '../../lab/undo'
import type { Experiment } from '../experiment'
import { inWorld } from '../in-world'
import { ProgramProcess } from '../program-process'
import { Random } from '../random'
import { type Kind, withoutEngine } from '../world'

/** The disk of the data folder is full: database, journal, spool, log and settings alike. Needs root, for a disk of its own. */
export const diskFull: Experiment = {
  name: 'disk-full',
  what: 'the disk full under database, journal, spool, log and settings',
  ...{ quick: true, few: 2, full: 24 },
  async run(seed, runs) {
    const random = new Random(seed)
    const folder = temporaryFolder('faults-disk')
    const data = folder.join('data')
    mkdirSync(data)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', data])
    const undo = undoLater(['umount', '-l', data])
    const kinds: readonly Kind[] = ['copy', 'archive-push', 'resumable-push', 'delete']
    try {
      return await inWorld({ data, engine: true }, async ({ world, oracle, states, before }) => {
        const ballast = join(data, 'ballast')
        for (let run = 0; run < runs; run += 1) {
          const requests = await Promise.all(
            kinds.map((kind) => world.request(kind, `f${seed}-${run}-${kind}`, 900_000)),
          )
          world.way.faults.delay = 10
          const fill = async (left: number): Promise<void> => {
            await pause(random.below(500))
            const { bavail, bsize } = statfsSync(data)
            try {
              writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left)))
            } catch {
              // Somebody was quicker: then it is as full as it can be.
            }
          }
          // None at all, one page, or room for some of it.
          const [accepted] = await Promise.all([
            world.enqueue(requests),
            fill([0, 4096, 200_000][run % 3] ?? 0),
          ])
          const place = {
            registryId: world.registries.source.id,
            section: 'private',
            repository: `visited-${run}`,
            reference: null,
          } as const
          await world.program.call('place:visit', place).catch(() => null)
          const hit = await world.program.settled()
          await oracle.jobs(accepted, hit)
          if (random.next() < 0.5) await world.program.kill()
          else await world.program.stop()
          rmSync(ballast, { force: true })
          delete world.way.faults.delay
          oracle.databases()
          await world.start()
          const jobs = await world.program.settled()
          await oracle.jobs(accepted, jobs)
          states.note(
            hit.filter(({ id }) => accepted.some((one) => one.id === id)),
            jobs,
          )
          oracle.repeats(accepted)
          await oracle.leavings()
          await oracle.sameSettings(before)
          await world.tidy(requests)
          oracle.counts.runs += 1
        }
      })
    } finally {
      execFileSync('umount', ['-l', data])
      undo.done()
      folder.remove()
    }
  },
}

/** The system's keychain is locked, or goes, while jobs need its password, and stays so over a start. */
export const keychain: Experiment = {
  name: 'keychain',
  what: 'the keychain locked or gone under jobs, and at the next start',
  ...{ quick: true, few: 1, full: 8 },
  async run(seed, runs) {
    const random = new Random(seed)
    const total = { runs: 0, lost: 0, falseSuccess: 0, duplicated: 0, leaked: 0 }
    for (let run = 0; run < runs; run += 1) {
      const keyring = await startKeyring()
      let isStopped = false
      try {
        const options = {
          target: { auth: 'basic' },
          order: { keychain: 'system', env: keyring.env },
        } as const
        const counts = await inWorld(options, async ({ world, oracle, states }) => {
          await world.signIn('keychain')
          const before = await oracle.settings()
          // Started anew, it knows no password but from the keychain.
          await world.program.stop()
          await world.start()
          world.way.faults.delay = 15
          const make = (part: string): Promise<Awaited<ReturnType<typeof world.enqueue>>> =>
            Promise.all(
              withoutEngine.map((kind) => world.request(kind, `h${seed}-${run}-${part}-${kind}`)),
            ).then((requests) => world.enqueue(requests))
          const accepted = await make('during')
          await pause(random.below(700))
          if (run % 2 === 0) await keyring.lock()
          else {
            await keyring.stop()
            isStopped = true
          }
          accepted.push(...(await make('after')))
          const hit = await world.program.settled()
          await oracle.jobs(accepted, hit)
          await world.program.stop()
          await world.start()
          accepted.push(...(await make('anew')))
          const jobs = await world.program.settled()
          states.note(jobs, jobs)
          await oracle.jobs(accepted, jobs)
          oracle.repeats(accepted)
          await oracle.leavings()
          await oracle.sameSettings(before)
          oracle.counts.runs += 1
        })
        for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += counts[name]
      } finally {
        if (!isStopped) await keyring.stop()
      }
    }
    return total
  },
}

const day = 86_400_000

/** The clock jumps while the program does not run, and back again; tokens are still taken for what they are. */
export const clock: Experiment = {
  name: 'clock',
  what: 'the clock a day or a year off, before or behind, over kills and starts',
  ...{ quick: true, few: 2, full: 16 },
  async run(seed, runs) {
    const random = new Random(seed)
    const offsets = [day, -day, 365 * day, -365 * day]
    return inWorld({ target: { auth: 'bearer', tokenSeconds: 60 } }, async ({ world, oracle, states }) => {
      for (let run = 0; run < runs; run += 1) {
        await world.signIn()
        const before = await oracle.settings()
        world.way.faults.delay = 10
        const requests = await Promise.all(
          withoutEngine.map((kind) => world.request(kind, `o${seed}-${run}-${kind}`)),
        )
        const accepted = await world.enqueue(requests)
        await pause(random.below(900))
        await world.program.kill()
        delete world.way.faults.delay
        await world.start({ clock: offsets[run % offsets.length] ?? day })
        await world.signIn()
        const more = await world.enqueue(
          await Promise.all(withoutEngine.map((kind) => world.request(kind, `o${seed}-${run}-off-${kind}`))),
        )
        const off = await world.program.settled()
        await oracle.jobs([...accepted, ...more], off)
        for (const { id, request } of more) {
          const job = off.find((one) => one.id === id)
          if (job?.state !== 'succeeded')
            oracle.count('lost', `${request.kind}: ${JSON.stringify(job?.error)}`)
        }
        await world.program.stop()
        await world.start()
        const jobs = await world.program.settled()
        states.note(off.slice(0, 8), jobs)
        await oracle.jobs([...accepted, ...more], jobs)
        oracle.repeats([...accepted, ...more])
        await world.signIn()
        await oracle.leavings()
        await oracle.sameSettings(before)
        oracle.counts.runs += 1
      }
    })
  },
}

/** A second program on the same folder, past the window's own lock: it must not do the first one's work as well. */
export const twice: Experiment = {
  name: 'two-instances',
  what: 'a second instance is started on the data folder of one that works',
  ...{ quick: true, few: 1, full: 8 },
  async run(seed, runs) {
    const random = new Random(seed)
    return inWorld({}, async ({ world, oracle, states, before }) => {
      for (let run = 0; run < runs; run += 1) {
        world.way.faults.delay = 60
        const requests = await Promise.all(
          withoutEngine.map((kind) => world.request(kind, `i${seed}-${run}-${kind}`)),
        )
        const accepted = await world.enqueue(requests)
        await pause(random.below(700))
        const second = await ProgramProcess.start(world.order).catch(() => null)
        if (second) {
          oracle.count('duplicated', 'a second program works on the same folder')
          await second.stop()
        }
        const jobs = await world.program.settled()
        states.note(
          jobs.filter(({ id }) => accepted.some((one) => one.id === id)),
          jobs,
        )
        await oracle.jobs(accepted, jobs)
        oracle.repeats(accepted)
        for (const { id, request } of accepted) {
          const job = jobs.find((one) => one.id === id)
          if (job?.state !== 'succeeded')
            oracle.count('lost', `${request.kind}: ${JSON.stringify(job?.error)}`)
        }
        await oracle.leavings()
        await oracle.sameSettings(before)
        await world.tidy(requests)
        oracle.counts.runs += 1
      }
    })
  },
}
