/** Pushes by Slipway's own hand that are paused, cut, killed: they go on where the registry says they stand. */
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Locator } from 'playwright-core'
import { startEngine, type Engine } from '../lab/engine'
import { startFaultProxy, type FaultProxy } from '../lab/fault-proxy'
import { buildMachineImage } from '../lab/machine-image'
import { until } from '../lab/until'
import { InProcessRegistry } from '../support/registry/in-process-registry'
import { plainLayer, writeDockerSave } from './journey/archive-files'
import { blockOf, dropFiles, planOf, startAll } from './journey/archives'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { type RegistriesOnly, setRegistries } from './journey/registries-only'
import { answeredBy, hasBlob, manifestIn } from './journey/registry-facts'
import { addRegistry, call } from './journey/set-up'
import { compose, goTo, reach, rowOf } from './journey/transfers'
import { digestInStorage, imageAtEngine, tenant } from './stage'

/** Headers, manifests and the like, which are sent beside the layers. */
const little = 1e6
const mebi = 2 ** 20
const late = 90_000
const fresh = (): string => randomBytes(6).toString('hex')
/** Layers that take turns: some have arrived while others are under way. */
const sizes = [6e6, 6e6, 6e6, 6e6, 6e6, 6e6, 6e6]
const whole = 42e6
/** What may be sent twice when so many layers had arrived: distribution 2 forgets a layer that is cut off. */
const notMoreThan = (done: number): number => (sizes.length - done) * 6e6 + little

describe('a push that is stopped on its way', () => {
  let stage: RegistriesOnly
  let engine: Engine
  let journey: Journey
  let registryId = ''
  let exact: InProcessRegistry
  let exactProxy: FaultProxy
  let exactId = ''

  const sent = (): number => stage.proxy.seen.up
  const stored = (name: string): string | null => digestInStorage(stage.other, `${tenant}/${name}`, '1.0')
  const inTransfers = async (name: string): Promise<Locator> => {
    await journey.click('nav-transfers')
    const row = rowOf(journey, `/${name}:1.0`)
    await row.waitFor()
    return row
  }
  /** An archive of one image, its layers of these sizes and not compressible, dropped and started. */
  const pushed = async (name: string, sizes: number[], id = registryId): Promise<string> => {
    const path = stage.folder.join(`${name}.tar`)
    const layers = sizes.map((size) => plainLayer(fresh(), size))
    const [config = ''] = writeDockerSave(path, [{ reference: `it/${name}:1.0`, layers }])
    await goTo(journey, 'private', id)
    await dropFiles(journey, [path], journey.at('nav-private'))
    await planOf(blockOf(journey, `it/${name}:1.0`))
    await startAll(journey, `/${name}:1.0`)
    return config
  }

  /** How many layers a repository has got whole. */
  const layersOf = (name: string): number =>
    answeredBy(stage.other).filter(
      ({ method, path, status }) =>
        method === 'PUT' && status === 201 && path.includes(`/${tenant}/${name}/blobs/uploads/`),
    ).length

  beforeAll(async () => {
    ;[stage, engine, exact] = await Promise.all([setRegistries(), startEngine(), InProcessRegistry.start()])
    exactProxy = await startFaultProxy({ to: exact.host })
    const { display, userData, other, proxy } = stage
    journey = new Journey({ engineHost: engine.host, display, userData, lang: 'en' })
    await journey.start()
    registryId = (await addRegistry(journey, other, { name: 'Other', host: proxy.address, tenant })).id
    exactId = (await addRegistry(journey, other, { name: 'Exact', host: exactProxy.address, tenant })).id
    await journey.start()
  })
  beforeEach(() => {
    stage.proxy.faults.delay = 0
    exactProxy.faults.delay = 0
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await exactProxy.stop()
    await Promise.all([exact.stop(), engine.stop(), stage.stop()])
  })

  it('pauses a local image by hand when it is sent resumably, and goes on', async () => {
    await buildMachineImage(engine.host, 'local-app:1.0', [9e6, 7e6], { seed: fresh() })
    await compose(journey, { image: 'local-app:1.0', registryId, name: 'local-app', tag: '1.0' })
    await journey.click('composer-resumable')
    await planOf(blockOf(journey, 'local-app'))
    stage.proxy.faults.delay = 20
    const before = sent()
    const row = await startAll(journey, '/local-app:1.0')
    expect(await row.getAttribute('data-kind')).toBe('resumable-push')
    await until('some of it on its way', () => sent() - before > 3e6, { timeout: late })
    await row.getByTestId('transfer-pause').click()
    await reach(row, 'paused')
    expect(stored('local-app'), 'no tag before the end').toBeNull()
    stage.proxy.faults.delay = 0
    await row.getByTestId('transfer-resume').click()
    await reach(row, 'succeeded', late)
    const manifest = manifestIn(stage.other, stored('local-app') ?? '')
    expect(manifest.config.digest).toBe(await imageAtEngine(engine.host, 'local-app:1.0'))
    const bytes = manifest.layers.reduce((sum, { size }) => sum + size, 0)
    console.info(`paused on the way; sent again: ${sent() - before - bytes} of ${bytes} bytes`)
    expect(sent() - before, 'what was under way at most').toBeLessThan(bytes + 9e6)
  })

  it('keeps a paused archive over a restart, with the engine stopped, and goes on when told to', async () => {
    await engine.halt()
    stage.proxy.faults.delay = 20
    const before = sent()
    const config = await pushed('paused', sizes)
    const row = await inTransfers('paused')
    await until('a layer', () => layersOf('paused') > 0, { timeout: late })
    await row.getByTestId('transfer-pause').click()
    await reach(row, 'paused')
    const done = layersOf('paused')
    expect(done).toBeLessThan(sizes.length)
    await journey.start()
    const again = await inTransfers('paused')
    await reach(again, 'paused')
    expect(layersOf('paused'), 'it rests until it is told to go on').toBe(done)
    stage.proxy.faults.delay = 0
    await again.getByTestId('transfer-resume').click()
    await reach(again, 'succeeded', late)
    expect(manifestIn(stage.other, stored('paused') ?? '').config.digest).toBe(config)
    expect(sent() - before - whole, 'no layer that had arrived').toBeLessThan(notMoreThan(done))
  })

  it('goes on by itself after the program was killed; layers that had arrived are not sent again', async () => {
    stage.proxy.faults.delay = 20
    const before = sent()
    const config = await pushed('killed', sizes)
    const begun = await inTransfers('killed')
    await begun.getByTestId('transfer-expand').click()
    const arrived = begun.locator('.layer[data-state="done"]')
    await arrived.first().waitFor({ timeout: late })
    const done = await arrived.count()
    await journey.kill()
    expect(stored('killed')).toBeNull()
    stage.proxy.faults.delay = 0
    await journey.start()
    const row = await inTransfers('killed')
    await reach(row, 'succeeded', late)
    expect(manifestIn(stage.other, stored('killed') ?? '').config.digest).toBe(config)
    expect(sent() - before - whole).toBeLessThan(notMoreThan(done))
  })

  it('sends at most one chunk again where it was killed in the middle of a layer', async () => {
    const size = 46 * mebi
    exactProxy.faults.delay = 10
    const before = exactProxy.seen.up
    await pushed('chunks', [size], exactId)
    // One chunk is 32 MiB: the second one is under way.
    await until('the second chunk', () => exactProxy.seen.up - before > 36 * mebi, { timeout: late })
    await journey.kill()
    exactProxy.faults.delay = 0
    const held = exactProxy.seen.up
    await journey.start()
    const row = await inTransfers('chunks')
    await reach(row, 'succeeded', late)
    expect(exact.repository(`${tenant}/chunks`).tags.has('1.0')).toBe(true)
    const again = exactProxy.seen.up - before - size
    console.info(`killed after ${held - before} bytes of ${size}; sent again: ${again}`)
    expect(again).toBeLessThan(32 * mebi)
  })

  it('gets over a restart of the registry without a hand', async () => {
    stage.proxy.faults.delay = 20
    const before = sent()
    const config = await pushed('restarted', [8e6, 8e6, 8e6, 8e6])
    const row = await inTransfers('restarted')
    await until('some of it on its way', () => sent() - before > 6e6, { timeout: late })
    await stage.other.halt()
    stage.proxy.faults.delay = 0
    expect(stored('restarted')).toBeNull()
    await stage.other.start()
    await reach(row, 'succeeded', late)
    const manifest = manifestIn(stage.other, stored('restarted') ?? '')
    expect(manifest.config.digest).toBe(config)
    for (const { digest } of manifest.layers)
      expect(hasBlob(stage.other, `${tenant}/restarted`, digest)).toBe(true)
    expect(await call(journey, 'job:list', undefined)).toContainEqual(
      expect.objectContaining({ state: 'succeeded', attempt: 1 }),
    )
  })
})
