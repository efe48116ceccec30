import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startLab } from '../lab/lab'
import { buildImage } from '../lab/oci-image'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { encodingsOf, keptFiles } from './journey/kept-files'
import { startListener, type Listener } from './journey/listener'
import { accountOf, addRegistry, call } from './journey/set-up'
import { goTo } from './journey/transfers'
import { tenant } from './stage'

/** With letters that each encoding writes in another way. */
const password = `p+/=?&%ä ${randomBytes(12).toString('base64')}`
const script = '<img src=x onerror=globalThis.hacked=1><script>globalThis.hacked=1</script>'
const hostile = `${script}\u202egnp.exe\u0000\u0007 ${'long'.repeat(400)}`
/** A tag may hold almost anything where a registry does not care. */
const hostileTag = '<img src=x onerror=globalThis.hacked=2>'

describe('a registry that wishes us ill', () => {
  const setLab = () =>
    startLab({ bearerRegistry: { users: [{ name: 'developer', password }] }, keyring: {}, display: {} })
  let lab: Awaited<ReturnType<typeof setLab>>
  let userData: TemporaryFolder
  let journey: Journey
  /** Answers as a registry does, with errors; what else is asked of it was made to be asked by its words. */
  let server: Listener
  let registryId = ''

  const fits = async (): Promise<void> => {
    const width = await journey.page.evaluate(() => {
      const places = [document.documentElement, document.body, document.querySelector('main')]
      return Math.max(...places.map((one) => (one === null ? 0 : one.scrollWidth - one.clientWidth)))
    })
    expect(width, 'pixels beyond the window').toBe(0)
    expect(await journey.page.evaluate(() => 'hacked' in globalThis)).toBe(false)
    expect(await journey.page.locator('main img[src="x"], main script').count()).toBe(0)
    expect(await journey.page.locator('a[href^="javascript"]').count()).toBe(0)
  }

  beforeAll(async () => {
    lab = await setLab()
    userData = temporaryFolder('user-data')
    server = await startListener((path, response) => {
      const body = { errors: [{ code: script, message: hostile, detail: hostile }] }
      const headers = { 'content-type': 'application/json' }
      response.writeHead(path === '/v2/' ? 200 : 500, headers).end(JSON.stringify(body))
    })
    const { keyring, display, bearerRegistry } = lab
    journey = new Journey({ keyring, display, userData: userData.path, lang: 'en' })
    await journey.start({ size: { width: 1100, height: 700 } })
    const account = accountOf(bearerRegistry, 'developer')
    const roles = { name: 'Tenant images', library: 'library', tenant, account }
    registryId = (await addRegistry(journey, bearerRegistry, roles)).id
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await lab.stop()
    await server.stop()
    userData.remove()
  })

  it('shows what a registry says as text, whatever it is, within the window', async () => {
    const labels = {
      ...{ 'org.opencontainers.image.title': hostile, 'org.opencontainers.image.description': hostile },
      ...{ 'org.opencontainers.image.source': 'javascript:globalThis.hacked=4' },
      ...{ 'org.opencontainers.image.documentation': `https://example.com/${script}`, [hostile]: hostile },
    }
    const image = buildImage({
      ...{ seed: 'hostile', format: 'oci', author: hostile, annotations: labels, emptyHistory: [hostile] },
      layers: [{ size: 2048, createdBy: hostile }],
      config: { Labels: labels, Env: [hostile], Cmd: [hostile], User: hostile, WorkingDir: hostile },
    })
    lab.bearerRegistry.storage.put('library/hostile', image, '1.0', hostileTag, 'v'.repeat(128))
    await goTo(journey, 'public', registryId)
    await journey.click('refresh')
    await journey.at('catalog-card-library/hostile').getByText('onerror=').first().waitFor()
    await fits()
    await journey.click('catalog-card-library/hostile')
    await journey.at('tag-row').first().waitFor()
    await fits()
    await journey.page.locator('[data-testid="tag-row"][data-tag="1.0"]').click()
    await journey.see('image-page')
    for (const tab of ['overview', 'layers', 'config', 'platforms', 'usage']) {
      const place = journey.at(`tab-${tab}`)
      if ((await place.count()) === 0) continue
      await place.click()
      await journey.at(`panel-${tab}`).waitFor()
      await fits()
    }
  })

  it('shows its errors as text as well', async () => {
    const { id } = await call(journey, 'registry:add', {
      ...{ name: hostile.slice(0, 70), host: server.host, protocol: 'http', preset: 'other' },
      ...{ trust: { kind: 'system' }, publicRole: { namespace: '' }, privateRole: null },
    })
    await goTo(journey, 'public', id)
    await journey.page.locator('main [data-testid="error-panel"]').first().waitFor()
    await journey.click('error-details')
    await journey.page.locator('main .details').getByText('onerror=').first().waitFor()
    await fits()
    await journey.click('registry-switcher')
    await journey.at(`switch-public-${server.host}`).waitFor()
    await fits()
    expect(server.arrived.filter((path) => !path.startsWith('/v2/'))).toEqual([])
  })

  it('has the password in no file, no argument and no output, in no encoding', async () => {
    const everything = keptFiles(userData.path)
    expect(everything.length).toBeGreaterThan(5)
    const { stdout: processes } = spawnSync('ps', ['axww', '-o', 'args'], { encoding: 'latin1' })
    const texts = [
      ...everything.map((path) => [path, readFileSync(path, 'latin1')]),
      ['the output', journey.opened.output()],
      ['the list of processes', processes],
    ]
    for (const [encoding, text] of encodingsOf('developer', password)) {
      const found = texts.filter(([, content]) => content?.includes(text)).map(([name]) => name)
      expect(found, encoding).toEqual([])
    }
  })
})
