/** What Slipway asks of its user because a stranger's server makes it ask: whom to trust, and who may have the account. */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startLab } from '../lab/lab'
import { makeAuthority } from '../lab/certificate'
import { buildImage } from '../lab/oci-image'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { corpus, mixture } from './hostile/corpus'
import { Watch } from './hostile/harm'
import { layoutEntries, plainLayer, writeDockerSave, writeLayout } from './journey/archive-files'
import { dropFiles } from './journey/archives'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { startListener, type Listener } from './journey/listener'
import { call } from './journey/set-up'
import { goTo } from './journey/transfers'

describe('a server that makes Slipway ask', () => {
  const setLab = () => startLab({ display: {} })
  let lab: Awaited<ReturnType<typeof setLab>>
  let userData: TemporaryFolder
  let journey: Journey
  let watch: Watch
  /** Nothing of the window may ever arrive here but what asks its API. */
  let server: Listener
  /** Shows a certificate whose names are hostile. */
  let secure: ReturnType<typeof createServer>

  const add = (name: string, host: string, protocol: 'http' | 'https'): Promise<{ id: string }> =>
    call(journey, 'registry:add', {
      ...{ name, host, protocol, preset: 'other', trust: { kind: 'system' } },
      ...{ publicRole: { namespace: '' }, privateRole: null },
    })

  beforeAll(async () => {
    lab = await setLab()
    userData = temporaryFolder('user-data')
    let realm = ''
    server = await startListener((path, response) => {
      if (!path.startsWith('/v2/')) return response.end()
      const headers = {
        'www-authenticate': `Bearer realm="${realm}",service="x"`,
        'content-type': 'application/json',
      }
      return response.writeHead(401, headers).end('{}')
    })
    const words = corpus(server.host).map(({ text }) => encodeURIComponent(text).slice(0, 300))
    // Another name of this machine is another host; what is asked there without an account looks like the API.
    const own = server.host.replace('127.0.0.1', 'localhost')
    realm = `https://${own}/v2/token/<img src=x onerror=globalThis.hacked=1>/${words.join('/')}`.slice(
      0,
      1800,
    )
    const authority = makeAuthority(userData.path, mixture(server.host, 3000))
    const names = [
      '127.0.0.1',
      ...corpus(server.host).map(({ text }) => Buffer.from(text).toString('latin1').slice(0, 200)),
    ]
    const certificate = authority.issue('server', { names })
    secure = createServer({ cert: readFileSync(certificate.path), key: readFileSync(certificate.keyPath) })
    await new Promise<void>((done) => secure.listen(0, '127.0.0.1', done))
    journey = new Journey({ display: lab.display, userData: userData.path, lang: 'en' })
    await journey.start({ size: { width: 1100, height: 700 } })
    watch = await Watch.begin(journey, server, (path) => path.startsWith('/v2/'))
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey?.close()
    await lab?.stop()
    await server?.stop()
    secure?.closeAllConnections()
    await new Promise((done) => secure.close(done))
    userData?.remove()
  })

  const inBothLanguages = async (place: string, look: () => Promise<unknown>): Promise<void> => {
    for (const [language, theme] of [
      ['zh-CN', 'dark'],
      ['en', 'light'],
    ] as const) {
      await call(journey, 'settings:change', { language, theme })
      await journey.page.locator(`html[lang="${language}"]`).waitFor()
      await look()
      await watch.harmless(`${place}, ${language}`)
    }
  }

  it('shows the names in a certificate as text', async () => {
    const { id } = await add('Secure', `127.0.0.1:${(secure.address() as AddressInfo).port}`, 'https')
    await goTo(journey, 'public', id)
    await journey.page.locator('main [data-testid="error-panel"]').first().waitFor()
    await watch.harmless('a certificate that nobody vouches for')
    await journey.page.locator('main [data-testid="error-next-step"]').first().click()
    await inBothLanguages('the question whom to trust', () => journey.see('certificate-chain'))
    await journey.page.keyboard.press('Escape')
    await journey.gone('certificate-chain')
  })

  it('shows the names in archives, and of their files, as text', async () => {
    // A file's name is bytes; a slash and a zero are what it cannot have, and 255 of them are all.
    const name = `<img src=x onerror=globalThis.hacked=1>\u202egnp.\u2066\u001b[31m\n`
    const names = [...corpus(server.host).map(({ text }) => text.slice(0, 1000)), 'shop/web:1.0']
    const saved = userData.join(`${name}.tar`)
    const layerOf = (index: number): Buffer => plainLayer(`hostile-${index}`, 2000)
    writeDockerSave(
      saved,
      names.map((reference, index) => ({ reference, layers: [layerOf(index)] })),
    )
    const layout = userData.join(`${name}.layout`)
    const images = names.map((reference, index) => ({
      ...{
        reference,
        image: buildImage({ seed: `hostile ${index}`, format: 'oci', layers: [{ size: 1000 }] }),
      },
    }))
    writeLayout(layout, layoutEntries(images), 'folder')
    const { id } = await call(journey, 'registry:add', {
      ...{ name: 'Own', host: '127.0.0.1:1', protocol: 'http', preset: 'other', trust: { kind: 'system' } },
      ...{ publicRole: null, privateRole: { namespace: 'team' } },
    })
    await goTo(journey, 'private', id)
    for (const path of [saved, layout]) {
      await dropFiles(journey, [path], journey.at('nav-private'))
      await journey.see('archive-facts')
      await journey.at('archive-image').first().getByText('script').waitFor()
      expect(await journey.at('archive-image').count()).toBe(names.length)
      await inBothLanguages('what is in an archive', () => journey.see('archive-facts'))
      await journey.click('archive-all')
      await inBothLanguages('an archive that is to be sent whole', () => journey.see('archive-facts'))
      await journey.page.keyboard.press('Escape')
      await journey.gone('composer')
    }
  })

  it('shows the address of a token service as text, and its host whole', async () => {
    const { id } = await add('Realm', server.host, 'http')
    await goTo(journey, 'public', id)
    await journey.page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' })
    await watch.harmless('a registry that lets nobody in')
    await journey.page.evaluate(() => void (location.hash = '#/settings/registries'))
    await journey.at(`registry-${server.host}`).getByTestId('add-account').click()
    await journey.fill('registry-username', 'developer')
    await journey.fill('registry-password', randomBytes(12).toString('hex'))
    await journey.click('session-only')
    await journey.click('sign-in-submit')
    await journey.at('sign-in').getByTestId('error-next-step').click()
    await inBothLanguages('the question who may have the account', () => journey.see('realm-notice'))
    await journey.page.keyboard.press('Escape')
    await journey.gone('realm-notice')
  })
})
