/** A container that really runs and wishes us ill: what it writes into its log, into a terminal, and when it fails. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startLab } from '../lab/lab'
import { startRegistry, type Registry } from '../lab/registry'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { Watch } from './hostile/harm'
import { talkingImage } from './hostile/images'
import { deploy, inState, jobOf, openForm, succeeds, removeIt } from './journey/deployments'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { startListener, type Listener } from './journey/listener'
import { middleOf } from './journey/place'
import { addRegistry } from './journey/set-up'

const repository = 'library/talking'

describe('a container that wishes us ill', () => {
  const setLab = () => startLab({ engine: {}, display: {} })
  let lab: Awaited<ReturnType<typeof setLab>>
  let registry: Registry
  let server: Listener
  let userData: TemporaryFolder
  let journey: Journey
  let watch: Watch
  let registryId = ''

  beforeAll(async () => {
    ;[lab, registry, server] = await Promise.all([
      setLab(),
      startRegistry({ name: 'images' }),
      startListener(),
    ])
    userData = temporaryFolder('user-data')
    registry.storage.put(repository, talkingImage(server.host, true), 'good')
    registry.storage.put(repository, talkingImage(server.host, false), 'bad')
    journey = new Journey({
      display: lab.display,
      engineHost: lab.engine.host,
      userData: userData.path,
      lang: 'en',
    })
    await journey.start({ size: { width: 1100, height: 700 } })
    registryId = (await addRegistry(journey, registry, { name: 'Images', library: 'library' })).id
    watch = await Watch.begin(journey, server)
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey?.close()
    await Promise.all([lab?.stop(), registry?.stop(), server?.stop()])
    userData?.remove()
  })

  it('fails in words that stay words', async () => {
    await openForm(journey, registryId, repository, 'bad')
    await journey.fill('deploy-name', 'bad')
    await watch.harmless('the form')
    const job = await jobOf(journey, () =>
      journey.page.locator('[data-testid="deploy-start"]:enabled').click(),
    )
    expect(job.error?.code).toBe('NOT_HEALTHY')
    await journey.click('nav-transfers')
    const row = journey.page.locator('[data-testid^="transfer-"][data-kind="deploy"]').first()
    await row.getByTestId('error-details').click()
    await row.getByTestId('last-lines').waitFor()
    await watch.harmless('a deployment that failed')
  })

  it('writes into its log, and nowhere else', async () => {
    await openForm(journey, registryId, repository, 'good')
    await journey.fill('deploy-name', 'good')
    await deploy(journey)
    await inState(journey, 'running')
    for (const tab of ['settings', 'events', 'history', 'instances']) {
      await journey.click(`tab-${tab}`)
      await watch.harmless(tab)
    }
    await journey.click('tab-logs')
    const lines = journey.at('log-lines')
    await lines.getByText('million').first().waitFor()
    await watch.harmless('the end of its log')
    await journey.at('log-search').locator('input').fill('onerror')
    await journey.page.keyboard.press('Enter')
    await lines.getByText('onerror').first().waitFor()
    await watch.harmless('what is found in its log')
    await journey.click('log-wrap')
    await watch.harmless('its log with lines that wrap')
  })

  it('draws on its terminal, and touches neither the clipboard nor the title, and opens nothing', async () => {
    await journey.click('tab-terminal')
    const screen = journey.at('terminal-screen')
    await screen.locator('xpath=self::*[@data-status="open"]').waitFor()
    const rows = screen.locator('.xterm-rows')
    await journey.page.keyboard.type('cat /tricks\n')
    await rows.getByText('click').first().waitFor()
    const link = await middleOf(rows.getByText('click').first())
    await journey.page.mouse.click(link.x, link.y)
    await journey.page.keyboard.down('Control')
    await journey.page.mouse.click(link.x, link.y)
    await journey.page.keyboard.up('Control')
    await watch.harmless('the terminal')
    expect(await watch.copied()).toBe('untouched')
    // What the terminal answered is thrown away with the line; nothing of it was run.
    await journey.page.keyboard.press('Control+C')
    await journey.page.keyboard.type('ls / /tmp; echo wr""itten\n')
    await rows.getByText('written').first().waitFor()
    expect(await rows.innerText()).not.toContain('pwned')
    await watch.harmless('the terminal after its answers')
  })

  it('is asked about in words that stay words', async () => {
    for (const dialog of ['upgrade', 'scale']) {
      await journey.page.locator(`[data-testid="deployment-${dialog}"]:enabled`).click()
      await journey.see(`${dialog}-dialog`)
      await watch.harmless(`the question before it is changed: ${dialog}`)
      await journey.page.keyboard.press('Escape')
      await journey.gone(`${dialog}-dialog`)
    }
  })

  it('goes', async () => {
    await succeeds(journey, () => removeIt(journey, 'good'))
    await watch.harmless('after it has gone')
  })
})
