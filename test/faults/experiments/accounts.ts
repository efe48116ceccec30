import { setTimeout as pause } from 'node:timers/promises'
import type { Experiment } from '../experiment'
import { inWorld } from '../in-world'
import { Random } from '../random'
import { withoutEngine } from '../world'

const target = { auth: 'bearer', tokenSeconds: 5 } as const

/** Access tokens live for five seconds, jobs for three times as long: each goes on with the next token, unasked. */
export const tokens: Experiment = {
  name: 'tokens',
  what: 'access tokens that end every 5 s under jobs that take longer',
  ...{ quick: false, few: 1, full: 4 },
  run: (seed, runs) =>
    inWorld({ target }, async ({ world, oracle, states, before }) => {
      await world.signIn()
      const signedIn = await oracle.settings()
      for (let run = 0; run < runs; run += 1) {
        world.way.faults.delay = 700
        const requests = await Promise.all(
          withoutEngine.map((kind) => world.request(kind, `t${seed}-${run}-${kind}`, 1_000_000)),
        )
        const accepted = await world.enqueue(requests)
        const began = Date.now()
        const jobs = await world.program.settled(120_000)
        if (Date.now() - began < 6000) oracle.count('lost', 'the jobs were over before a token was')
        await oracle.jobs(accepted, jobs)
        for (const { id, request } of accepted) {
          const job = jobs.find((one) => one.id === id)
          if (job?.state !== 'succeeded')
            oracle.count('lost', `${request.kind}: ${JSON.stringify(job?.error)}`)
        }
        oracle.repeats(accepted)
        states.note(
          jobs.filter(({ id }) => accepted.some((one) => one.id === id)),
          jobs,
        )
        oracle.counts.runs += 1
      }
      if (signedIn.length <= before.length - 2) oracle.count('lost', 'the account')
      await oracle.sameSettings(signedIn)
    }),
}

/** The account is taken away while jobs use it. They end with their reason, and nothing is half there. */
export const revoked: Experiment = {
  name: 'revoked',
  what: 'the account is revoked while jobs use it',
  ...{ quick: true, few: 1, full: 8 },
  async run(seed, runs) {
    const random = new Random(seed)
    const total = { runs: 0, lost: 0, falseSuccess: 0, duplicated: 0, leaked: 0 }
    for (let run = 0; run < runs; run += 1) {
      const counts = await inWorld(
        { target: { ...target, tokenSeconds: 2 } },
        async ({ world, oracle, states }) => {
          await world.signIn()
          const signedIn = await oracle.settings()
          world.way.faults.delay = 300
          const accepted = await world.enqueue(
            await Promise.all(withoutEngine.map((kind) => world.request(kind, `v${seed}-${run}-${kind}`))),
          )
          await pause(random.below(4000))
          const hit = await world.program.jobs()
          world.target.tokens?.revoke('developer')
          const jobs = await world.program.settled()
          delete world.way.faults.delay
          states.note(hit, jobs)
          await oracle.jobs(accepted, jobs)
          oracle.repeats(accepted)
          await oracle.leavings()
          await oracle.sameSettings(signedIn)
          oracle.counts.runs += 1
        },
      )
      for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += counts[name]
    }
    return total
  },
}
