import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engineDemand } from '../../../lab/engine-api'
import { httpGet } from '../../../lab/http-get'
import { kernelHasIpvs } from '../../../lab/ingress'
import { busyboxTar } from '../../../lab/machine-image'
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

let lab: LabSwarm
beforeAll(async () => {
  lab = await openLabSwarm({ balanced: false })
})
afterAll(() => lab?.stop())

const remove = (change: ReturnType<typeof newChange>): Promise<void> =>
  lab.driver.act(actionOf(change, 'remove'), contextFor(null).context)

const port = { container: 8080, protocol: 'tcp', scope: 'all', access: 'http' } as const

describe.skipIf(kernelHasIpvs())('a swarm whose kernel has no load balancer', () => {
  it('publishes on the nodes themselves, and upgrades one node at a time', async () => {
    const first = await lab.push('app:1.0')
    const second = await lab.push('app:2.0')
    const spec = webSpec(first, { instances: 2, ports: [{ ...port, host: 18080 }] })
    const change = newChange(spec)
    const { context, told } = contextFor(lab.registry)
    const { addresses } = await lab.driver.apply(change, context)
    const urls = lab.swarm.nodes.map(({ engine }) => `http://${engine.address}:18080/`).sort()
    expect(addresses.map(({ url }) => url).sort()).toEqual(urls)
    for (const url of urls) expect((await httpGet(url)).text).toBe('1.0')
    expect(told.lines.join('\n')).toContain('load balancer of the swarm that is missing')
    expect((await lab.driver.read(change.id, never)).limits).toContain('fixed-port-interrupts')

    // While one node is at it, the other answers.
    let watching = true
    const silent: number[] = []
    const watch = (async () => {
      while (watching) {
        const answers = await Promise.allSettled(urls.map((url) => httpGet(url)))
        silent.push(answers.filter(({ status }) => status === 'rejected').length)
      }
    })()
    const image = webSpec(second).image
    const upgrade = { ...change, spec: { ...spec, image }, reason: 'upgrade' as const, baseVersion: 1 }
    await lab.driver.apply(upgrade, contextFor(lab.registry).context)
    watching = false
    await watch
    expect(Math.max(...silent)).toBeLessThan(2)
    for (const url of urls) expect((await httpGet(url)).text).toBe('2.0')

    // What is deployed next knows of it, and gets a port on one node.
    const other = newChange(webSpec(first))
    const second_ = contextFor(lab.registry)
    const { addresses: theirs } = await lab.driver.apply(other, second_.context)
    expect(second_.told.lines.join('\n')).not.toContain('missing')
    expect((await httpGet(theirs[0]?.url ?? '')).text).toBe('1.0')
    await remove(other)

    // A third instance would need a third node.
    const more = {
      ...change,
      spec: { ...upgrade.spec, instances: 3 },
      reason: 'scale' as const,
      baseVersion: 2,
    }
    const error = await failureOf(lab.driver.apply(more, contextFor(null).context))
    expect(error).toMatchObject({ code: 'PORT_IN_USE' })
    const { summary } = await lab.driver.read(change.id, never)
    expect(summary).toMatchObject({ version: 2, state: 'running', instances: { wanted: 2, running: 2 } })
    await remove(change)
  })

  it('does not take an application that does not listen for a missing load balancer', async () => {
    const reference = await lab.push('app:1.0')
    const driver = await lab.driverFor(lab.swarm.nodes, { mesh: 500, reach: 1500 })
    const { context, told } = contextFor(lab.registry)
    const change = newChange(webSpec(reference, { command: ['sleep', '1000'] }))
    expect((await failureOf(driver.apply(change, context))).code).toBe('NOT_REACHABLE')
    expect(told.lines.join('\n')).not.toContain('missing')
  })
})

describe('an image that is sent from here', () => {
  const reference = 'registry.invalid/727524/sent:1.0'
  const send = async (docker: LabSwarm['driver']['connection']['docker']): Promise<null> => {
    const tar = busyboxTar([{ path: 'www/index.html', data: Buffer.from('sent') }])
    const stream = await docker.importImage(Readable.from([tar]), {
      ...{ repo: reference.split(':')[0], tag: '1.0' },
      changes: 'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]',
    })
    for await (const _ of stream);
    return null
  }

  it('is on every node within reach, or its instances stay on the one', async () => {
    const { image, ...rest } = webSpec(reference, { instances: 2, ports: [] })
    const spec = { ...rest, image: { ...image, delivery: 'send' as const } }
    const alone = await lab.driverFor([])
    const change = newChange(spec)
    const { context } = contextFor(null, { send })
    await alone.apply(change, context)
    const containers = async (node: number): Promise<number> => {
      const { host } = lab.swarm.nodes[node]?.engine ?? { host: '' }
      return (JSON.parse(await engineDemand(host, 'GET', '/containers/json')) as unknown[]).length
    }
    expect([await containers(0), await containers(1)]).toEqual([2, 0])
    await remove(change)

    const everywhere = newChange({ ...spec, name: 'everywhere' })
    await lab.driver.apply(everywhere, context)
    expect([await containers(0), await containers(1)]).toEqual([1, 1])
    await remove(everywhere)
  })
})

describe('following a swarm', () => {
  it('tells of a deployment that begins, and ends with the engine', async () => {
    const change = newChange(webSpec(await lab.push('app:1.0'), { ports: [] }))
    let changes = 0
    const ending = new AbortController()
    const following = lab.driver.follow(() => (changes += 1), ending.signal)
    await until('the first', () => changes > 0)
    const before = changes
    await lab.driver.apply(change, contextFor(lab.registry).context)
    await until('a change', () => changes > before)
    ending.abort()
    await following
    await remove(change)

    const { engine } = lab.swarm.manager
    const lost = failureOf(lab.driver.follow(() => {}, never))
    await engine.halt()
    expect((await lost).code).toMatch(/^ENGINE_(LOST|STOPPED)$/)
    await engine.start()
  })
})
