import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import { engineDemand } from '../../../lab/engine-api'
import { httpGet } from '../../../lab/http-get'
import { until } from '../../../lab/until'
import { actionOf, contextFor, never, newChange, openLabSwarm, webSpec, type LabSwarm } from './lab-swarm'

let lab: LabSwarm
beforeAll(async () => {
  lab = await openLabSwarm()
})
afterAll(() => lab?.stop())

const failureOf = async (work: Promise<unknown>): Promise<AppError> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof AppError) return error
  throw error ?? new Error('it succeeded')
}
const servicesLeft = async (): Promise<number> =>
  (JSON.parse(await engineDemand(lab.swarm.manager.engine.host, 'GET', '/services')) as unknown[]).length

describe('a deployment on a swarm of two nodes', () => {
  it('comes up on both with its image pinned, is found again, and goes without a trace', async () => {
    const reference = await lab.push('app:1.0')
    const secret = randomBytes(12).toString('hex')
    const spec = webSpec(reference, {
      instances: 2,
      environment: [
        { name: 'COLOUR', value: 'green', secret: false },
        { name: 'TOKEN', value: '', secret: true },
      ],
      files: [{ path: '/etc/app.conf', content: 'depth = 3\n', mode: '0644' }],
      health: { ...timing, kind: 'http', port: 8080, path: '/' },
    })
    const change = newChange(spec)
    const { context, told } = contextFor(lab.registry, { secrets: { TOKEN: secret } })
    const { digest, addresses } = await lab.driver.apply(change, context)
    expect(digest).toMatch(/^sha256:/)
    expect(told.phases.slice(0, 2)).toEqual(['preparing', 'creating'])
    expect(told.phases).toContain('reaching')
    expect(told.lines.join('\n')).not.toContain(secret)
    const [address] = addresses
    expect((await httpGet(address?.url ?? '')).text).toBe('1.0')

    const detail = await lab.driver.read(change.id, never)
    expect(detail.summary).toMatchObject({
      ...{ name: spec.name, state: 'running', health: 'healthy', version: 1, digest },
      instances: { wanted: 2, running: 2, healthy: 2 },
    })
    expect(detail.spec).toEqual(spec)
    expect(new Set(detail.instances.map(({ number }) => number))).toEqual(new Set([1, 2]))
    const shown = await lab.driver.list(never)
    expect(shown.deployments.map(({ id }) => id)).toContain(change.id)
    expect(JSON.stringify([detail, shown])).not.toContain(secret)
    expect(await lab.driver.secretsOf(change.id, ['TOKEN', 'NONE'], never)).toEqual({ TOKEN: secret })
    expect(detail.events.map(({ kind }) => kind)).toContain('running')

    await lab.driver.act(actionOf(change, 'remove'), contextFor(null).context)
    expect(await servicesLeft()).toBe(0)
    const { host } = lab.swarm.manager.engine
    expect(JSON.parse(await engineDemand(host, 'GET', '/configs'))).toEqual([])
    expect((await failureOf(lab.driver.read(change.id, never))).code).toBe('DEPLOYMENT_UNKNOWN')
  })
})

const timing = { startSeconds: 0, intervalSeconds: 0.3, timeoutSeconds: 2, retries: 3 }
void until
