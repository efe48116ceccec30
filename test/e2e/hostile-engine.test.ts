/** An engine that wishes us ill: its names, its words and what its containers write, on every screen that shows them. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { deploymentTabs } from '@/components/deployment/deployment-tabs'
import { visibleText } from '@shared/visible-text'
import { startDisplay, type Display } from '../lab/display'
import { helloImage } from '../lab/hello-image'
import { startRegistry, type Registry } from '../lab/registry'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { deploymentIds, startHostileEngine, type HostileEngine } from './hostile/engine'
import { Watch } from './hostile/harm'
import { startAll } from './journey/archives'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { startListener, type Listener } from './journey/listener'
import { overflowOf } from './journey/overflow'
import { addRegistry, call } from './journey/set-up'

describe('an engine that wishes us ill', () => {
  let server: Listener
  let registry: Registry
  let engine: HostileEngine
  let swarm: HostileEngine
  let display: Display
  let userData: TemporaryFolder
  let journey: Journey
  let watch: Watch
  let poolId = ''
  let registryId = ''

  const go = async (hash: string): Promise<void> => {
    await journey.page.evaluate((to) => void (location.hash = to), hash)
    await journey.page.waitForFunction((to) => location.hash.startsWith(to), hash)
  }

  beforeAll(async () => {
    userData = temporaryFolder('user-data')
    server = await startListener()
    ;[registry, engine, swarm, display] = await Promise.all([
      startRegistry({ name: 'images' }),
      startHostileEngine(server.host),
      startHostileEngine(server.host, { swarm: true }),
      startDisplay(),
    ])
    registry.storage.put('team/app', helloImage('1.0'), '1.0')
    journey = new Journey({ display, engineHost: engine.host, userData: userData.path, lang: 'en' })
    await journey.start({ size: { width: 1100, height: 700 } })
    watch = await Watch.begin(journey, server)
    const { pools } = await call(journey, 'pool:add', {
      name: 'Swarm',
      host: swarm.host,
      certificates: null,
      sshConfig: null,
    })
    poolId = pools.find(({ source }) => source === 'found')?.id ?? ''
    registryId = (await addRegistry(journey, registry, { name: 'Images', library: '', tenant: 'team' })).id
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await Promise.all([registry.stop(), engine.stop(), swarm.stop(), display.stop(), server.stop()])
    userData.remove()
  })

  it('shows its images, itself and its nodes as text', async () => {
    await go('#/local')
    await journey.page.locator('[data-testid^="row-"]').first().waitFor()
    await watch.harmless('local images')
    await journey.at('image-more').first().click()
    await journey.page.locator('.n-dropdown-menu').waitFor()
    await watch.harmless('the menu of an image')
    await journey.page.keyboard.press('Escape')
    await go('#/settings/engine')
    await journey.see('engine-state')
    await watch.harmless('the engine’s settings')
    await go('#/pools')
    await journey.see('pool-Swarm · Swarm')
    await journey.page.locator('[data-testid="pool-nodes-toggle"]').first().waitFor()
    await watch.harmless('pools')
    await journey.at('pool-Swarm · Swarm').getByTestId('pool-nodes-toggle').click()
    await journey.page.locator('[data-testid^="node-"]').first().waitFor()
    await watch.harmless('nodes')
    await journey.click('pool-status')
    await journey.see('pool-menu')
    await watch.harmless('the menu of pools')
    await journey.page.keyboard.press('Escape')
  })

  it('shows what runs, and every tab of its page, as text', async () => {
    await go('#/deployments')
    await journey.see('deployment-hostile')
    await watch.harmless('deployments')
    await journey.click('others-fold')
    await journey.page.getByText('onerror=').first().waitFor()
    await watch.harmless('other containers')
    for (const id of deploymentIds) {
      await go(`#/deployments/${poolId}/${id}/instances`)
      await journey.see('deployment-page')
      for (const tab of deploymentTabs.filter((name) => name !== 'terminal')) {
        await journey.click(`tab-${tab}`)
        await journey.page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' })
        await watch.harmless(`${id}: ${tab}`)
        if (tab !== 'logs') continue
        await journey.at('log-lines').getByText('million').first().waitFor()
        await watch.harmless(`${id}: the end of a log`)
        await journey.at('log-lines').evaluate((list) => list.scrollTo(0, 0))
        await journey.at('log-lines').getByText('onerror=').first().waitFor()
        await watch.harmless(`${id}: the beginning of a log`)
      }
    }
    await journey.click('deployment-remove')
    await journey.see('remove-deployment')
    await watch.harmless('the question before a deployment goes')
    await journey.page.keyboard.press('Escape')
    await journey.gone('remove-deployment')
  })

  it('fills the form of a deployment with text, and gives commands that a shell takes as they are meant', async () => {
    await go(`#/deploy?${new URLSearchParams({ from: 'local', reference: 'app-2:1.0' })}`)
    await journey.see('deploy-name')
    await journey.page.locator('.deploy-summary').waitFor()
    await watch.harmless('the form of a deployment')
    for (const tab of ['command', 'compose', 'description']) {
      await journey.click(`tab-${tab}`)
      const text = journey.at(`deploy-${tab}`).locator('pre')
      await text.waitFor()
      await watch.harmless(`the form: ${tab}`)
      await journey.click('deploy-copy')
      const copied = await watch.copied()
      expect([copied, visibleText(copied)], tab).toEqual([await text.textContent(), copied])
    }
    await journey.click('deploy-cancel')
  })

  it('shows what failed, in its words and a registry’s, as text', async () => {
    const reference = { registryId, repository: 'team/app', reference: '1.0' }
    await call(journey, 'job:enqueue', { kind: 'pull', ...reference, platform: null })
    await go('#/transfers')
    const row = journey.page.locator('[data-testid^="transfer-"][data-kind="pull"]').first()
    await row.getByTestId('error-panel').waitFor()
    await watch.harmless('a transfer that failed')
    await row.getByTestId('error-details').click()
    await row.getByText('onerror=').first().waitFor()
    await watch.harmless('its details')
    await go('#/local')
    await journey.page.locator('[data-testid^="row-"]').first().getByTestId('image-push').click()
    await journey.see('composer')
    await watch.harmless('the composer')
    await journey.fill('composer-name', 'pushed')
    await journey.fill('composer-tag', '1')
    const pushed = await startAll(journey, '/pushed:1')
    await pushed.getByTestId('error-panel').waitFor()
    await pushed.getByTestId('transfer-expand').click()
    await pushed.getByTestId('error-details').click()
    await pushed.getByText('onerror=').first().waitFor()
    await watch.harmless('a push that failed')
  })

  it('holds its place in the other language and in the dark', async () => {
    await call(journey, 'settings:change', { language: 'zh-CN', theme: 'dark' })
    await journey.page.locator('html[lang="zh-CN"]').waitFor()
    const page = `#/deployments/${poolId}/${deploymentIds[1]}/`
    const places = ['#/local', '#/pools', '#/deployments', '#/transfers', '#/settings/engine']
    for (const place of [...places, ...['logs', 'settings', 'events', 'history'].map((tab) => page + tab)]) {
      expect(await overflowOf(journey.page, place), place).toEqual([])
      await watch.harmless(`in the dark ${place}`)
    }
  })
})
