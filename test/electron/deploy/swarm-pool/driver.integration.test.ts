import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeploymentSpec } from '@shared/deployment'
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

const timing = { startSeconds: 0, intervalSeconds: 0.3, timeoutSeconds: 2, retries: 3 }

let lab: LabSwarm
let reference: string
beforeAll(async () => {
  lab = await openLabSwarm()
  reference = await lab.push('app:1.0')
})
afterAll(() => lab?.stop())

const listed = async (what: string): Promise<unknown[]> =>
  JSON.parse(await engineDemand(lab.swarm.manager.engine.host, 'GET', `/${what}`)) as unknown[]

/** Deploys, runs the test, and removes; fails where anything of it is left. */
async function withDeployment(
  rest: Partial<DeploymentSpec>,
  test: (change: Change, url: string) => Promise<void>,
): Promise<void> {
  const change = newChange(webSpec(reference, rest))
  const { addresses } = await lab.driver.apply(change, contextFor(lab.registry).context)
  try {
    await test(change, addresses[0]?.url ?? '')
  } finally {
    await lab.driver.act(actionOf(change, 'remove'), contextFor(null).context)
  }
  expect(await listed('services')).toEqual([])
}

const containersOn = async (node: number): Promise<unknown[]> =>
  JSON.parse(
    await engineDemand(lab.swarm.nodes[node]?.engine.host ?? '', 'GET', '/containers/json'),
  ) as unknown[]

describe('a deployment on a swarm of two nodes', () => {
  it('comes up on both with its image pinned, is found again, and goes without a trace', async () => {
    const secret = randomBytes(12).toString('hex')
    const spec = webSpec(reference, {
      instances: 2,
      environment: [
        { name: 'COLOUR', value: 'green', secret: false },
        { name: 'TOKEN', value: '', secret: true },
      ],
      files: [{ path: '/www/app.conf', content: 'depth = 3\n', mode: '0644' }],
      networks: ['inner'],
      health: { ...timing, kind: 'tcp', port: 8080 },
    })
    const change = newChange(spec)
    const { context, told } = contextFor(lab.registry, { secrets: { TOKEN: secret } })
    const { digest, addresses } = await lab.driver.apply(change, context)
    expect(digest).toMatch(/^sha256:/)
    expect(told.phases.slice(0, 2)).toEqual(['preparing', 'creating'])
    expect(told.phases).toContain('reaching')
    expect(told.lines.join('\n')).not.toContain(secret)
    const url = addresses[0]?.url ?? ''
    expect((await httpGet(url)).text).toBe('1.0')
    expect((await httpGet(`${url}app.conf`)).text).toBe('depth = 3\n')
    for (const node of [0, 1]) expect(await containersOn(node)).toHaveLength(1)

    const detail = await lab.driver.read(change.id, never)
    expect(detail.summary).toMatchObject({
      ...{ name: spec.name, state: 'running', health: 'healthy', version: 1, digest, error: null },
      instances: { wanted: 2, running: 2, healthy: 2 },
    })
    expect(detail.spec).toEqual(spec)
    expect(detail.instances.map(({ number, reachable }) => [number, reachable])).toEqual([
      [1, true],
      [2, true],
    ])
    const shown = await lab.driver.list(never)
    expect(shown.deployments.map(({ id }) => id)).toEqual([change.id])
    expect(JSON.stringify([detail, shown])).not.toContain(secret)
    expect(await lab.driver.secretsOf(change.id, ['TOKEN', 'NONE'], never)).toEqual({ TOKEN: secret })
    expect(detail.events.map(({ kind }) => kind)).toContain('running')
    const facts = await lab.driver.facts(spec, null, never)
    expect(facts.names).toContain(spec.name)
    expect(facts.usedPorts.get(`${addresses[0]?.port}/tcp`)).toBe(spec.name)
    expect(facts).toMatchObject({ nodes: 2, platform: 'linux/amd64' })

    await lab.driver.act(actionOf(change, 'remove'), contextFor(null).context)
    expect(await listed('services')).toEqual([])
    expect(await listed('configs')).toEqual([])
    expect(JSON.stringify(await listed('networks'))).not.toContain('"inner"')
    expect((await failureOf(lab.driver.read(change.id, never))).code).toBe('DEPLOYMENT_UNKNOWN')
  })

  it('stops, starts, restarts and scales', () =>
    withDeployment({ instances: 2 }, async (change, url) => {
      const { context } = contextFor(null)
      await lab.driver.act(actionOf(change, 'stop'), context)
      let { summary } = await lab.driver.read(change.id, never)
      expect(summary).toMatchObject({ state: 'stopped', version: 1, instances: { wanted: 0, running: 0 } })
      await lab.driver.act(actionOf(change, 'start'), context)
      ;({ summary } = await lab.driver.read(change.id, never))
      expect(summary).toMatchObject({ state: 'running', instances: { wanted: 2, running: 2 } })
      expect((await httpGet(url)).text).toBe('1.0')

      const before = (await lab.driver.read(change.id, never)).instances.map(({ id }) => id)
      await lab.driver.act(actionOf(change, 'restart'), context)
      const after = (await lab.driver.read(change.id, never)).instances.filter(
        ({ state }) => state === 'running',
      )
      expect(after).toHaveLength(2)
      for (const { id } of after) expect(before).not.toContain(id)

      const spec = { ...change.spec, instances: 3 }
      await lab.driver.apply({ ...change, spec, reason: 'scale', baseVersion: 1 }, contextFor(null).context)
      const scaled = await lab.driver.read(change.id, never)
      expect(scaled.summary).toMatchObject({ version: 2, instances: { wanted: 3, running: 3 } })
      expect(scaled.versions.map(({ version }) => version)).toEqual([2, 1])
      for (const { id } of after) expect(scaled.instances.map((one) => one.id)).toContain(id)
    }))

  it('restarts or removes one instance', () =>
    withDeployment({ instances: 2 }, async (change) => {
      const { instances } = await lab.driver.read(change.id, never)
      const [first, second] = instances.map(({ id }) => id)
      const { context } = contextFor(null)
      await lab.driver.act(actionOf(change, 'restart-instance', { instanceId: first ?? null }), context)
      const now = (await lab.driver.read(change.id, never)).instances.filter(
        ({ state }) => state === 'running',
      )
      expect(now).toHaveLength(2)
      expect(now.map(({ id }) => id)).toContain(second)
      expect(now.map(({ id }) => id)).not.toContain(first)

      await lab.driver.act(actionOf(change, 'remove-instance', { instanceId: second ?? null }), context)
      const left = await until('one instance', async () => {
        const detail = await lab.driver.read(change.id, never)
        return detail.instances.length === 1 && detail
      })
      expect(left.instances[0]?.id).not.toBe(second)
      expect(left.summary).toMatchObject({ version: 2, instances: { wanted: 1 } })
      expect(left.spec.instances).toBe(1)
    }))

  it('says that an instance on a node out of reach cannot be got at', () =>
    withDeployment({ instances: 2 }, async (change) => {
      const alone = await lab.driverFor([])
      const { instances, limits } = await alone.read(change.id, never)
      const remote = instances.find(({ reachable }) => !reachable)
      expect(limits).toContain('statistics-remote')
      expect((await alone.measure(change.id, never)).map(({ instanceId }) => instanceId)).not.toContain(
        remote?.id,
      )
      const size = { columns: 80, rows: 24 }
      const request = actionOf(change, 'restart-instance', { instanceId: remote?.id ?? null })
      expect((await failureOf(alone.terminal(change.id, remote?.id ?? '', size))).code).toBe(
        'POOL_UNSUPPORTED',
      )
      expect((await failureOf(alone.act(request, contextFor(null).context))).code).toBe('POOL_UNSUPPORTED')
    }))

  it('gives the logs of all instances, their use, and a terminal into each', () =>
    withDeployment(
      {
        instances: 2,
        command: [
          'sh',
          '-c',
          'echo first; echo oh >&2; httpd -p 8080 -h /www; while :; do echo tick; sleep 1; done',
        ],
      },
      async (change) => {
        const { instances } = await lab.driver.read(change.id, never)
        const ending = new AbortController()
        const seen: string[] = []
        const options = { instanceId: null, tail: null, since: null, follow: true }
        for await (const lines of lab.driver.logs(change.id, options, ending.signal)) {
          for (const { from, channel, text, at } of lines) {
            expect(at).not.toBeNull()
            seen.push(`${from} ${channel} ${text}`)
          }
          const ticks = seen.filter((line) => line.endsWith('tick'))
          if (new Set(ticks).size === 2 && ticks.length > 6) ending.abort()
        }
        for (const number of [1, 2]) {
          expect(seen).toContain(`${change.spec.name}.${number} out first`)
          expect(seen).toContain(`${change.spec.name}.${number} err oh`)
        }
        const some: string[] = []
        const [one] = instances
        const last = { instanceId: one?.id ?? null, tail: 2, since: null, follow: false }
        for await (const lines of lab.driver.logs(change.id, last, never))
          some.push(...lines.map(({ text }) => text))
        expect(some).toEqual(['tick', 'tick'])

        const measures = await lab.driver.measure(change.id, never)
        expect(new Set(measures.map(({ instanceId }) => instanceId))).toEqual(
          new Set(instances.map(({ id }) => id)),
        )
        for (const { memory } of measures) expect(memory).toBeGreaterThan(0)

        for (const { id } of instances) {
          const { stream, exitCode } = await lab.driver.terminal(change.id, id, { columns: 80, rows: 24 })
          let text = ''
          stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
          stream.write('cat /www/index.html; exit 7\n')
          expect(await exitCode()).toBe(7)
          expect(text).toContain('1.0')
        }
      },
    ))

  it('runs the command before the stop, and takes volumes away only when asked', async () => {
    const spec = webSpec(reference, {
      ...{ instances: 2, ports: [], beforeStop: 'echo bye >/keep/word' },
      volumes: [{ kind: 'volume', name: 'kept', path: '/keep', readOnly: false }],
    })
    const volumesOn = async (node: number): Promise<string> =>
      engineDemand(lab.swarm.nodes[node]?.engine.host ?? '', 'GET', '/volumes')
    for (const volumes of [false, true]) {
      const change = newChange(spec)
      await lab.driver.apply(change, contextFor(lab.registry).context)
      const { context, told } = contextFor(null)
      await lab.driver.act(actionOf(change, 'remove', { volumes }), context)
      expect(told.lines.filter((line) => line.endsWith('command before the stop ended with 0'))).toHaveLength(
        2,
      )
      for (const node of [0, 1]) expect((await volumesOn(node)).includes('"kept"')).toBe(!volumes)
    }
  })

  it('refuses a name and a port that another service has', () =>
    withDeployment({}, async (change, url) => {
      const again = newChange({ ...change.spec })
      expect((await failureOf(lab.driver.apply(again, contextFor(lab.registry).context))).code).toBe(
        'NAME_TAKEN',
      )
      const [port] = change.spec.ports
      if (!port) throw new Error('no port')
      const clash = newChange(webSpec(reference, { ports: [{ ...port, host: Number(new URL(url).port) }] }))
      const error = await failureOf(lab.driver.apply(clash, contextFor(lab.registry).context))
      expect(error).toMatchObject({ code: 'PORT_IN_USE', context: { port: new URL(url).port } })
      expect((await lab.driver.list(never)).deployments.map(({ id }) => id)).toEqual([change.id])
    }))
})
