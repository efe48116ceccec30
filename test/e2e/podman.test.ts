import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startLab } from '../lab/lab'
import { importImage } from '../lab/machine-image'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { accountOf, addRegistry } from './journey/set-up'
import { goTo, push, reach, rowOf } from './journey/transfers'
import { digestInStorage, imageAtEngine, referencesAtEngine, tenant } from './stage'

describe('the main job on Podman', () => {
  const setLab = () => startLab({ podman: {}, bearerRegistry: {}, keyring: {}, display: {} })
  let lab: Awaited<ReturnType<typeof setLab>>
  let folder: TemporaryFolder
  let journey: Journey
  let registryId = ''
  const image = 'localhost/pod-app:1.0'

  const foreignNames = async (): Promise<string[]> =>
    (await referencesAtEngine(lab.podman.host)).filter((name) => name.startsWith('127.'))

  beforeAll(async () => {
    lab = await setLab()
    folder = temporaryFolder('podman-journey')
    await importImage(lab.podman.host, image)
    const { keyring, display } = lab
    journey = new Journey({ keyring, display, userData: folder.join('user-data'), lang: 'en' })
    await journey.start({ engineHost: lab.podman.host })
    const account = accountOf(lab.bearerRegistry, 'developer')
    registryId = (await addRegistry(journey, lab.bearerRegistry, { name: 'Tenant images', tenant, account }))
      .id
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await lab.stop()
    folder.remove()
  })

  it('lists its images, and one that is added elsewhere', async () => {
    await journey.click('nav-local')
    await journey.see(`row-${image}`)
    await journey.at('engine-status').getByText('Podman').waitFor()
    await importImage(lab.podman.host, 'localhost/added:1.0')
    await journey.at('row-localhost/added:1.0').waitFor()
  })

  it('pushes into the namespace, and leaves no name behind', async () => {
    const row = await push(journey, { image, registryId, name: 'pod-app', tag: '1.0' })
    await reach(row, 'succeeded')
    expect(digestInStorage(lab.bearerRegistry, `${tenant}/pod-app`, '1.0')).toMatch(/^sha256:/)
    expect(await foreignNames()).toEqual([])
    expect(await imageAtEngine(lab.podman.host, image)).not.toBeNull()
    await goTo(journey, 'private', registryId)
    await journey.see(`row-${tenant}/pod-app`)
  })

  it('pulls it back under its name', async () => {
    await goTo(journey, 'private', registryId, `${tenant}/order-service`)
    // A row that is still to be read may change its place before the pointer is there.
    await journey.at('tag-row').locator('.ghost').first().waitFor({ state: 'detached' })
    await journey.at('tag-row').filter({ hasText: '1.0.0' }).getByTestId('pull-tag').click()
    await journey.click('nav-transfers')
    await reach(rowOf(journey, '/order-service:1.0.0'), 'succeeded')
    const name = `${lab.bearerRegistry.host}/${tenant}/order-service:1.0.0`
    expect(await imageAtEngine(lab.podman.host, name)).not.toBeNull()
    await journey.click('nav-local')
    await journey.see(`row-${name}`)
  })

  it('finds the engine through the context that docker uses, and works on it', async () => {
    const meta = folder.join('docker/contexts/meta', createHash('sha256').update('lab').digest('hex'))
    mkdirSync(meta, { recursive: true })
    const endpoints = { docker: { Host: lab.podman.host, SkipTLSVerify: false } }
    writeFileSync(`${meta}/meta.json`, JSON.stringify({ Name: 'lab', Metadata: {}, Endpoints: endpoints }))
    writeFileSync(folder.join('docker/config.json'), JSON.stringify({ currentContext: 'lab' }))
    await journey.start({ env: { DOCKER_CONFIG: folder.join('docker') } })
    await journey.page.locator('[data-testid="engine-status"][data-state="connected"]').waitFor()
    await journey.page.evaluate(() => void (location.hash = '#/settings/engine'))
    await journey.at('engine-candidate').filter({ hasText: '“lab”' }).getByText(lab.podman.host).waitFor()
    const row = await push(journey, { image, registryId, name: 'pod-app', tag: '2.0' })
    await reach(row, 'succeeded')
    const both = ['1.0', '2.0'].map((tag) => digestInStorage(lab.bearerRegistry, `${tenant}/pod-app`, tag))
    expect(both[0]).toBe(both[1])
  })
})
