import type { IncomingMessage } from 'node:http'
import { until } from '../../lab/until'
import { type BrokenGateway, startBrokenGateway } from '../broken-gateway'
import type { Experiment } from '../experiment'
import { Oracle } from '../oracle'
import { Random } from '../random'
import { States } from '../states'
import { type Kind, withoutEngine, World } from '../world'

const statuses = [429, 500, 502, 503]

/** Which requests are hit: some of all, all uploads for a while, every manifest that is written, all of them for ever. */
const ways: readonly ((random: Random, status: number) => (request: IncomingMessage) => number | null)[] = [
  (random, status) => () => (random.next() < 0.2 ? status : null),
  (_random, status) => {
    let left = 2
    return ({ method }) => (method === 'PATCH' && (left -= 1) >= 0 ? status : null)
  },
  (_random, status) => {
    let left = 1
    return ({ method, url = '' }) =>
      method !== 'GET' && method !== 'HEAD' && url.includes('/manifests/') && (left -= 1) >= 0 ? status : null
  },
  (_random, status) => {
    let seen = 0
    return () => ((seen += 1) > 3 ? status : null)
  },
]

/** Answers of a registry that is overrun or broken; a job that fails of it is tried again with the registry well. */
export const registryFaults: Experiment = {
  name: 'registry-faults',
  what: 'the registry answers 429, 500, 502 and 503, now and then, to uploads, to manifests, for ever',
  ...{ quick: true, few: 4, full: statuses.length * ways.length * withoutEngine.length },
  async run(seed, runs) {
    const random = new Random(seed)
    let gateway!: BrokenGateway
    const world = await World.open({ before: async (host) => (gateway = await startBrokenGateway(host)) })
    const oracle = new Oracle(world)
    const states = new States()
    try {
      const before = await oracle.settings()
      for (let run = 0; run < runs; run += 1) {
        const kind: Kind = withoutEngine[run % withoutEngine.length] ?? 'copy'
        const status = statuses[Math.floor(run / withoutEngine.length) % statuses.length] ?? 500
        const spoil =
          ways[Math.floor(run / (withoutEngine.length * statuses.length)) % ways.length] ?? ways[0]
        const request = await world.request(kind, `r${seed}-${run}-${kind}`, 200_000)
        if (spoil) gateway.spoil = spoil(random, status)
        const { id } = await world.program.call('job:enqueue', request)
        const first = await world.program.settled(90_000)
        const hit = first.filter((one) => one.id === id)
        gateway.spoil = () => null
        await oracle.jobs([{ id, request }], first)
        if (hit[0]?.state === 'failed') {
          await until(
            'another attempt',
            async () => {
              // A pause that the registry asked for may still hold.
              const now = (await world.program.jobs()).find((one) => one.id === id)
              if (now?.state === 'failed') await world.program.call('job:retry', { id, replaces: null })
              return isDone(
                kind,
                (await world.program.settled()).find((one) => one.id === id),
              )
            },
            { interval: 1000, timeout: 20_000 },
          ).catch((error: unknown) => oracle.count('lost', `${kind} after ${status}: ${String(error)}`))
        }
        const jobs = await world.program.settled()
        await oracle.jobs([{ id, request }], jobs)
        states.note(hit, jobs)
        oracle.repeats([{ id, request }])
        await oracle.leavings()
        oracle.uncaught()
        await world.tidy([request])
        oracle.counts.runs += 1
      }
      await oracle.sameSettings(before)
      process.stdout.write(`  ${gateway.spoiled} answers spoiled; ${states.read()}\n`)
      await world.program.stop()
      oracle.databases()
      return oracle.counts
    } finally {
      await world.close()
    }
  },
}

/** A deletion whose first attempt went through and was not answered finds nothing to delete. */
const isDone = (kind: Kind, job: { state: string; error: { code: string } | null } | undefined): boolean =>
  job?.state === 'succeeded' || (kind.startsWith('delete') && job?.error?.code === 'MANIFEST_UNKNOWN')
