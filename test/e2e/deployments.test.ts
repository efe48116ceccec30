/** What becomes of deployments beyond the tour: secrets, losses, refusals, and the tools of their page. */
import { randomBytes } from 'node:crypto'
import { rmSync, mkdirSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { engineDemand, engineRequest } from '../lab/engine-api'
import { helloImage } from '../lab/hello-image'
import { httpGet } from '../lab/http-get'
import { startLab } from '../lab/lab'
import { freePort } from '../lab/ports'
import { startRegistry, type Registry } from '../lab/registry'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { until } from '../lab/until'
import {
  addVariable,
  answers,
  containersAt,
  deploy,
  detailOf,
  inState,
  jobOf,
  openDeployment,
  openForm,
  patience,
  removeIt,
  scaleTo,
  succeeds,
  summaryOf,
} from './journey/deployments'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { keptSecrets } from './journey/keychain'
import { encodingsOf, keptFiles } from './journey/kept-files'
import { addRegistry } from './journey/set-up'

const repository = 'library/hello'
const tags = { first: '1.0', second: '2.0', moving: 'stable', slow: '3.0' }

describe('deployments', () => {
  const setLab = () => startLab({ engine: {}, keyring: {}, display: {} })
  let lab: Awaited<ReturnType<typeof setLab>>
  let registry: Registry
  /** At an address where Slipway reaches it and the engine does not trust it. */
  let distrusted: Registry
  let folder: TemporaryFolder
  let journey: Journey
  let ids: { registry: string; distrusted: string }

  const addRegistries = async (): Promise<void> => {
    const first = await addRegistry(journey, registry, { name: 'Images', library: 'library' })
    const second = await addRegistry(journey, distrusted, { name: 'Distrusted', library: 'library' })
    ids = { registry: first.id, distrusted: second.id }
  }
  const inspect = async (container: string): Promise<{ Config: { Env: string[] }; Id: string }> =>
    JSON.parse(await engineDemand(lab.engine.host, 'GET', `/containers/${container}/json`)) as {
      Config: { Env: string[] }
      Id: string
    }
  const deployAs = async (name: string, tag = tags.first): Promise<void> => {
    await openForm(journey, ids.registry, repository, tag)
    await journey.fill('deploy-name', name)
    await deploy(journey)
    await inState(journey, 'running')
  }
  const removeNow = async (name: string): Promise<void> => {
    await succeeds(journey, () => removeIt(journey, name))
    expect(await containersAt(lab.engine.host)).toEqual([])
  }

  beforeAll(async () => {
    lab = await setLab()
    folder = temporaryFolder('deployments')
    mkdirSync(folder.join('user-data'))
    registry = await startRegistry({ name: 'images' })
    distrusted = await startRegistry({
      ...{ name: 'distrusted', storage: registry.storage, listen: lab.engine.address },
    })
    const { storage } = registry
    storage.put(repository, helloImage('1.0'), tags.first, tags.moving)
    storage.put(repository, helloImage('2.0'), tags.second)
    storage.put(repository, helloImage('3.0', { healthy: false, intervalSeconds: 120 }), tags.slow)
    const { keyring, display, engine } = lab
    journey = new Journey({
      ...{ keyring, display, engineHost: engine.host, lang: 'en', size: { width: 1280, height: 800 } },
      userData: folder.join('user-data'),
    })
    await journey.start()
    await addRegistries()
  })
  afterEach(async (context) => {
    await pictureFailure(context, journey)
    // A form that is half filled in asks before it is left.
    if (context.task.result?.state === 'fail') await journey.start()
    // The next journey begins with an empty engine.
    for (const name of await containersAt(lab.engine.host))
      await engineRequest(lab.engine.host, 'DELETE', `/containers/${name}?force=true&v=true`)
  })
  afterAll(async () => {
    await journey?.close()
    await distrusted?.stop()
    await registry?.stop()
    await lab?.stop()
    folder?.remove()
  })

  it('keeps a secret variable in the keychain and at the engine, and nowhere else', async () => {
    const secret = randomBytes(18).toString('base64url')
    await openForm(journey, ids.registry, repository, tags.first)
    await journey.fill('deploy-name', 'safe')
    const row = await addVariable(journey, 'API_TOKEN', '')
    await row.getByTestId('environment-secret').click()
    await row.getByTestId('environment-value').fill(secret)
    expect(await row.getByTestId('environment-value').getAttribute('type')).toBe('password')
    for (const tab of ['command', 'compose', 'description']) {
      await journey.click(`tab-${tab}`)
      await journey.at(`deploy-${tab}`).locator('pre').waitFor()
      expect(await journey.at(`deploy-${tab}`).innerText()).not.toContain(secret)
    }
    await deploy(journey)
    await inState(journey, 'running')
    expect((await inspect('safe-1')).Config.Env).toContain(`API_TOKEN=${secret}`)
    expect(JSON.stringify(await detailOf(journey, 'safe'))).not.toContain(secret)
    for (const tab of ['instances', 'settings', 'history', 'events']) {
      await journey.click(`tab-${tab}`)
      expect(await journey.page.content()).not.toContain(secret)
    }
    expect(await keptSecrets(lab.keyring)).toContain(secret)

    // Another change needs no secret again: it has what the keychain has.
    await journey.click('tab-settings')
    await journey.click('edit-settings')
    await journey.see('deploy-name')
    await addVariable(journey, 'GREETING', 'Good evening')
    await deploy(journey)
    await answers(journey, 'Good evening')
    expect((await inspect('safe-1')).Config.Env).toContain(`API_TOKEN=${secret}`)
    await removeNow('safe')
    expect(await keptSecrets(lab.keyring)).not.toContain(secret)

    await journey.close()
    for (const path of keptFiles(folder.join('user-data'))) {
      const text = readFileSync(path, 'latin1')
      const found = encodingsOf('API_TOKEN', secret).filter(([, form]) => text.includes(form))
      expect(found, path).toEqual([])
    }
    await journey.start()
  })

  it('finds its deployments again after the data of the program was lost', async () => {
    await deployAs('survivor')
    await succeeds(journey, () => scaleTo(journey, 2))
    await journey.close()
    rmSync(folder.join('user-data'), { recursive: true })
    mkdirSync(folder.join('user-data'))
    await journey.start()
    await openDeployment(journey, 'survivor')
    await inState(journey, 'running')
    await journey.at('instance-2').waitFor()
    await journey.click('tab-history')
    await journey.see('version-1')
    await answers(journey, 'Hello from hello 1.0')
    await addRegistries()
    await removeNow('survivor')
  })

  it('removes everything of a deployment that is cancelled', async () => {
    await openForm(journey, ids.registry, repository, tags.slow)
    await journey.fill('deploy-name', 'slow')
    const job = await jobOf(journey, async () => {
      await journey.page.locator('[data-testid="deploy-start"]:enabled').click()
      await journey.see('deployment-page')
      const row = journey.at('deployment-page').locator('[data-kind="deploy"][data-phase="health"]')
      await row.waitFor({ timeout: patience })
      expect(await containersAt(lab.engine.host)).toEqual(['slow-1'])
      await row.getByTestId('transfer-cancel').click()
    })
    expect(job.state).toBe('cancelled')
    expect(await containersAt(lab.engine.host)).toEqual([])
    const { text } = await engineRequest(lab.engine.host, 'GET', '/volumes')
    expect((JSON.parse(text) as { Volumes: unknown[] | null }).Volumes ?? []).toEqual([])
  })

  it('knows that a host port is taken, and proposes a free one', async () => {
    const port = await freePort()
    await openForm(journey, ids.registry, repository, tags.first)
    await journey.fill('deploy-name', 'holder')
    await journey.fill('port-host', String(port))
    await deploy(journey)
    expect(await answers(journey, 'Hello')).toBe(`http://127.0.0.1:${port}/`)

    await openForm(journey, ids.registry, repository, tags.second)
    await journey.fill('deploy-name', 'second')
    await journey.fill('port-host', String(port))
    await journey.click('port-proposal')
    expect(await journey.at('port-host').inputValue()).not.toBe(String(port))
    await journey.at('port-proposal').waitFor({ state: 'detached' })
    await deploy(journey)
    const url = await answers(journey, 'Hello from hello 2.0')
    expect(url).not.toContain(`:${port}/`)
    expect((await httpGet(`http://127.0.0.1:${port}/`)).text).toContain('hello 1.0')
  })

  it('sends the image from here where the engine does not trust the registry', async () => {
    await openForm(journey, ids.distrusted, repository, tags.second)
    await journey.fill('deploy-name', 'sent')
    const failed = await jobOf(journey, async () => {
      await journey.page.locator('[data-testid="deploy-start"]:enabled').click()
      await journey.see('deployment-page')
    })
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'ENGINE_UNTRUSTED_REGISTRY' } })
    expect(await containersAt(lab.engine.host)).toEqual([])
    await succeeds(journey, () => journey.click('send-instead'))
    await inState(journey, 'running')
    await answers(journey, 'Hello from hello 2.0')
  })

  it('searches and holds a log', async () => {
    await deployAs('talker')
    const url = await answers(journey, 'Hello')
    await journey.click('tab-logs')
    const lines = journey.at('log-lines')
    await lines.getByText('ready').first().waitFor()
    for (let number = 1; number <= 40; number += 1) await httpGet(`${url}page-${number}`)
    await lines.getByText('url:/page-40').waitFor()
    await journey.at('log-search').locator('input').fill('page-1')
    // page-1 and page-10 to page-19.
    await journey.at('log-found').getByText('/ 11').waitFor()
    await journey.click('log-next')
    await lines.locator('.current mark').waitFor()
    await journey.click('log-pause')
    const held = await lines.getAttribute('data-lines')
    await httpGet(`${url}while-held`)
    await journey.page.locator('[data-testid="log-pane"] .link-button').waitFor()
    await journey.page.locator('[data-testid="log-pane"] .link-button').filter({ hasText: /[1-9]/ }).waitFor()
    expect(await lines.getAttribute('data-lines')).toBe(held)
    await journey.click('log-pause')
    await lines.focus()
    await journey.page.keyboard.press('End')
    await lines.getByText('url:/while-held').waitFor()
  })

  it('has a terminal in an instance', async () => {
    await deployAs('shell')
    await journey.click('tab-terminal')
    const screen = journey.at('terminal-screen')
    await screen.and(journey.page.locator('[data-status="open"]')).waitFor()
    await screen.locator('textarea').focus()
    await journey.page.keyboard.type('echo answer-$((40 + 2)) from $HOSTNAME\n')
    const { Id } = await inspect('shell-1')
    await screen
      .locator('.xterm-rows')
      .getByText(`answer-42 from ${Id.slice(0, 12)}`)
      .waitFor()
    await journey.page.keyboard.type('exit\n')
    await screen.and(journey.page.locator('[data-status="ended"]')).waitFor()
  })

  it('is scaled, stopped and started', async () => {
    await deployAs('three')
    await succeeds(journey, () => scaleTo(journey, 3))
    await journey.at('instance-3').waitFor()
    expect(await containersAt(lab.engine.host)).toEqual(['three-1', 'three-2', 'three-3'])
    await succeeds(journey, () => journey.page.locator('[data-testid="deployment-stop"]:enabled').click())
    await inState(journey, 'stopped')
    const running = async (): Promise<number> =>
      (JSON.parse(await engineDemand(lab.engine.host, 'GET', '/containers/json')) as unknown[]).length
    expect(await running()).toBe(0)
    await succeeds(journey, () => journey.page.locator('[data-testid="deployment-start"]:enabled').click())
    await inState(journey, 'running')
    expect(await running()).toBe(3)
    await removeNow('three')
  })

  it('says that the tag names another image by now, and brings it in by one click', async () => {
    await deployAs('drifter', tags.moving)
    await answers(journey, 'Hello from hello 1.0')
    registry.storage.put(repository, helloImage('2.0'), tags.moving)
    await journey.click('nav-deployments')
    await journey.see('deployment-drifter')
    await journey.at('deployments').getByTestId('refresh').click()
    await journey.see('drift-upgrade')
    await succeeds(journey, () => journey.click('drift-upgrade'))
    await journey.gone('drift-upgrade')
    await openDeployment(journey, 'drifter')
    await answers(journey, 'Hello from hello 2.0')
    const { version, drift } = await summaryOf(journey, 'drifter')
    expect({ version, drift }).toEqual({ version: 2, drift: null })
    await until('the new digest on the page', async () => (await journey.at('drift-upgrade').count()) === 0)
  })
})
