import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeploymentSpec } from '@shared/deployment'
import type { DeployReason } from '@shared/running'
import type { Change } from '../../../../electron/deploy/driver'
import { engineDemand } from '../../../lab/engine-api'
import { httpGet } from '../../../lab/http-get'
import { until } from '../../../lab/until'
import {
  actionOf,
  contextFor,
  failureOf,
  never,
  newChange,
  openLabSwarm,
  webSpec,
  type LabSwarm,
} from './lab-swarm'
import { startSteadyClient } from './steady-client'

const timing = { startSeconds: 0, intervalSeconds: 0.3, timeoutSeconds: 2, retries: 3 }

let lab: LabSwarm
let first: string
let second: string
beforeAll(async () => {
  lab = await openLabSwarm()
  first = await lab.push('app:1.0')
  second = await lab.push('app:2.0')
})
afterAll(() => lab?.stop())

async function withDeployment(
  rest: Partial<DeploymentSpec>,
  test: (change: Change, url: string) => Promise<void>,
): Promise<void> {
  const change = newChange(webSpec(first, { health: { ...timing, kind: 'tcp', port: 8080 }, ...rest }))
  const { addresses } = await lab.driver.apply(change, contextFor(lab.registry).context)
  try {
    await test(change, addresses[0]?.url ?? '')
  } finally {
    await lab.driver.act(actionOf(change, 'remove'), contextFor(null).context)
  }
}

/** The next version of a deployment with another image, or anything else of it. */
function next(
  change: Change,
  baseVersion: number,
  reference: string,
  rest: Partial<DeploymentSpec> = {},
  reason: DeployReason = 'upgrade',
): Change {
  return {
    ...{ id: change.id, reason, baseVersion },
    spec: { ...change.spec, image: webSpec(reference).image, ...rest },
  }
}

describe('an upgrade on a swarm', () => {
  it.each([1, 2])('misses no request, there and back, with %i instance(s)', (instances) =>
    withDeployment({ instances }, async (change, url) => {
      const client = startSteadyClient(url, 50)
      const { context, told } = contextFor(lab.registry)
      const { digest } = await lab.driver.apply(next(change, 1, second), context)
      const upgraded = await lab.driver.read(change.id, never)
      expect(upgraded.summary).toMatchObject({ version: 2, state: 'running', digest })
      expect(upgraded.versions.map(({ reason }) => reason)).toEqual(['upgrade', 'new'])
      const [, old] = upgraded.versions
      if (!old) throw new Error('no former version')
      // By its digest: whatever its tag names by then.
      const image = { ...old.spec.image, digest: old.digest }
      const back: Change = { ...next(change, 2, first), spec: { ...old.spec, image }, reason: 'rollback' }
      await lab.driver.apply(back, contextFor(lab.registry).context)
      const { asked, answers, missed } = await client.stop()
      expect(missed).toEqual([])
      expect(asked).toBeGreaterThan(100)
      expect([...answers.keys()].sort()).toEqual(['1.0', '2.0'])
      expect(told.phases.at(-1)).toBe('done')
      expect((await httpGet(url)).text).toBe('1.0')
      const detail = await lab.driver.read(change.id, never)
      expect(detail.summary).toMatchObject({ version: 3, state: 'running', error: null })
    }),
  )

  const failing: [string, Partial<DeploymentSpec>, string, string][] = [
    ['ends', { command: ['sh', '-c', 'echo no config; exit 4'] }, 'CONTAINER_EXITED', 'no config'],
    [
      'never becomes healthy',
      { health: { ...timing, kind: 'command', command: 'echo ill; exit 1' } },
      'NOT_HEALTHY',
      'ill',
    ],
    [
      'finds no node',
      { cpu: { limit: null, reservation: 500, weight: null } },
      'RESOURCES_MISSING',
      'insufficient',
    ],
  ]
  it.each(failing)('that %s leaves the old instances serving', (_what, rest, code, words) =>
    withDeployment(
      { instances: 2, files: [{ path: '/www/c', content: 'one', mode: '0644' }] },
      async (change, url) => {
        const before = (await lab.driver.read(change.id, never)).instances.map(({ id }) => id)
        const client = startSteadyClient(url, 50)
        const files = [{ path: '/www/c', content: 'two', mode: '0644' }]
        const upgrade = next(change, 1, second, { files, ...rest })
        const error = await failureOf(lab.driver.apply(upgrade, contextFor(lab.registry).context))
        expect(error.code).toBe(code)
        expect(error.detail).toContain(words)
        const { missed, answers } = await client.stop()
        expect(missed).toEqual([])
        expect([...answers.keys()]).toEqual(['1.0'])
        const detail = await until('the old ones alone', async () => {
          const now = await lab.driver.read(change.id, never)
          return now.summary.state === 'running' && now.instances.length === 2 && now
        })
        // Instances that were not reached by the upgrade are the very same.
        expect(detail.instances.some(({ id }) => before.includes(id))).toBe(true)
        expect(detail.summary).toMatchObject({ version: 1, instances: { running: 2 } })
        expect(detail.spec).toEqual(change.spec)
        expect(detail.summary.error?.code).toBe(code === 'RESOURCES_MISSING' ? 'NOT_HEALTHY' : code)
        expect((await httpGet(`${url}c`)).text).toBe('one')
        const { host } = lab.swarm.manager.engine
        const configs = await until('one configuration', async () => {
          const list = JSON.parse(await engineDemand(host, 'GET', '/configs')) as unknown[]
          return list.length === 1 && list
        })
        expect(configs).toHaveLength(1)
        // The next one is taken.
        await lab.driver.apply(next(change, 1, second), contextFor(lab.registry).context)
        expect((await httpGet(url)).text).toBe('2.0')
        expect((await lab.driver.read(change.id, never)).summary.error).toBeNull()
      },
    ),
  )

  it('that is cancelled is put back', () =>
    withDeployment({}, async (change, url) => {
      const cancelling = new AbortController()
      const { context } = contextFor(lab.registry, {
        signal: cancelling.signal,
        report: ({ phase }) => phase === 'health' && cancelling.abort(),
      })
      const slow = { health: { ...timing, kind: 'command' as const, command: 'sleep 60' } }
      const error = await failureOf(lab.driver.apply(next(change, 1, second, slow), context))
      expect(error.code).toBe('CANCELLED')
      const { summary } = await lab.driver.read(change.id, never)
      expect(summary).toMatchObject({ version: 1, instances: { running: 1 } })
      expect((await httpGet(url)).text).toBe('1.0')
    }))

  it('of what another has changed meanwhile is refused', () =>
    withDeployment({}, async (change) => {
      const stale = { ...next(change, 1, second), baseVersion: 7 }
      expect((await failureOf(lab.driver.apply(stale, contextFor(lab.registry).context))).code).toBe(
        'DEPLOYMENT_CHANGED',
      )
    }))
})

describe('a node that is lost', () => {
  it('is told of, and its instance begins elsewhere', () =>
    withDeployment({ instances: 2 }, async (change, url) => {
      const [worker] = lab.swarm.workers
      if (!worker) throw new Error('no worker')
      await worker.namespace.plug(false)
      try {
        const detail = await until(
          'both on the one node',
          async () => {
            const now = await lab.driver.read(change.id, never)
            const there = now.instances.filter(({ state }) => state === 'running')
            return there.length === 2 && now.instances.some(({ state }) => state === 'lost') && now
          },
          { timeout: 60_000, interval: 500 },
        )
        expect(detail.summary.instances).toMatchObject({ wanted: 2, running: 2 })
        expect((await httpGet(url)).text).toBe('1.0')
        const texts: string[] = []
        const options = { instanceId: null, tail: 5, since: null, follow: false }
        for await (const lines of lab.driver.logs(change.id, options, never)) {
          texts.push(...lines.map(({ text }) => text))
        }
      } finally {
        await worker.namespace.plug(true)
      }
      await until(
        'the node being back',
        async () => (await lab.driver.facts(change.spec, null, never)).nodes === 2,
        { timeout: 60_000 },
      )
    }))
})
