import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Locator } from 'playwright-core'
import { buildMachineImage } from '../lab/machine-image'
import { until } from '../lab/until'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { accountOf, addRegistry } from './journey/set-up'
import { failure, push, reach, rowOf } from './journey/transfers'
import { images, setTrouble, type Trouble } from './journey/trouble'
import { digestInStorage, referencesAtEngine, tenant } from './stage'

describe('what is cut off in the middle', () => {
  let stage: Trouble
  let journey: Journey
  let registryId = ''

  const engineIs = (state: string): Promise<void> =>
    journey
      .at('engine-status')
      .and(journey.page.locator(`[data-state="${state}"]`))
      .waitFor()
  const temporaryNames = async (): Promise<string[]> =>
    (await referencesAtEngine(stage.engine.host)).filter((name) => name.startsWith('127.'))
  const inStorage = (name: string): string | null =>
    digestInStorage(stage.bearerRegistry, `${tenant}/${name}`, '1.0')
  /** Digests of what has arrived of a repository. */
  const arrived = (name: string): string[] => {
    const { root } = stage.bearerRegistry.storage
    const folder = join(root, 'docker/registry/v2/repositories', tenant, name, '_layers/sha256')
    return existsSync(folder) ? readdirSync(folder) : []
  }
  /** A push whose bytes are on their way, too slowly to be there soon. */
  const slowPush = async (name: string): Promise<Locator> => {
    // Of its own: the registry would mount layers that it has from another push.
    const image = `${name}:1.0`
    await buildMachineImage(stage.engine.host, image, [6e6, 5e6], { seed: randomBytes(8).toString('hex') })
    stage.proxy.faults.delay = 60
    const before = stage.proxy.seen.up
    const row = await push(journey, { image, registryId, name, tag: '1.0' })
    await reach(row, 'running')
    await until('a megabyte on its way', () => stage.proxy.seen.up - before > 1e6)
    return row
  }

  beforeAll(async () => {
    stage = await setTrouble()
    const { engine, keyring, display, userData, bearerRegistry, proxy } = stage
    journey = new Journey({ engineHost: engine.host, keyring, display, userData: userData.path, lang: 'en' })
    await journey.start()
    const account = accountOf(bearerRegistry, 'developer')
    const roles = { name: 'Tenant images', host: proxy.address, tenant, account }
    registryId = (await addRegistry(journey, bearerRegistry, roles)).id
    // The page that asks for the first registry is done with.
    await journey.start()
  })
  beforeEach(() => {
    stage.proxy.faults.delay = 0
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await stage.stop()
  })

  it('really stops a push that is cancelled, at the engine and at the registry', async () => {
    const row = await slowPush('cancelled')
    expect(await temporaryNames()).toEqual([`${stage.proxy.address}/${tenant}/cancelled:1.0`])
    await row.getByTestId('transfer-cancel').click()
    await reach(row, 'cancelled', 5000)
    expect(await row.getByTestId('error-panel').count(), 'cancelled is no error').toBe(0)
    expect(await temporaryNames()).toEqual([])

    // Another push in full: whatever the first one still had in mind would have come through meanwhile.
    stage.proxy.faults.delay = 0
    const again = { image: 'cancelled:1.0', registryId, name: 'other', tag: '1.0' }
    const other = await push(journey, again)
    await reach(other, 'succeeded')
    expect(inStorage('cancelled')).toBeNull()
    expect(arrived('cancelled').length).toBeLessThan(arrived('other').length)
    const log = stage.bearerRegistry.accessLog()
    expect(log.filter((line) => line.includes('PUT /v2/727524/cancelled/manifests/'))).toEqual([])

    await row.getByTestId('transfer-retry').click()
    await reach(row, 'succeeded')
    expect(inStorage('cancelled')).toBe(inStorage('other'))
  })

  it('shows that the engine has stopped, and that it is back', async () => {
    await journey.click('nav-local')
    await journey.see(`row-${images.small}`)
    await stage.engine.halt()
    await engineIs('stopped')
    await journey.page.locator('[data-testid="engine-notice"][data-engine="stopped"]').waitFor()
    await journey.click('engine-explain')
    await journey.page.getByText('systemctl start docker').first().waitFor()
    await journey.page.keyboard.press('Escape')
    await stage.engine.start()
    await engineIs('connected')
    await journey.at(`row-${images.small}`).waitFor()
  })

  it('ends a push in words when the engine dies under it, and Retry works with the engine back', async () => {
    const row = await slowPush('orphan')
    const killed = stage.engine.kill()
    await Promise.all([failure(row, 'ENGINE_LOST', 2000), engineIs('stopped')])
    await killed
    stage.proxy.faults.delay = 0
    await stage.engine.start()
    await engineIs('connected')
    await until('the temporary name gone', async () => (await temporaryNames()).length === 0)
    await row.getByTestId('error-next-step').click()
    await reach(row, 'succeeded')
    expect(inStorage('orphan')).toMatch(/^sha256:/)
    expect(await temporaryNames()).toEqual([])
  })

  it('knows after a crash what was running and what was done before, and Retry works', async () => {
    await slowPush('crashed')
    await journey.kill()
    stage.proxy.faults.delay = 0
    await journey.start()
    await journey.click('nav-transfers')
    const row = rowOf(journey, '/crashed:1.0')
    await reach(row, 'interrupted')
    for (const name of ['cancelled', 'other', 'orphan'])
      await reach(rowOf(journey, `/${name}:1.0`), 'succeeded')
    await until('the temporary name gone', async () => (await temporaryNames()).length === 0)
    expect(inStorage('crashed')).toBeNull()
    await row.getByTestId('error-next-step').click()
    await reach(row, 'succeeded')
    expect(inStorage('crashed')).toMatch(/^sha256:/)
    expect(await temporaryNames()).toEqual([])
  })

  it('keeps the history over a restart, and forgets it when told to', async () => {
    await journey.start()
    await journey.click('nav-transfers')
    for (const name of ['cancelled', 'other', 'orphan', 'crashed'])
      await reach(rowOf(journey, `/${name}:1.0`), 'succeeded')
    await journey.click('transfers-clear')
    await rowOf(journey, '/crashed:1.0').waitFor({ state: 'detached' })
    await journey.start()
    await journey.click('nav-transfers')
    await journey.see('transfers')
    expect(await rowOf(journey, '/crashed:1.0').count()).toBe(0)
  })
})
