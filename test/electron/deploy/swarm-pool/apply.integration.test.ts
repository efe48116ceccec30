import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeploymentSpec } from '@shared/deployment'
import type { AppError } from '@shared/error'
import { engineDemand } from '../../../lab/engine-api'
import { contextFor, failureOf, newChange, openLabSwarm, webSpec, type LabSwarm } from './lab-swarm'

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

describe('a deployment that does not come up leaves nothing, and says why', () => {
  const failing: [string, Partial<DeploymentSpec>, Partial<AppError>, string][] = [
    [
      'a command that ends',
      { command: ['sh', '-c', 'echo going down; exit 3'], ports: [] },
      { code: 'CONTAINER_EXITED' },
      'going down',
    ],
    [
      'an entry point that is not there',
      { entrypoint: ['/nothing'], ports: [] },
      { code: 'CONTAINER_EXITED' },
      '/nothing',
    ],
    [
      'a health check that fails',
      { health: { ...timing, kind: 'command', command: 'echo too ill; exit 1' } },
      { code: 'NOT_HEALTHY' },
      'too ill',
    ],
    [
      'more than any node has',
      { cpu: { limit: null, reservation: 500, weight: null } },
      { code: 'RESOURCES_MISSING' },
      'insufficient resources',
    ],
    ['a port that nobody listens at', { command: ['sleep', '1000'] }, { code: 'NOT_REACHABLE' }, ''],
    [
      'a platform that no node has',
      { platform: 'windows/arm64', ports: [] },
      { code: 'PLATFORM_MISSING' },
      '',
    ],
  ]
  it.each(failing)('%s', async (_what, rest, error, words) => {
    const change = newChange(
      webSpec(reference, {
        files: [{ path: '/a', content: 'a', mode: '644' }],
        networks: ['inner'],
        ...rest,
      }),
    )
    const { context } = contextFor(lab.registry)
    const driver = await lab.driverFor(lab.swarm.nodes, { reach: 2500, mesh: 2500 })
    const failure = await failureOf(driver.apply(change, context))
    expect(failure).toMatchObject({ ...error, context: { side: 'pool', deployment: change.spec.name } })
    expect(failure.detail).toContain(words)
    expect(await listed('services')).toEqual([])
    expect(await listed('configs')).toEqual([])
    expect(JSON.stringify(await listed('networks'))).not.toContain('"inner"')
  })

  it('a registry that the engine cannot reach, or that refuses', async () => {
    const gone = newChange(webSpec('127.0.0.1:9/app:1'))
    expect(await failureOf(lab.driver.apply(gone, contextFor(lab.registry).context))).toMatchObject({
      code: 'ENGINE_UNREACHABLE_REGISTRY',
      context: { side: 'engine', pool: 'The swarm', host: '127.0.0.1:9' },
    })
    const refused = newChange(webSpec(reference))
    expect((await failureOf(lab.driver.apply(refused, contextFor(null).context))).code).toBe('UNAUTHORIZED')
    const missing = newChange(webSpec(reference.replace(/1\.0$/, '9.9')))
    expect((await failureOf(lab.driver.apply(missing, contextFor(lab.registry).context))).code).toBe(
      'MANIFEST_UNKNOWN',
    )
  })

  it('is cancelled', async () => {
    const change = newChange(
      webSpec(reference, { health: { ...timing, kind: 'command', command: 'sleep 60' } }),
    )
    const cancelling = new AbortController()
    const { context } = contextFor(lab.registry, {
      signal: cancelling.signal,
      report: ({ phase }) => phase === 'health' && cancelling.abort(),
    })
    expect((await failureOf(lab.driver.apply(change, context))).code).toBe('CANCELLED')
    expect(await listed('services')).toEqual([])
  })
})
